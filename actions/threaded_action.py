"""An action that works in a thread: what one visitor's message takes holds up nobody else's."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.dependencies import Dependencies, dependencies

# Shorter than a turn (bot/channels/gate.py): whoever waits longer hears that it does not work now. The thread goes on
# to its end, which is bounded: by the database's own limits, and by how much of a text is read (extraction/bounds.py).
SECONDS_FOR_AN_ACTION = 2.0


class ThreadedAction(Action, ABC):
    """An action whose ``act`` may ask the database and the language model, off the server's event loop."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """What ``act`` returns.

        Raises:
            asyncio.TimeoutError: after SECONDS_FOR_AN_ACTION.
        """
        acting = asyncio.to_thread(self.act, dependencies(), dispatcher, tracker)
        return await asyncio.wait_for(acting, SECONDS_FOR_AN_ACTION)

    @abstractmethod
    def act(self, dependencies: Dependencies, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Does the work.

        Args:
            dependencies: what it works with.
            dispatcher: takes the responses that are said.
            tracker: the conversation.

        Returns:
            Events for Rasa.
        """
