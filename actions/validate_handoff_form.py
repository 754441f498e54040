"""Leads through a request for a person or an enrollment: what to keep, what to ask, when to let a question through.

Rasa runs it for every message while the form is open, before any rule. It consumes the message (and asks the next step)
or rejects it, so that the rule of the message's intent answers; then Rasa comes back here, and the step is asked again.
"""

import re
from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import FEW_WORDS, agrees, declines, insists_on_person, read, wants_to_stop, wished_kind
from actions.dependencies import Dependencies
from actions.extraction.entities import is_question
from actions.last_message import (
    Said,
    can_be_answered_here,
    is_answered,
    language_of,
    last_message,
    missed_messages,
    told_before,
    words_to_forget,
)
from actions.request import (
    ASIDES,
    CANCEL,
    CHANGE,
    CONFIRMED,
    CONSENT,
    FORM,
    PAUSED,
    PERSON,
    PREFIX,
    Request,
    empty,
    slots,
)
from actions.threaded_action import ThreadedAction
from bot.content.length import count_words
from bot.domain.alert import ALARMS
from bot.domain.handoff import Kind
from bot.domain.handoff import State as HandoffState
from bot.handoff import services
from bot.privacy.redaction import FORGET

# Messages that the rules answer, whatever is being asked.
ANSWERED_BY_RULES = {
    "faq",
    "did_you_mean",
    "personal_advice",
    "other_language",
    "language_chosen",
    "too_long",
    "empty_message",
}
# These too, where they do not answer the step.
SMALL_TALK = {
    "greet",
    "thank",
    "goodbye",
    "bot_identity",
    "capabilities",
    "data_privacy",
    "feelings",
    "chitchat",
    "lost",
    "lost_again",
}
# However short, it is nobody's name.
LANGUAGE_CHOSEN = "language_chosen"
REQUESTED = "requested_slot"
TRY_AGAIN = re.compile(r"\b(?:enrol|sign up|register|again)", re.IGNORECASE)


