"""The visitor rates the conversation with staff, 1 to 5."""

import re
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import dependencies
from bot.handoff import services


class RateHandoff(Action):
    """Keeps the rating of the last handoff."""

    def name(self) -> str:
        """As Rasa calls it."""
        return "action_rate_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """No events."""
        number = re.search(r"[1-5]", tracker.latest_message.get("text") or "")
        rated = number and services.rate(
            dependencies().store, tracker.sender_id, int(number.group()), dependencies().now()
        )
        dispatcher.utter_message(response="utter_thanks_for_rating" if rated else "utter_nothing_to_rate")
        return []
