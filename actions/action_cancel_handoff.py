"""The visitor no longer wants to be contacted."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import dependencies
from actions.last_message import words_to_forget
from bot.domain.handoff import State
from bot.handoff import services
from bot.privacy.redaction import FORGET


class CancelHandoff(Action):
    """Cancels a waiting handoff and erases its contact details; says so if there is none."""

    def name(self) -> str:
        """As Rasa calls it."""
        return "action_cancel_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """Events: the contact details are forgotten in the transcript too."""
        store, conversation = dependencies().store, tracker.sender_id
        # Cancelled already: what came of it may not have reached Rasa, and then the words are still there.
        cancelled = services.cancel(store, conversation, dependencies().now()) or (
            services.standing(store, conversation).state is State.CANCELLED
        )
        dispatcher.utter_message(response="utter_request_cancelled" if cancelled else "utter_cancel")
        return [SlotSet(FORGET, words_to_forget(dependencies(), tracker))] if cancelled else []