class ValidateHandoffForm(ThreadedAction):
    """The form's dialogue (domain.yml, ``handoff_form``)."""

    def name(self) -> str:
        """As Rasa calls it."""
        return f"validate_{FORM}"

    def act(self, dependencies: Dependencies, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Events: the slots and the next step, the form's end, or a rejection."""
        return Dialogue(dependencies, dispatcher, tracker).go_on()


class Dialogue:
    """One message of the dialogue."""

    def __init__(self, dependencies: Dependencies, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self._dependencies = dependencies
        self._extractor = dependencies.extractor.in_language(language_of(tracker))
        self._dispatcher = dispatcher
        self._tracker = tracker
        self._answered_here = can_be_answered_here(tracker)
        self._said = last_message(tracker)
        self._missed = [said for said in missed_messages(tracker) if not _is_more_than_an_answer(said)]
        self._request = Request.of(tracker)
        self._asked = CONSENT

    def go_on(self) -> list[EventType]:
        """What follows from the last message."""
        if self._request.kind is None:
            return self._begin()
        step = (self._tracker.get_slot(REQUESTED) or "").removeprefix(PREFIX)
        if is_answered(self._tracker):
            # Back from a rule's answer. Nothing may stand beside an emergency's.
            return self._ask(self._request, PAUSED if self._said.intent in ALARMS else step)
        if not step:
            # It was complete, and could not be passed on then.
            return self._next(self._request)
        self._asked = self._step_after(self._request) if step in {*ASIDES, PAUSED} else step
        if self._said.intent in ALARMS:
            return self._let_through(self._request)
        return self._aside(step) if step in ASIDES else self._answer()

    def _begin(self) -> list[EventType]:
        standing = services.standing(self._dependencies.store, self._tracker.sender_id)
        if standing.state in {HandoffState.WAITING, HandoffState.ACTIVE}:
            self._dispatcher.utter_message(response="utter_already_waiting")
            return self._closed()
        kind = Kind.ENROLLMENT if self._said.intent == "enroll" else Kind.HUMAN
        return self._ask(Request(kind), CONSENT)

    def _aside(self, aside: str) -> list[EventType]:
        """An answer to what was asked beside the steps; else it answers the step that was put off."""
        said, request = self._said, self._request
        agreed = agrees(self._extractor, said)
        if aside == CANCEL and (agreed or wants_to_stop(self._extractor, said)):
            return self._end("utter_request_dropped")
        if aside == PERSON and (agreed or insists_on_person(self._extractor, said)):
            return self._next(replace(request, kind=Kind.HUMAN))
        if agreed or declines(self._extractor, said):
            return self._ask(request, self._asked)
        return self._answer()

    def _answer(self) -> list[EventType]:
        said = self._said
        if said.intent == LANGUAGE_CHOSEN:
            return self._let_through(self._request)
        if self._asked == CONSENT:
            return self._consent(self._request)
        if wants_to_stop(self._extractor, said):
            return self._end("utter_request_dropped")
        if said.intent == "cancel":
            # It may only look like it, and what was told would be gone.
            return self._ask(self._request, CANCEL)
        request = self._with_missed()
        if request != self._request:
            return self._after_missed(request)
        if self._asked == CONFIRMED and agrees(self._extractor, said):
            return self._next(replace(request, confirmed=True))
        return self._step(request)

    def _consent(self, request: Request) -> list[EventType]:
        said = self._said
        if wants_to_stop(self._extractor, said) or declines(self._extractor, said):
            return self._end("utter_consent_refused")
        if agrees(self._extractor, said) or (self._agreed_meanwhile() and not self._is_question()):
            told = told_before(self._dependencies, self._tracker)
            return self._next(request.with_details({"consent": True, **told.found()}))
        if kind := wished_kind(said):
            return self._ask(replace(request, kind=kind), CONSENT)
        if self._is_question() or _is_more_than_an_answer(said):
            return self._let_through(request)
        self._dispatcher.utter_message(response="utter_consent_first")
        return self._ask(request, CONSENT)

    def _agreed_meanwhile(self) -> bool:
        """Whether the last yes or no of what was missed was a yes."""
        meant = [(agrees(self._extractor, said), declines(self._extractor, said)) for said in self._missed]
        return next((yes for yes, no in reversed(meant) if yes or no), False)

    def _with_missed(self) -> Request:
        """The request with what was said while nobody read it: the first that answers the step, and all details."""
        request = self._request
        for said in self._missed:
            step = self._asked if request == self._request else CONFIRMED
            request = read(self._extractor, request, step, said).request
        return request

    def _after_missed(self, request: Request) -> list[EventType]:
        """The last message where the step is answered already: it may add, correct or ask."""
        answer = read(self._extractor, request, CONFIRMED, self._said)
        self._asked = answer.go_to or self._step_after(answer.request)
        if self._is_question():
            return self._let_through(answer.request)
        return self._digression(answer.request) or self._ask(answer.request, self._asked)

    def _step(self, request: Request) -> list[EventType]:
        said = self._said
        answer = read(self._extractor, request, self._asked, said)
        if answer.problem:
            self._dispatcher.utter_message(response=answer.problem)
            return self._ask(answer.request, answer.go_to or self._asked)
        if self._is_question():
            return self._let_through(answer.request)
        if answer.understood:
            request = replace(answer.request, tries=0)
            return self._ask(request, answer.go_to) if answer.go_to else self._next(request)
        if self._asked == CONFIRMED and declines(self._extractor, said):
            return self._ask(request, CHANGE)
        return self._digression(request) or self._not_understood(request)

    def _digression(self, request: Request) -> list[EventType] | None:
        """What follows from a message that is about something else; None if it is not."""
        said = self._said
        if wished_kind(said) is Kind.HUMAN and request.kind is Kind.ENROLLMENT:
            # "What do you mean?" may sound like it: nothing is passed on before the visitor has said yes.
            return self._ask(request, PERSON)
        if said.intent in SMALL_TALK - {"lost", "lost_again"} or _is_more_than_an_answer(said):
            return self._let_through(request)
        return None

    def _not_understood(self, request: Request) -> list[EventType]:
        if self._said.intent == "enroll" and TRY_AGAIN.search(self._said.text):
            # After a failure of ours (utter_not_now) the request goes on where it was.
            return self._ask(request, self._asked)
        self._dispatcher.utter_message(response=f"utter_invalid_{self._asked}")
        return self._ask(replace(request, tries=request.tries + 1), self._asked)

    def _is_question(self) -> bool:
        return is_question(self._said.text) and self._said.intent in ANSWERED_BY_RULES | SMALL_TALK

    def _step_after(self, request: Request) -> str:
        return request.missing(self._answered_here) or CONFIRMED

    def _next(self, request: Request) -> list[EventType]:
        step = request.missing(self._answered_here)
        if step is None:
            return [*slots(replace(request, confirmed=True), self._tracker), SlotSet(REQUESTED, None)]
        return self._ask(request, step)

    def _ask(self, request: Request, step: str) -> list[EventType]:
        return [*slots(request, self._tracker), SlotSet(REQUESTED, PREFIX + step)]

    def _let_through(self, request: Request) -> list[EventType]:
        return [*slots(request, self._tracker), SlotSet(REQUESTED, PREFIX + self._asked), ActionExecutionRejected(FORM)]

    def _end(self, response: str) -> list[EventType]:
        """Nothing stays behind: not in slots, and not in the transcript."""
        self._dispatcher.utter_message(response=response)
        return [*self._closed(), SlotSet(FORGET, words_to_forget(self._dependencies, self._tracker))]

    def _closed(self) -> list[EventType]:
        return [*empty(self._tracker), SlotSet(REQUESTED, None), ActiveLoop(None)]


def _is_more_than_an_answer(said: Said) -> bool:
    # One odd word is an answer that cannot be read; a sentence on a topic is a question.
    return said.intent in ANSWERED_BY_RULES and count_words(said.text) > FEW_WORDS
