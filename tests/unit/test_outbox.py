"""Staff's replies on their way from the database to a visitor, with the real store and a stand-in for Rasa."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.errors import DeliveryFailed
from bot.channels.outbox import Outbox
from bot.channels.rest import RestChannel
from bot.conversation import transcript
from bot.conversation.transcript import Speaker
from bot.database.async_store import AsyncStore, shared_store
from bot.database.unit_of_work import Store
from bot.domain.errors import StoreUnavailable
from bot.domain.handoff import Outcome
from bot.domain.reply import Reply, ReplyState
from bot.handoff import services
from bot.outbox import delivery
from bot.privacy import export_and_erase
from tests.agents import VISITOR, FakeAgent, broken, serving_channels
from tests.handoffs import NOON, active, member, replies
from tests.integration.launcher import wait_until


class Letterbox:
    """A channel that takes what it is given.

    Args:
        delivered: what it knows of a reply's way.
        failures: errors it raises first, in this order.
    """

    def __init__(self, delivered: bool = False, failures: tuple[DeliveryFailed, ...] = ()) -> None:
        self.taken: list[dict[str, Any]] = []
        self._delivered = delivered
        self._failures = list(failures)

    def name(self) -> str:
        return "web"

    async def deliver(self, conversation: str, reply: dict[str, Any], skip: int = 0) -> bool:
        if self._failures:
            raise self._failures.pop(0)
        self.taken.append(reply)
        return self._delivered


@pytest.fixture
def agent(database_url: str) -> Iterator[FakeAgent]:
    agent = FakeAgent()
    yield agent
    agent.close()


@pytest.fixture
def staff(store: Store) -> int:
    return member(store)


@pytest.fixture
def handoff_id(store: Store, staff: int) -> int:
    """A handoff that staff have taken; "Anna has joined" is on its way."""
    return active(store, staff, VISITOR)


def write(store: Store, handoff_id: int, staff: int, text: str) -> int:
    reply = services.reply(store, handoff_id, staff, text, uuid4().hex, NOON)
    assert reply.id is not None
    return reply.id


def send(store: Store, agent: FakeAgent, *channels: Letterbox) -> None:
    """Sends what is due until nothing is."""
    outbox = Outbox(AsyncStore(store))

    async def look() -> None:
        while due := delivery.claim(store, NOON):
            for reply in due:
                await outbox._send(agent, {channel.name(): channel for channel in channels}, reply)  # type: ignore

    asyncio.run(look())


def sent(store: Store) -> list[tuple[str | None, ReplyState]]:
    """Each reply, by its text or response, and how far it has come."""
    return [(reply.text or reply.response, reply.state) for reply in replies(store, VISITOR)]


def test_replies_come_into_the_transcript_in_the_order_in_which_they_were_written(
    store: Store, agent: FakeAgent, staff: int, handoff_id: int
) -> None:
    ids = [write(store, handoff_id, staff, text) for text in ("one", "two")]
    send(store, agent, Letterbox())
    joined, *lines = transcript.lines(store, VISITOR)
    assert (joined.speaker, joined.text) == (Speaker.BOT, "utter_staff_joined Anna")
    assert [(line.speaker, line.text, line.staff, line.reply_id) for line in lines] == [
        (Speaker.STAFF, "one", "Anna", ids[0]),
        (Speaker.STAFF, "two", "Anna", ids[1]),
    ]
    assert [state for _, state in sent(store)] == [ReplyState.SENT] * 3


def test_what_the_bot_says_for_staff_is_composed_as_any_response(
    store: Store, agent: FakeAgent, staff: int, handoff_id: int
) -> None:
    services.resolve(store, handoff_id, staff, Outcome.ANSWERED, NOON)
    letterbox = Letterbox()
    send(store, agent, letterbox)
    assert [reply["text"] for reply in letterbox.taken] == ["utter_staff_joined Anna", "utter_handoff_resolved Anna"]
    assert [line.metadata["kind"] for line in transcript.lines(store, VISITOR)] == ["staff_joined", "handoff_resolved"]


def test_a_reply_is_delivered_when_the_channel_knows_so(store: Store, agent: FakeAgent, handoff_id: int) -> None:
    send(store, agent, Letterbox(delivered=True))
    assert sent(store) == [("utter_staff_joined", ReplyState.DELIVERED)]


def test_a_reply_that_was_not_taken_is_tried_again_later(store: Store, agent: FakeAgent, handoff_id: int) -> None:
    letterbox = Letterbox(failures=(DeliveryFailed("overloaded"),))
    send(store, agent, letterbox)
    (reply,) = replies(store, VISITOR)
    assert (reply.state, reply.failure, reply.attempts) == (ReplyState.QUEUED, "overloaded", 1)
    assert transcript.lines(store, VISITOR) == []
    assert reply.next_attempt_at is not None
    (due,) = delivery.claim(store, reply.next_attempt_at)
    asyncio.run(Outbox(AsyncStore(store))._send(agent, {"web": letterbox}, due))  # type: ignore[dict-item]
    assert sent(store) == [("utter_staff_joined", ReplyState.SENT)]


def test_a_reply_that_can_never_be_delivered_is_shown_as_failed(
    store: Store, agent: FakeAgent, handoff_id: int
) -> None:
    send(store, agent, Letterbox(failures=(DeliveryFailed("blocked", final=True),)))
    (reply,) = replies(store, VISITOR)
    assert (reply.state, reply.failure) == (ReplyState.FAILED, "blocked")


def test_a_reply_on_its_way_does_not_come_back_into_a_conversation_that_is_erased_meanwhile(
    store: Store, agent: FakeAgent, handoff_id: int
) -> None:
    class Eraser(Letterbox):
        async def deliver(self, conversation: str, reply: dict[str, Any], skip: int = 0) -> bool:
            assert export_and_erase.erase(store, conversation, "visitor", NOON)
            return True

    send(store, agent, Eraser())
    assert transcript.lines(store, VISITOR) == []
    assert replies(store, VISITOR) == []


def test_a_reply_to_a_channel_that_is_off_is_shown_as_failed_and_may_be_retried(
    store: Store, agent: FakeAgent, staff: int, handoff_id: int
) -> None:
    send(store, agent)
    (reply,) = replies(store, VISITOR)
    assert (reply.state, reply.failure) == (ReplyState.FAILED, "channel_off")
    services.retry(store, reply.id or 0, staff, NOON)
    send(store, agent, Letterbox())
    assert sent(store) == [("utter_staff_joined", ReplyState.SENT)]


def test_a_reply_whose_sender_was_killed_after_storing_it_is_not_said_twice(
    store: Store, agent: FakeAgent, handoff_id: int
) -> None:
    (reply,) = delivery.claim(store, NOON)
    outbox, letterbox = Outbox(AsyncStore(store)), Letterbox()
    asyncio.run(outbox._send(agent, {"web": letterbox}, reply))  # type: ignore[dict-item]
    # Killed before it could say so: the next one gets the reply again when the claim has ended.
    forget_that_it_was_sent(store, reply)
    (again,) = delivery.claim(store, NOON + delivery.CLAIM)
    asyncio.run(outbox._send(agent, {"web": letterbox}, again))  # type: ignore[dict-item]
    assert len(letterbox.taken) == 1
    assert len(transcript.lines(store, VISITOR)) == 1
    assert sent(store) == [("utter_staff_joined", ReplyState.SENT)]


def forget_that_it_was_sent(store: Store, reply: Reply) -> None:
    with store.work() as work:
        work.reply(reply.id or 0).state = ReplyState.QUEUED
        work.commit()


def test_without_the_transcript_a_reply_waits(store: Store, agent: FakeAgent, handoff_id: int) -> None:
    (reply,) = delivery.claim(store, NOON)
    with broken(store), pytest.raises((StoreUnavailable, OperationalError)):
        asyncio.run(Outbox(AsyncStore(store))._send(agent, {"web": Letterbox()}, reply))  # type: ignore[dict-item]
    assert sent(store) == [("utter_staff_joined", ReplyState.QUEUED)]
    (again,) = delivery.claim(store, NOON + delivery.CLAIM)
    assert again.id == reply.id


def test_a_reply_that_was_sent_while_nothing_could_be_noted_is_not_sent_again(
    store: Store, agent: FakeAgent, staff: int, handoff_id: int, database_url: str
) -> None:
    outbox, letterbox = Outbox(shared_store(database_url)), Letterbox()

    class Breaker(Letterbox):
        async def deliver(self, conversation: str, reply: dict[str, Any], skip: int = 0) -> bool:
            broken_now.enter_context(broken(store))
            return await letterbox.deliver(conversation, reply, skip)

    async def steps() -> None:
        (reply,) = delivery.claim(store, NOON)
        with broken_now:
            await outbox._finish(app(agent, Breaker()), reply)
        await outbox._notes.catch_up()
        (again,) = delivery.claim(store, NOON)
        await outbox._finish(app(agent, letterbox), again)

    broken_now = ExitStack()
    asyncio.run(steps())
    assert len(letterbox.taken) == len(transcript.lines(store, VISITOR)) == 1
    assert sent(store) == [("utter_staff_joined", ReplyState.SENT)]


def app(agent: FakeAgent, channel: Letterbox) -> Any:
    return SimpleNamespace(ctx=SimpleNamespace(agent=agent, channels={channel.name(): channel}))


def test_the_outbox_sends_as_long_as_the_server_runs(
    store: Store, agent: FakeAgent, staff: int, handoff_id: int
) -> None:
    with serving_channels(agent, RestChannel.from_credentials(None), Outbox(AsyncStore(store))):
        wait_until(lambda: sent(store) == [("utter_staff_joined", ReplyState.FAILED)])
        write(store, handoff_id, staff, "one")
        wait_until(lambda: sent(store)[-1] == ("one", ReplyState.FAILED))
