"""One message of a conversation at a time, in the order of arrival (endpoints.yml, ``lock_store``).

Rasa's in-memory lock polls once a second and drops a message that waits for more than a minute: of 50 messages sent
at once most are lost. Its Redis lock reads, changes and writes back without a guard, so that two workers lose or double
messages. This one wakes the next in line at once and drops nothing. Whoever holds it may ask for it again: the gate
holds it around Rasa, which asks for it too.

Within a process the line is an ``asyncio.Lock``; between processes it is PostgreSQL's (bot/storage/process_locks.py).
With SQLite there is one Rasa process.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig

from bot.database.async_store import AsyncStore, shared_store
from bot.settings import Settings
from bot.storage.process_locks import ProcessLocks


class ConversationLocks(LockStore):
    """First come, first served, for each conversation.

    Args:
        endpoint_config: ignored; the database comes from ``DATABASE_URL`` (bot/settings).
        database: if it is not that one.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None, database: AsyncStore | None = None) -> None:
        database = database or shared_store(Settings.read().database_url)
        has_other_processes = database.store.engine.dialect.name == "postgresql"
        self._processes = ProcessLocks(database) if has_other_processes else None
        # A lock lives as long as somebody holds or awaits it. asyncio.Lock is fair.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._holders: dict[str, asyncio.Task[Any] | None] = {}

    @asynccontextmanager
    async def lock(self, conversation_id: str, *_: Any, **__: Any) -> AsyncGenerator[None, None]:
        """Waits for the conversation's turn.

        Raises:
            StoreUnavailable: nobody knows whose turn it is.
        """
        # This very task: one that the holder has started is another, and waits.
        if self._holders.get(conversation_id) is asyncio.current_task():
            yield
            return
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock, self._among_processes(conversation_id):
            self._holders[conversation_id] = asyncio.current_task()
            try:
                yield
            finally:
                del self._holders[conversation_id]

    def _among_processes(self, conversation_id: str) -> AbstractAsyncContextManager[None]:
        return self._processes.lock(conversation_id) if self._processes else nullcontext()
