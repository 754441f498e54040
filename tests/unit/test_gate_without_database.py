"""What visitors hear while nothing can be stored, or a turn does not end; and what staff hear afterwards."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager

import pytest
import sqlalchemy as sa
from rasa.core.channels.channel import UserMessage

from bot.channels import gate as gate_module
from bot.channels import kept_alarms
from bot.channels.errors import NotStored
from bot.channels.gate import Gate
from bot.channels.patience import at_most
from bot.conversation import transcript
from bot.database import tables
from bot.database.async_store import AsyncStore, shared_store
from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from tests.agents import VISITOR, FakeAgent, a_message, broken, texts
from tests.faults import locked_file
from tests.handoffs import active, member, waiting
from tests.integration.launcher import wait_until

QUESTION, FOLLOW_UP, HELP = "What are the signs of CRS?", "How long does it last, on average?", "he cannot breathe"
ANSWER, UNAVAILABLE = "utter_faq/crs_what", "utter_unavailable"
# On a machine under load; without it a tenth.
SECONDS_AT_ONCE = 3


@pytest.fixture
def agent(database_url: str) -> Iterator[FakeAgent]:
    agent = FakeAgent()
    agent.intents = {HELP: "emergency", "I want to die": "crisis", "hello": "greet"}
    yield agent
    agent.close()


@pytest.fixture
def database(database_url: str) -> AsyncStore:
    return shared_store(database_url)


@pytest.fixture
def gate(agent: FakeAgent, database: AsyncStore) -> Gate:
    return Gate(agent.handle_message, 100, database, lambda: agent)


def run(steps: Awaitable[None]) -> None:
    async def guarded() -> None:
        await asyncio.wait_for(steps, 120)

    asyncio.run(guarded())


async def refused(gate: Gate, message: UserMessage, id: str | None = None) -> list[str]:
    """What is said to a message that is not stored."""
    with pytest.raises(NotStored) as caught:
        await gate.receive(message, id)
    return [reply["text"] for reply in caught.value.replies]


async def until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, condition)


def alerts(store: Store) -> list[AlertKind]:
    with store.reading() as work:
        return list(work.execute(sa.select(tables.alerts.c.kind)).scalars())


def said(store: Store) -> list[str]:
    return [line.text for line in transcript.lines(store, VISITOR)]


@pytest.mark.parametrize(("text", "card"), [(HELP, "utter_emergency"), ("I want to die", "utter_crisis")])
def test_an_emergency_gets_its_card_and_staff_hear_of_it_when_the_database_is_back(
    gate: Gate, store: Store, text: str, card: str
) -> None:
    async def steps() -> None:
        with broken(store):
            assert await refused(gate, a_message(text), "a") == [card]
        await until(lambda: len(alerts(store)) == 1)

    run(steps())
    assert said(store) == [text, "answer"]


def test_one_alert_however_often_the_emergency_is_sent(gate: Gate, store: Store) -> None:
    async def steps() -> None:
        with broken(store):
            for _ in range(3):
                assert await refused(gate, a_message(HELP), "a") == ["utter_emergency"]
        await gate.receive(a_message(HELP), "a")
        await until(lambda: not gate._kept._kept)
        await gate.receive(a_message(HELP), "a")

    run(steps())
    assert alerts(store) == [AlertKind.EMERGENCY]
    assert said(store) == [HELP, "answer"]


def test_while_staff_own_the_conversation_the_card_comes_and_nothing_else(gate: Gate, store: Store) -> None:
    active(store, member(store), VISITOR)

    async def steps() -> None:
        with broken(store):
            assert await refused(gate, a_message(QUESTION), "a") == [UNAVAILABLE]
            assert await refused(gate, a_message(HELP), "b") == ["utter_emergency"]
        await until(lambda: len(alerts(store)) == 1)

    run(steps())
    assert HELP in said(store)


@pytest.mark.parametrize(
    ("text", "reply"),
    [(QUESTION, ANSWER), (FOLLOW_UP, UNAVAILABLE), ("AML", UNAVAILABLE), ("hello", UNAVAILABLE)],
    ids=["stands alone", "refers to something", "may be an answer", "is no question"],
)
def test_a_question_that_stands_alone_is_answered(gate: Gate, store: Store, text: str, reply: str) -> None:
    async def steps() -> None:
        with broken(store):
            assert await refused(gate, a_message(text)) == [reply]

    run(steps())
    assert said(store) == []


def test_nobody_is_answered_who_waits_for_a_person(gate: Gate, store: Store) -> None:
    waiting(store, VISITOR)

    async def steps() -> None:
        await gate.receive(a_message("before"))
        with broken(store):
            assert await refused(gate, a_message(QUESTION)) == [UNAVAILABLE]
            assert await refused(gate, a_message(QUESTION, sender="another")) == [ANSWER]

    run(steps())


def test_a_picture_is_told_that_it_was_not_stored(gate: Gate, store: Store) -> None:
    async def steps() -> None:
        with broken(store):
            assert await refused(gate, a_message("[a picture]", metadata={"media": "a picture"})) == [UNAVAILABLE]

    run(steps())


def test_while_another_writer_holds_the_file_everybody_hears_in_time(
    gate: Gate, store: Store, database_url: str
) -> None:
    heard: list[float] = []

    async def ask(text: str, sender: str, reply: str) -> None:
        begun = time.monotonic()
        assert await refused(gate, a_message(text, sender=sender), sender) == [reply]
        heard.append(time.monotonic() - begun)

    async def steps() -> None:
        with locked_file(database_url):
            await asyncio.gather(*(ask(QUESTION, f"v{number}", ANSWER) for number in range(20)), ask(HELP, "h", CARD))
            await ask(QUESTION, "late", ANSWER)
            assert heard[-1] < SECONDS_AT_ONCE
        await until(lambda: len(alerts(store)) == 1)
        await gate.receive(a_message(QUESTION))

    run(steps())
    assert max(heard) < 3 * gate_module.SECONDS_TO_HEAR


CARD = "utter_emergency"


@pytest.fixture
def stuck(agent: FakeAgent) -> asyncio.Event:
    """Every turn hangs until it is set."""
    end = asyncio.Event()
    handle = agent.handle_message

    async def hang(message: UserMessage) -> None:
        await end.wait()
        await handle(message)

    agent.handle_message = hang  # type: ignore[method-assign]
    return end


def test_an_emergency_behind_a_turn_that_hangs_does_not_wait_for_it(
    gate: Gate, agent: FakeAgent, stuck: asyncio.Event, store: Store
) -> None:
    gate._on_new_message = agent.handle_message

    async def steps() -> None:
        first = asyncio.create_task(gate.receive(a_message("enroll me", sender=VISITOR), "a"))
        await asyncio.sleep(0)
        begun = time.monotonic()
        assert await refused(gate, a_message(HELP), "b") == [CARD]
        assert not first.done()
        assert time.monotonic() - begun < SECONDS_AT_ONCE
        stuck.set()
        await first
        await until(lambda: len(alerts(store)) == 1)

    run(steps())


def test_an_emergency_whose_own_turn_hangs_is_stored_and_gets_its_card(
    gate: Gate, agent: FakeAgent, stuck: asyncio.Event, store: Store
) -> None:
    gate._on_new_message = agent.handle_message

    async def steps() -> None:
        begun = time.monotonic()
        await gate.receive(message := a_message(HELP), "a")
        assert texts(message.output_channel) == [CARD]
        assert time.monotonic() - begun < SECONDS_AT_ONCE

    run(steps())
    assert said(store) == [HELP, CARD]
    assert alerts(store) == [AlertKind.EMERGENCY]


def test_a_turn_that_hangs_holds_up_nobody_else_and_ends(
    gate: Gate, agent: FakeAgent, stuck: asyncio.Event, store: Store
) -> None:
    gate._on_new_message = agent.handle_message

    async def steps() -> None:
        begun = time.monotonic()
        first = a_message(QUESTION)
        hanging = asyncio.create_task(gate.receive(first))
        await asyncio.sleep(0)
        agent.replies = {}
        await gate.receive(second := a_message(QUESTION, sender="another"))
        await hanging
        assert texts(first.output_channel) == texts(second.output_channel) == [ANSWER]
        assert time.monotonic() - begun < 3 * gate_module.SECONDS_TO_HEAR

    run(steps())
    assert said(store) == [QUESTION, ANSWER]


def test_after_one_turn_that_hung_the_next_ones_are_not_waited_for_so_long(
    gate: Gate, agent: FakeAgent, stuck: asyncio.Event, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate._on_new_message = agent.handle_message
    limits: list[float] = []
    monkeypatch.setattr(gate_module, "SECONDS_FOR_A_TURN", 0.3)
    monkeypatch.setattr(gate_module, "SECONDS_FOR_A_TURN_THEN", 0.1)

    def noting(seconds: float) -> AbstractAsyncContextManager[None]:
        limits.append(seconds)
        return at_most(seconds)

    monkeypatch.setattr(gate_module, "at_most", noting)

    async def steps() -> None:
        for sender in ("first", "second"):
            await gate.receive(message := a_message(QUESTION, sender=sender))
            assert texts(message.output_channel) == [ANSWER]
        gate._in_doubt_until = time.monotonic()
        await gate.receive(a_message(QUESTION, sender="third"))

    run(steps())
    assert [seconds for seconds in limits if seconds != gate_module.SECONDS_TO_HEAR] == [0.3, 0.1, 0.3]


def test_only_so_many_emergencies_are_kept(monkeypatch: pytest.MonkeyPatch, gate: Gate, store: Store) -> None:
    monkeypatch.setattr(kept_alarms, "MOST_KEPT", 2)

    async def steps() -> None:
        with broken(store):
            for number in range(4):
                assert await refused(gate, a_message(HELP, sender=f"v{number}")) == [CARD]
        await until(lambda: not gate._kept._kept)

    run(steps())
    assert len(alerts(store)) == 2
