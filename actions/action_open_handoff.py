"""Puts a confirmed request into the staff's queue and tells the visitor what happens next."""

from datetime import datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import Dependencies
from actions.last_message import can_be_answered_here, language_of
from actions.request import Request, empty
from actions.threaded_action import ThreadedAction
from bot.content.languages import ENGLISH
from bot.handoff import services

# "Monday 7 December, 09:00 CET", in the visitor's language (babel's letters).
OPENING = "EEEE d MMMM, HH:mm"


class OpenHandoff(ThreadedAction):
    """Runs when the form has ended, for whatever reason; opens a handoff if the request is complete and confirmed."""

    def name(self) -> str:
        """As Rasa calls it."""
        return "action_open_handoff"

    def act(self, dependencies: Dependencies, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Events: the slots are emptied; the handoff has what they held."""
        request = Request.of(tracker)
        if request.kind is None or not request.confirmed or request.missing(can_be_answered_here(tracker)):
            return empty(tracker)
        at, language = dependencies.now(), language_of(tracker) or ENGLISH
        services.open_handoff(
            dependencies.store,
            tracker.sender_id,
            tracker.get_latest_input_channel() or "",
            request.kind,
            request.to_contact(at),
            at,
            language=language,
        )
        opening = dependencies.hours.next_opening(at)
        if opening is None:
            dispatcher.utter_message(response="utter_handoff_waiting")
        else:
            # By the staff's clocks: the zone is written beside it.
            local = opening.astimezone(dependencies.hours.zone)
            dispatcher.utter_message(response="utter_handoff_waiting_closed", opening=_in_words(local, language))
        return empty(tracker)


def _in_words(at: datetime, language: str) -> str:
    try:
        locale = Locale(language)
    except UnknownLocaleError:
        locale = Locale(ENGLISH)
    return f"{format_datetime(at, OPENING, locale=locale)} {at:%Z}"
