"""The visitor rates the conversation with staff, 1 to 5."""

import re

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import Dependencies
from actions.threaded_action import ThreadedAction
from bot.handoff import services


class RateHandoff(ThreadedAction):
    """Keeps the rating of the last handoff."""

    def name(self) -> str:
        """As Rasa calls it."""
        return "action_rate_handoff"

    def act(self, dependencies: Dependencies, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """No events."""
        number = re.search(r"[1-5]", tracker.latest_message.get("text") or "")
        rated = number and services.rate(dependencies.store, tracker.sender_id, int(number.group()), dependencies.now())
        dispatcher.utter_message(response="utter_thanks_for_rating" if rated else "utter_nothing_to_rate")
        return []
