"""Locks that hold among several Rasa processes: PostgreSQL's advisory locks, which end with their holder's connection.

A worker that is killed blocks nobody, and PostgreSQL keeps a line of its own. All locks that nobody else wants are held
on one connection, so that a hundred turns which wait for the action server do not hold a hundred connections; whoever
has to wait for another process does so on one of its own. When that one connection is lost its locks are free: then the
database was away, and none of these turns can be stored anyway.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.database.async_store import AsyncStore
from bot.database.postgresql import milliseconds
from bot.domain.errors import StoreUnavailable

# Who waits for other workers; they have their own threads, for nobody else may wait for them.
MOST_WAITING = 12
# Longer than a turn may take (bot/channels/gate.py).
SECONDS_IN_LINE = 6

_TRY, _WAIT = text("SELECT pg_try_advisory_lock(:number)"), text("SELECT pg_advisory_lock(:number)")
_UNLOCK = text("SELECT pg_advisory_unlock(:number)")


class ProcessLocks:
    """This process's locks; within the process nobody asks for one that is held.

    Args:
        database: on PostgreSQL.
    """

    def __init__(self, database: AsyncStore) -> None:
        self._database = database
        self._connection: Connection | None = None
        # One thread for the one connection: what is asked is done in this order.
        self._session = ThreadPoolExecutor(1, thread_name_prefix="locks")
        self._waiting = ThreadPoolExecutor(MOST_WAITING, thread_name_prefix="locks-waiting")

    @asynccontextmanager
    async def lock(self, conversation: str) -> AsyncIterator[None]:
        """Waits for all other processes.

        Raises:
            StoreUnavailable: the database does not answer, or the line is too long.
        """
        number = _number(conversation)
        if await self._try(number):
            try:
                yield
            finally:
                await self._unlock(number)
        else:
            connection = await self._in_line(number)
            try:
                yield
            finally:
                _end(connection)

    async def _try(self, number: int) -> bool:
        try:
            return await self._database.run(self._ask, _TRY, number, threads=self._session)
        except BaseException:
            # It may be given after all, to somebody who has left.
            self._give_up(number)
            raise

    async def _unlock(self, number: int) -> None:
        try:
            await self._database.run(self._ask, _UNLOCK, number, threads=self._session)
        except StoreUnavailable:
            self._session.submit(self._end_session)
        except BaseException:
            self._give_up(number)
            raise

    def _give_up(self, number: int) -> None:
        if self._database.is_away:
            self._session.submit(self._end_session)
        else:
            self._session.submit(self._ask, _UNLOCK, number)

    async def _in_line(self, number: int) -> Connection:
        engine = self._database.store.engine
        acquiring = asyncio.get_running_loop().run_in_executor(self._waiting, _wait_in_line, engine, number)
        try:
            return await asyncio.shield(acquiring)
        except asyncio.CancelledError:
            # Whoever sent the message has left. The thread goes on waiting: what it gets is given back.
            acquiring.add_done_callback(_give_back)
            raise

    def _ask(self, statement: Any, number: int) -> bool:
        try:
            if self._connection is None:
                # Not in a transaction: it would stay open, idle, for as long as the turn takes.
                engine = self._database.store.engine
                self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return bool(self._connection.execute(statement, {"number": number}).scalar())
        except SQLAlchemyError as error:
            self._end_session()
            raise StoreUnavailable("The database does not answer.") from error

    def _end_session(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            _end(connection)


def _number(conversation: str) -> int:
    """PostgreSQL names locks by numbers of 64 bits."""
    return int.from_bytes(hashlib.blake2b(conversation.encode(), digest_size=8).digest(), "big", signed=True)


def _wait_in_line(engine: Engine, number: int) -> Connection:
    try:
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    except SQLAlchemyError as error:
        raise StoreUnavailable("The database does not answer.") from error
    try:
        # This wait is for another worker's turn, and not for the database.
        psycopg2_connection: Any = connection.connection.dbapi_connection
        psycopg2_connection.patience = SECONDS_IN_LINE + 1
        for limit in ("statement_timeout", "lock_timeout"):
            connection.exec_driver_sql(f"SET {limit} = {milliseconds(SECONDS_IN_LINE)}")
        connection.execute(_WAIT, {"number": number})
    except SQLAlchemyError as error:
        _end(connection)
        raise StoreUnavailable("Another worker's turn does not end.") from error
    return connection


def _give_back(acquired: "asyncio.Future[Connection]") -> None:
    # Without a connection there is no lock either.
    if not acquired.cancelled() and acquired.exception() is None:
        _end(acquired.result())


def _end(connection: Connection) -> None:
    # The end of the connection frees its locks, and waits for nothing.
    with suppress(SQLAlchemyError):
        connection.invalidate()
        connection.close()
