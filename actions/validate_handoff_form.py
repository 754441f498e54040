"""Leads through a request for a person or an enrollment: what to keep, what to ask, when to let a question through.

Rasa runs it for every message while the form is open, before any rule. It consumes the message (and asks the next step)
or rejects it, so that the rule of the message's intent answers; then Rasa comes back here, and the step is asked again.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import FEW_WORDS, agrees, declines, read
from actions.dependencies import Dependencies, dependencies
from actions.extraction.contact_details import written_in
from actions.extraction.entities import is_question
from actions.last_message import Said, told_before, words_to_forget
from actions.request import (
    CONFIRMED,
    CONSENT,
    FORM,
    PAUSED,
    PREFIX,
    Request,
    empty,
    slots,
)
from bot.domain.alert import ALARMS
from bot.domain.handoff import Kind
from bot.domain.handoff import State as HandoffState
from bot.handoff import services
from bot.privacy.redaction import FORGET

# Messages that the rules answer, whatever is being asked.
ANSWERED_BY_RULES = {"faq", "did_you_mean", "personal_advice", "other_language", "too_long", "empty_message"}
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
REQUESTED = "requested_slot"
TRY_AGAIN = re.compile(r"\b(?:enrol|sign up|register|again)", re.IGNORECASE)


class ValidateHandoffForm(Action):
    """The form's dialogue (domain.yml, ``handoff_form``). What it works with is loaded when the server starts."""

    def __init__(self) -> None:
        self._desk = dependencies()

    def name(self) -> str:
        """As Rasa calls it."""
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """Events: the slots and the next step, the form's end, or a rejection."""
        return Dialogue(self._desk, dispatcher, tracker).go_on()


class Dialogue:
    """One message of the dialogue."""

    def __init__(self, at: Dependencies, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self._desk = at
        self._dispatcher = dispatcher
        self._tracker = tracker
        self._channel = tracker.get_latest_input_channel() or ""
        self._said = Said.in_(tracker)
        self._request = Request.of(tracker)
        self._asked = CONSENT

    def go_on(self) -> list[EventType]:
        """What follows from the last message."""
        request = self._request
        if request.kind is None:
            return self._begin()
        step = (self._tracker.get_slot(REQUESTED) or "").removeprefix(PREFIX)
        if not self._said.fresh:
            # Back from a rule's answer. Nothing may stand beside an emergency's.
            return self._ask(request, PAUSED if self._said.intent in ALARMS else step)
        if step in {PAUSED, ""}:
            step = request.missing(self._channel) or CONFIRMED
        self._asked = step
        if self._said.intent in ALARMS:
            return self._let_through(request)
        if step == CONSENT:
            return self._consent(request)
        if self._said.intent == "cancel":
            return self._end("utter_request_dropped")
        return self._step(request, step)

    def _begin(self) -> list[EventType]:
        standing = services.standing(self._desk.store, self._tracker.sender_id)
        if standing.state in {HandoffState.WAITING, HandoffState.ACTIVE}:
            self._dispatcher.utter_message(response="utter_already_waiting")
            return self._closed()
        kind = Kind.ENROLLMENT if self._said.intent == "enroll" else Kind.HUMAN
        return self._ask(Request(kind), CONSENT)

    def _consent(self, request: Request) -> list[EventType]:
        intent = self._said.intent
        if intent == "cancel" or declines(self._desk.finder, self._said):
            return self._end("utter_consent_refused")
        if agrees(self._desk.finder, self._said):
            told = told_before(self._desk, self._tracker)
            request = request.with_details({"consent": True, **told.found()})
            return self._next(request)
        # An address or a number sounds like "write to me", and is no wish for another kind of request.
        if intent in {"enroll", "human"} and not written_in(self._said.text):
            kind = Kind.ENROLLMENT if intent == "enroll" else Kind.HUMAN
            return self._ask(replace(request, kind=kind), CONSENT)
        if self._is_question() or self._is_long_enough_to_mean_more():
            return self._let_through(request)
        self._dispatcher.utter_message(response="utter_consent_first")
        return self._ask(request, CONSENT)

    def _step(self, request: Request, step: str) -> list[EventType]:
        said = self._said
        if step == CONFIRMED and agrees(self._desk.finder, said):
            return self._next(replace(request, confirmed=True))
        answer = read(self._desk.finder, request, step, said)
        if answer.problem:
            self._dispatcher.utter_message(response=answer.problem)
            return self._ask(answer.request, answer.go_to or step)
        if self._is_question():
            return self._let_through(answer.request)
        if answer.understood:
            request = replace(answer.request, tries=0)
            return self._ask(request, answer.go_to) if answer.go_to else self._next(request)
        if said.intent == "human" and request.kind is Kind.ENROLLMENT:
            return self._next(replace(request, kind=Kind.HUMAN))
        if step == CONFIRMED and declines(self._desk.finder, said):
            self._dispatcher.utter_message(response="utter_ask_change")
            return self._ask(request, PAUSED)
        if said.intent in SMALL_TALK - {"lost", "lost_again"} or self._is_long_enough_to_mean_more():
            return self._let_through(request)
        if said.intent == "enroll" and TRY_AGAIN.search(said.text):
            # After a failure of ours (utter_not_now) the request goes on where it was.
            return self._ask(request, step)
        self._dispatcher.utter_message(response=f"utter_invalid_{step}")
        return self._ask(replace(request, tries=request.tries + 1), step)

    def _is_question(self) -> bool:
        return is_question(self._said.text) and self._said.intent in ANSWERED_BY_RULES | SMALL_TALK

    def _is_long_enough_to_mean_more(self) -> bool:
        # One odd word is an answer that cannot be read; a sentence on a topic is a question.
        return self._said.intent in ANSWERED_BY_RULES and len(self._said.text.split()) > FEW_WORDS

    def _next(self, request: Request) -> list[EventType]:
        step = request.missing(self._channel)
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
        return [*self._closed(), SlotSet(FORGET, words_to_forget(self._desk, self._tracker))]

    def _closed(self) -> list[EventType]:
        return [*empty(self._tracker), SlotSet(REQUESTED, None), ActiveLoop(None)]
