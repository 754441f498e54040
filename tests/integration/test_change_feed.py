"""What has changed: told once to each reader, whatever order transactions end in, and woken in any process."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
import sqlalchemy as sa

from bot.conversation.change_feed import LOOK_BACK, ChangeFeed
from bot.conversation.live_updates import SECONDS_BETWEEN_LOOKS, LiveUpdates
from bot.conversation.transcript import Speaker
from bot.conversation.typing_indicator import mark_typing, who_is_typing
from bot.database import tables
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.handoff import services
from tests.handoffs import NOON, at_once, member, waiting


def event(conversation: str) -> dict[str, str]:
    return {"sender_id": conversation, "type_name": "user", "data": json.dumps({"event": "user", "text": "Hello"})}


def said(store: Store, *conversations: str) -> None:
    with store.work() as work:
        work.execute(tables.events.insert(), [event(conversation) for conversation in conversations])
        work.commit()


def erased(store: Store, conversation: str) -> None:
    with store.work() as work:
        work.execute(sa.delete(tables.events).where(tables.events.c.sender_id == conversation))
        work.commit()


@pytest.fixture
def feed(store: Store) -> ChangeFeed:
    said(store, "before")
    feed = ChangeFeed(store)
    assert feed.changed() == set(), "what was there before is no change"
    return feed


def test_each_change_is_told_once(store: Store, feed: ChangeFeed) -> None:
    said(store, "web-1", "web-2", "web-1")
    assert feed.changed() == {"web-1", "web-2"}
    assert feed.changed() == set()
    said(store, "web-1")
    assert feed.changed() == {"web-1"}


def test_a_change_without_a_word_is_a_change(store: Store, feed: ChangeFeed) -> None:
    handoff_id = waiting(store, "web-1")
    assert feed.changed() == {"web-1"}
    services.take(store, handoff_id, member(store), NOON)
    assert feed.changed() == {"web-1"}
    assert feed.changed() == set()


def test_every_reader_is_told(store: Store, feed: ChangeFeed) -> None:
    other = ChangeFeed(store)
    other.changed()
    said(store, "web-1")
    assert feed.changed() == other.changed() == {"web-1"}


def test_an_empty_database_is_no_obstacle(store: Store) -> None:
    feed = ChangeFeed(store)
    assert feed.changed() == set()
    said(store, "web-1")
    assert feed.changed() == {"web-1"}


def test_more_changes_at_once_than_it_looks_back(store: Store, feed: ChangeFeed) -> None:
    said(store, *(f"web-{number}" for number in range(3 * LOOK_BACK)))
    assert len(feed.changed()) == 3 * LOOK_BACK
    assert feed.changed() == set()


def test_what_follows_an_erasure_is_told(store: Store, feed: ChangeFeed) -> None:
    said(store, *["web-1"] * (2 * LOOK_BACK))
    feed.changed()
    erased(store, "web-1")
    feed.changed()
    said(store, "web-2")
    assert feed.changed() >= {"web-2"}
    feed.changed()
    assert feed.changed() == set()


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[Store]:
    """PostgreSQL, where transactions overlap."""
    store = Store.open(postgres_url)
    yield store
    store.engine.dispose()


def test_a_transaction_that_ends_late_is_told_all_the_same(on_postgres: Store) -> None:
    feed = ChangeFeed(on_postgres)
    feed.changed()
    with on_postgres.work() as slow:
        slow.execute(tables.events.insert(), [event("slow")])
        said(on_postgres, "quick")
        assert feed.changed() == {"quick"}
        slow.commit()
    assert feed.changed() == {"slow"}
    assert feed.changed() == set()


def test_who_types_is_seen_for_some_seconds(store: Store) -> None:
    for _ in range(2):
        mark_typing(store, "web-1", Speaker.STAFF, NOON)
    assert who_is_typing(store, NOON) == {("web-1", Speaker.STAFF)}
    assert who_is_typing(store, NOON, "web-2") == set()
    assert who_is_typing(store, NOON.replace(minute=1)) == set()


def test_typing_in_two_tabs_at_once_disturbs_nobody(store: Store) -> None:
    results = at_once([lambda: mark_typing(store, "web-1", Speaker.VISITOR, NOON)] * 6)
    assert results == [None] * 6


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[LiveUpdates]:
    live = LiveUpdates(AsyncStore(store), lambda: NOON)
    task = asyncio.create_task(live.run())
    yield live
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def woken(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), 60)
    event.clear()


def test_whoever_watches_is_woken_and_nobody_else(store: Store) -> None:
    async def watch() -> None:
        async with running(store) as live:
            with live.watching("web-1") as mine, live.watching("web-2") as theirs, live.watching() as any_of_them:
                # At first nobody knows what has happened before anybody watched.
                for event in (mine, theirs, any_of_them):
                    await woken(event)
                await asyncio.to_thread(said, store, "web-1")
                await woken(mine)
                assert any_of_them.is_set()
                assert not theirs.is_set()
                await asyncio.to_thread(mark_typing, store, "web-2", Speaker.VISITOR, NOON)
                await woken(theirs)

    asyncio.run(watch())


def test_while_nobody_watches_the_database_is_not_asked_and_nothing_is_missed(store: Store) -> None:
    asked: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))

    async def watch() -> None:
        async with running(store) as live:
            with live.watching("web-1") as mine:
                await woken(mine)
            await asyncio.to_thread(said, store, "web-1")
            # A look that was under way may end.
            await asyncio.sleep(2 * SECONDS_BETWEEN_LOOKS)
            asked.clear()
            await asyncio.sleep(5 * SECONDS_BETWEEN_LOOKS)
            assert asked == []
            with live.watching("web-1") as mine:
                await woken(mine)
                await asyncio.to_thread(said, store, "web-1")
                await woken(mine)

    asyncio.run(watch())
