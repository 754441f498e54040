"""One message of a conversation at a time, in the order of arrival (endpoints.yml, ``lock_store``).

Rasa's in-memory lock polls once a second and drops a message that waits for more than a minute: of 50 messages sent
at once most are lost. This one wakes the next in line at once and drops nothing. It holds within one process; several
processes need a lock in the database or Redis.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig


class ConversationLocks(LockStore):
    """First come, first served, for each conversation."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        # A lock lives as long as somebody holds or awaits it. asyncio.Lock is fair.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(self, conversation_id: str, *_: Any, **__: Any) -> AsyncGenerator[asyncio.Lock, None]:
        """Waits for the conversation's turn."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            yield lock
