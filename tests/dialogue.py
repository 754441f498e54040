"""The request dialogue for tests: a visitor's messages through the real form logic, with a real store and no server."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import Dependencies
from actions.extraction.extractor import Extractor
from actions.last_message import Said
from actions.request import FORM, PREFIX
from actions.validate_handoff_form import REQUESTED, Dialogue
from bot.database.tables import contacts
from bot.database.unit_of_work import Store
from bot.domain.business_hours import Hours
from tests.handoffs import NOON
from tests.said import visitor_says

VISITOR = "rest-1"


@cache
def finder() -> Extractor:
    """With spaCy's model, loaded once for all tests."""
    return Extractor.load()


@dataclass(frozen=True)
class TestDesk(Dependencies):
    """The actions' collaborators at a fixed time."""

    __test__ = False

    @staticmethod
    def now() -> datetime:
        """Always noon."""
        return NOON


def desk_at(store: Store, hours: Hours | None = None) -> TestDesk:
    """A dependencies on this store; staff are always there unless ``hours`` says otherwise."""
    return TestDesk(store, finder(), hours or Hours((), NOON.tzinfo))  # type: ignore[arg-type]


def said(text: str, intent: str = "lost") -> Said:
    """A message that waits for an answer."""
    return Said(text, intent, fresh=True)


@dataclass
class Turn:
    """What came of a message.

    Attributes:
        said: names of the responses that were said before the next step is asked.
        asks: the step that is asked, if the form goes on.
        passed_on: whether the rule of the message's intent answers instead.
        ended: whether the form is closed; ``done`` when everything is there and confirmed.
        forgets: words that are taken out of the transcript.
    """

    said: list[str]
    asks: str | None = None
    passed_on: bool = False
    ended: bool = False
    done: bool = False
    forgets: list[str] = field(default_factory=list)


class Talk:
    """A conversation in which the form is asked for each message; keeps slots and transcript as Rasa does.

    Args:
        dependencies: of the actions.
        channel: that the visitor writes through.
    """

    def __init__(self, dependencies: Dependencies, channel: str = "rest") -> None:
        self.slots: dict[str, Any] = {}
        self._desk = dependencies
        self._channel = channel
        self._events: list[dict[str, Any]] = []
        self._last: dict[str, Any] = {}

    def say(self, text: str, intent: str = "lost") -> Turn:
        """The visitor writes; what the form makes of it. After an answer by a rule it is asked once more."""
        self._last = {"text": text, "intent": {"name": intent}}
        self._events.append({"event": "user", "text": text, "input_channel": self._channel})
        turn = self._asked()
        if turn.passed_on:
            self._events.append({"event": "bot", "text": "an answer"})
            back = self._asked()
            turn = Turn([*turn.said, *back.said], back.asks, passed_on=True)
        visitor_says(self._desk.store, VISITOR, text)
        return turn

    def details(self) -> dict[str, Any]:
        """What the form knows, by the step's name; without what is not known."""
        names = {name: name.removeprefix(PREFIX) for name in self.slots if name.startswith(PREFIX)}
        hidden = {"kind", "consent", "contact", "confirmed", "tries", "forget"}
        return {
            short: self.slots[name]
            for name, short in names.items()
            if self.slots[name] is not None and short not in hidden
        }

    def tracker(self) -> Tracker:
        """The conversation as an action sees it."""
        return Tracker(VISITOR, dict(self.slots), self._last, list(self._events), False, None, {"name": FORM}, None)

    def _asked(self) -> Turn:
        dispatcher = CollectingDispatcher()
        events = Dialogue(self._desk, dispatcher, self.tracker()).go_on()
        self._events += events
        changes = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        self.slots |= changes
        closed = {"event": "active_loop", "timestamp": None, "name": None} in events
        step = changes.get(REQUESTED)
        return Turn(
            [message["response"] for message in dispatcher.messages],
            step.removeprefix(PREFIX) if step else None,
            passed_on=any(event["event"] == "action_execution_rejected" for event in events),
            ended=closed,
            done=step is None and not closed and bool(self.slots.get(f"{PREFIX}confirmed")),
            forgets=changes.get(f"{PREFIX}forget") or [],
        )


def kept_contacts(store: Store) -> list[dict[str, Any]]:
    """All contact cards in the database, without what is empty."""
    with store.reading() as work:
        rows = work.execute(sa.select(contacts)).mappings().all()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


# Answers to the steps of an enrollment, up to the contact; and most of them in one message.
ANSWERS = ("my mother", "Maria Quispe", "Peru", "AML", "maria@example.org")
EVERYTHING = "call me on +44 20 7946 0000, I'm Maria from Peru, my mother has AML"


def at_step(talk: Talk, *answers: str) -> str | None:
    """Agrees to an enrollment and answers; the step that is asked then."""
    talk.say("I want to enroll", "enroll")
    turn = talk.say("Yes, I agree", "affirm")
    for text in answers:
        turn = talk.say(text)
    return turn.asks
