"""The request dialogue for tests: a visitor's messages through the real form logic, with a real store and no server."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import Dependencies
from actions.extraction.extractor import Extractor
from actions.request import FORM, PREFIX
from actions.threaded_action import ThreadedAction
from actions.validate_handoff_form import REQUESTED, Dialogue
from bot.database.tables import contacts
from bot.database.unit_of_work import Store
from bot.domain.business_hours import Hours
from bot.domain.reply import CARRIES_REPLIES
from tests.handoffs import NOON
from tests.said import visitor_says

VISITOR = "rest-1"


@cache
def extractor() -> Extractor:
    """With spaCy's model, loaded once for all tests."""
    return Extractor.load()


def dependencies_on(store: Store, hours: Hours | None = None) -> Dependencies:
    """The actions' collaborators at noon; staff are always there unless ``hours`` says otherwise."""
    return Dependencies(store, extractor(), hours or Hours((), NOON.tzinfo), lambda: NOON)  # type: ignore[arg-type]


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
        answered_here: the visitor writes through a channel that carries staff's replies.
    """

    def __init__(self, dependencies: Dependencies, answered_here: bool = True) -> None:
        self.slots: dict[str, Any] = {}
        self.dependencies = dependencies
        self._metadata = {CARRIES_REPLIES: True} if answered_here else {}
        self._events: list[dict[str, Any]] = []
        self._last: dict[str, Any] = {}

    def say(self, text: str, intent: str = "lost") -> Turn:
        """The visitor writes; what the form makes of it. After an answer by a rule it is asked once more."""
        self.hears(text, intent)
        turn = self._asked()
        if turn.passed_on:
            self.bot_says("utter_faq")
            back = self._asked()
            turn = Turn([*turn.said, *back.said], back.asks, passed_on=True)
        visitor_says(self.dependencies.store, VISITOR, text)
        return turn

    def say_unheard(self, text: str, intent: str = "lost") -> None:
        """The visitor writes while the action server is away."""
        self.hears(text, intent)
        self.bot_says("utter_not_now")
        visitor_says(self.dependencies.store, VISITOR, text)

    def bot_says(self, response: str) -> None:
        """The bot has said a response."""
        self._events.append({"event": "bot", "text": "words", "metadata": {"utter_action": response}})

    def run(self, action: ThreadedAction) -> tuple[list[dict[str, Any]], str]:
        """Events of an action after the last message, and the response that it says."""
        dispatcher = CollectingDispatcher()
        events = action.act(self.dependencies, dispatcher, self.tracker())
        response = " ".join(message["response"] for message in dispatcher.messages)
        if response:
            self.bot_says(response)
        return events, response

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

    def hears(self, text: str, intent: str) -> None:
        """The visitor has said something, and nothing has come of it yet."""
        self._last = {"text": text, "intent": {"name": intent}}
        said = {"event": "user", "text": text, "parse_data": self._last, "metadata": self._metadata}
        self._events.append({**said, "input_channel": "rest"})

    def _asked(self) -> Turn:
        dispatcher = CollectingDispatcher()
        events = Dialogue(self.dependencies, dispatcher, self.tracker()).go_on()
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
