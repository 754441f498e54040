"""One message of a conversation at a time, in the order of arrival (endpoints.yml, ``lock_store``).

Rasa's in-memory lock polls once a second and drops a message that waits for more than a minute: of 50 messages sent
at once most are lost. Its Redis lock reads, changes and writes back without a guard, so that two workers lose or double
messages. This one wakes the next in line at once and drops nothing. Whoever holds it may ask for it again: the gate
holds it around Rasa, which asks for it too.

Within a process the line is an ``asyncio.Lock``. Between processes it is an advisory lock of PostgreSQL, which keeps a
line of its own and ends with its holder's connection: a worker that is killed blocks nobody. With SQLite there is one
Rasa process.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from bot.database.engine import connect
from bot.settings import Settings

# Less than the connections that a process may have (bot/database/engine.py).
MOST_WAITING = 12


class ConversationLocks(LockStore):
    """First come, first served, for each conversation.

    Args:
        endpoint_config: ignored; the database comes from ``DATABASE_URL`` (bot/settings.py).
        engine: of the database, if it is not that one.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None, engine: Engine | None = None) -> None:
        self._engine = engine or connect(Settings.read().database_url)
        # Threads of its own, so that nothing else waits for those that wait for another worker.
        self._waiting = ThreadPoolExecutor(MOST_WAITING, thread_name_prefix="conversation-lock")
        # A lock lives as long as somebody holds or awaits it. asyncio.Lock is fair.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._holders: dict[str, asyncio.Task[Any] | None] = {}

    @asynccontextmanager
    async def lock(self, conversation_id: str, *_: Any, **__: Any) -> AsyncGenerator[None, None]:
        """Waits for the conversation's turn."""
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

    @asynccontextmanager
    async def _among_processes(self, conversation_id: str) -> AsyncIterator[None]:
        if self._engine.dialect.name != "postgresql":
            yield
            return
        number = _number(conversation_id)
        acquiring = asyncio.get_running_loop().run_in_executor(self._waiting, _acquire, self._engine, number)
        try:
            connection = await asyncio.shield(acquiring)
        except asyncio.CancelledError:
            # Whoever sent the message has left. The thread goes on waiting: what it gets is given back.
            acquiring.add_done_callback(partial(_give_back, number=number))
            raise
        try:
            yield
        finally:
            # Here and now: were it to wait for a thread that waits for another worker's lock, both could wait forever.
            _release(connection, number)


def _number(conversation_id: str) -> int:
    """PostgreSQL names locks by numbers of 64 bits."""
    return int.from_bytes(hashlib.blake2b(conversation_id.encode(), digest_size=8).digest(), "big", signed=True)


def _acquire(engine: Engine, number: int) -> Connection:
    connection = engine.connect()
    try:
        # Not in a transaction: it would stay open, idle, for as long as the turn takes.
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": number})
    except BaseException:
        connection.invalidate()
        connection.close()
        raise
    return connection


def _give_back(acquired: asyncio.Future[Connection], number: int) -> None:
    # Without a connection there is no lock either.
    if not acquired.cancelled() and acquired.exception() is None:
        _release(acquired.result(), number)


def _release(connection: Connection, number: int) -> None:
    try:
        connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
    except BaseException:
        # Whatever is wrong with the connection, its end frees the lock.
        connection.invalidate()
        raise
    finally:
        connection.close()
