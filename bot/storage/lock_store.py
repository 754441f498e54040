"""One message of a conversation at a time, in the order of arrival (endpoints.yml, ``lock_store``).

Rasa's in-memory lock polls once a second and drops a message that waits for more than a minute: of 50 messages sent
at once most are lost. This one wakes the next in line at once and drops nothing. Whoever holds it may ask for it again:
the gate holds it around Rasa, which asks for it too. It holds within one process; several processes need a lock in the
database or Redis.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig

# What this task holds already. Not state of the module: each task has its own.
_held: ContextVar[frozenset[str]] = ContextVar("held_conversations", default=frozenset())


class ConversationLocks(LockStore):
    """First come, first served, for each conversation."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        # A lock lives as long as somebody holds or awaits it. asyncio.Lock is fair.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(self, conversation_id: str, *_: Any, **__: Any) -> AsyncGenerator[None, None]:
        """Waits for the conversation's turn."""
        if conversation_id in _held.get():
            yield
            return
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            token = _held.set(_held.get() | {conversation_id})
            try:
                yield
            finally:
                _held.reset(token)
