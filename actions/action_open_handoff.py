"""Puts a confirmed request into the staff's queue and tells the visitor what happens next."""

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import Dependencies
from actions.last_message import can_be_answered_here
from actions.request import Request, empty
from actions.threaded_action import ThreadedAction
from bot.handoff import services

# "Monday 7 December, 09:00 CET".
OPENING = "%A %-d %B, %H:%M %Z"


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
        at = dependencies.now()
        services.open_handoff(
            dependencies.store,
            tracker.sender_id,
            tracker.get_latest_input_channel() or "",
            request.kind,
            request.to_contact(at),
            at,
            language=tracker.get_slot("language") or "en",
        )
        opening = dependencies.hours.next_opening(at)
        if opening is None:
            dispatcher.utter_message(response="utter_handoff_waiting")
        else:
            # By the staff's clocks: the zone is written beside it.
            local = opening.astimezone(dependencies.hours.zone)
            dispatcher.utter_message(response="utter_handoff_waiting_closed", opening=local.strftime(OPENING))
        return empty(tracker)
