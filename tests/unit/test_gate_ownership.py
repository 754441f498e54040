"""Who gets a message: the bot, or the staff who own the conversation; with a real store and a stand-in for Rasa."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
import sqlalchemy as sa
from rasa.core.channels.channel import UserMessage

from bot.channels.errors import NotStored
from bot.channels.gate import Gate
from bot.conversation import transcript
from bot.conversation.transcript import Speaker
from bot.database import tables
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from bot.domain.handoff import Outcome
from bot.handoff import services
from tests.agents import VISITOR, FakeAgent, a_message, broken, texts
from tests.handoffs import NOON, active, alert, member, waiting


@pytest.fixture
def agent(database_url: str) -> Iterator[FakeAgent]:
    agent = FakeAgent()
    yield agent
    agent.close()


@pytest.fixture
def staff(store: Store) -> int:
    return member(store)


def receive(store: Store, agent: FakeAgent, *messages: UserMessage, ids: tuple[str, ...] = ()) -> list[list[str]]:
    """What each message was answered with, one after the other."""
    gate = Gate(agent.handle_message, 100, AsyncStore(store), lambda: agent)

    async def all_of_them() -> None:
        for number, message in enumerate(messages):
            await gate.receive(message, ids[number] if ids else None)

    asyncio.run(all_of_them())
    return [texts(message.output_channel) for message in messages]


def say(store: Store, agent: FakeAgent, *said: str) -> list[list[str]]:
    return receive(store, agent, *(a_message(text) for text in said))


def stored(store: Store) -> list[tuple[Speaker, str]]:
    return [(line.speaker, line.text) for line in transcript.lines(store, VISITOR)]


def alerts(store: Store) -> list[AlertKind]:
    with store.reading() as work:
        return list(work.execute(sa.select(tables.alerts.c.kind).order_by(tables.alerts.c.id)).scalars())


def test_the_bot_answers_while_nobody_owns_the_conversation(store: Store, agent: FakeAgent) -> None:
    assert say(store, agent, "what is CRS?") == [["answer"]]
    waiting(store, VISITOR)
    assert say(store, agent, "what is CRS?") == [["answer"]]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what is CRS?", "faq"),
        ("/restart", "lost"),
        ("I want to enroll", "enroll"),
        ("yes", "affirm"),
        ("cancel my request", "cancel"),
        ("Rating: 5", "rate"),
        ("", "empty_message"),
        ("x" * 1000, "too_long"),
    ],
)
def test_while_staff_own_the_conversation_the_bot_is_silent_and_the_message_kept(
    store: Store, agent: FakeAgent, staff: int, text: str, intent: str
) -> None:
    active(store, staff, VISITOR)
    agent.intents = {text: intent}
    assert say(store, agent, text) == [[]]
    assert agent.answered == []
    ((speaker, kept),) = stored(store) if text else [(Speaker.VISITOR, "")]
    assert speaker is Speaker.VISITOR
    assert kept == text.lstrip("/")[:100]


def test_a_conversation_of_somebody_else_is_not_concerned(store: Store, agent: FakeAgent, staff: int) -> None:
    active(store, staff, "another")
    assert say(store, agent, "what is CRS?") == [["answer"]]


def test_the_bot_is_back_when_staff_release_or_resolve(store: Store, agent: FakeAgent, staff: int) -> None:
    handoff_id = active(store, staff, VISITOR)
    services.release(store, handoff_id, staff, NOON)
    assert say(store, agent, "one") == [["answer"]]
    services.take(store, handoff_id, staff, NOON)
    assert say(store, agent, "two") == [[]]
    services.resolve(store, handoff_id, staff, Outcome.ANSWERED, NOON)
    assert say(store, agent, "three") == [["answer"]]


def test_ownership_is_read_anew_for_every_message_by_every_process(
    store: Store, agent: FakeAgent, staff: int, database_url: str
) -> None:
    another = Store.open(database_url)
    assert say(another, agent, "one") == [["answer"]]
    active(store, staff, VISITOR)
    assert say(another, agent, "two") == [[]]
    another.engine.dispose()


@pytest.mark.parametrize("alarm", ["emergency", "crisis"])
def test_an_emergency_is_answered_once_while_staff_own_the_conversation_and_always_told_to_them(
    store: Store, agent: FakeAgent, staff: int, alarm: str
) -> None:
    own_from_now(store, staff)
    agent.intents = {"one": alarm, "two": alarm}
    assert say(store, agent, "one", "what is CRS?", "two") == [[f"utter_{alarm}"], [], []]
    assert alerts(store) == [AlertKind(alarm)] * 2
    assert agent.answered == []


def test_a_crisis_after_an_emergency_is_answered_too(store: Store, agent: FakeAgent, staff: int) -> None:
    own_from_now(store, staff)
    agent.intents = {"one": "emergency", "two": "crisis", "three": "crisis"}
    assert say(store, agent, "one", "two", "three") == [["utter_emergency"], ["utter_crisis"], []]


def test_an_emergency_before_staff_joined_does_not_silence_the_next_one(
    store: Store, agent: FakeAgent, staff: int
) -> None:
    alert(store, VISITOR)
    own_from_now(store, staff)
    agent.intents = {"one": "emergency"}
    assert say(store, agent, "one") == [["utter_emergency"]]


def own_from_now(store: Store, staff: int) -> None:
    services.take(store, waiting(store, VISITOR), staff, datetime.now(timezone.utc))


@pytest.mark.parametrize("alarm", ["emergency", "crisis"])
def test_an_emergency_raises_an_alert_without_a_handoff_too(store: Store, agent: FakeAgent, alarm: str) -> None:
    agent.intents = {"help": alarm}
    say(store, agent, "help", "what is CRS?")
    assert alerts(store) == [AlertKind(alarm)]


def test_a_message_that_is_sent_again_is_read_once(store: Store, agent: FakeAgent) -> None:
    sent = [a_message("one"), a_message("one"), a_message("two")]
    assert receive(store, agent, *sent, ids=("a", "a", "b")) == [["answer"], [], ["answer"]]
    assert agent.answered == ["one", "two"]


def test_the_same_words_twice_are_two_messages_without_an_id(store: Store, agent: FakeAgent) -> None:
    assert say(store, agent, "one", "one") == [["answer"], ["answer"]]


def test_another_visitors_message_may_have_the_same_id(store: Store, agent: FakeAgent) -> None:
    sent = [a_message("one"), a_message("one", sender="another")]
    assert receive(store, agent, *sent, ids=("a", "a")) == [["answer"], ["answer"]]


def test_a_message_to_staff_that_is_sent_again_is_kept_once(store: Store, agent: FakeAgent, staff: int) -> None:
    active(store, staff, VISITOR)
    receive(store, agent, a_message("one"), a_message("one"), ids=("a", "a"))
    assert stored(store) == [(Speaker.VISITOR, "one")]


def test_a_step_that_failed_leaves_nobody_without_a_word(store: Store, agent: FakeAgent) -> None:
    agent.replies, agent.intents = {"I want to enroll": None}, {"I want to enroll": "enroll"}
    assert say(store, agent, "I want to enroll") == [["utter_not_now"]]
    assert stored(store) == [(Speaker.VISITOR, "I want to enroll"), (Speaker.BOT, "utter_not_now")]


@pytest.mark.parametrize("alarm", ["emergency", "crisis"])
def test_a_step_that_failed_does_not_swallow_an_emergency(store: Store, agent: FakeAgent, alarm: str) -> None:
    agent.replies, agent.intents = {"help": None}, {"help": alarm}
    assert say(store, agent, "help") == [[f"utter_{alarm}"]]


@pytest.mark.parametrize("owned", [False, True])
def test_a_message_that_could_not_be_stored_is_refused_and_can_be_sent_again(
    store: Store, agent: FakeAgent, staff: int, owned: bool
) -> None:
    if owned:
        active(store, staff, VISITOR)
    with broken(store), pytest.raises(NotStored):
        receive(store, agent, a_message("one"), ids=("a",))
    assert receive(store, agent, a_message("one"), ids=("a",)) == [[] if owned else ["answer"]]


def test_an_error_of_the_database_that_rasa_hides_refuses_the_message(store: Store, agent: FakeAgent) -> None:
    handle = agent.handle_message

    async def hiding(message: UserMessage) -> None:
        try:
            await handle(message)
        # As FailSafeTrackerStore does, before it goes on in memory.
        except Exception:
            agent.answered.append("in memory")

    agent.handle_message = hiding  # type: ignore[method-assign]
    with broken(store), pytest.raises(NotStored):
        say(store, agent, "one")
    # The store does not even raise it: nothing is kept in memory.
    assert agent.answered == ["one"]


def test_messages_of_one_conversation_wait_for_each_other(store: Store, agent: FakeAgent) -> None:
    gate = Gate(agent.handle_message, 100, AsyncStore(store), lambda: agent)

    async def at_once() -> None:
        await asyncio.gather(*(gate.receive(a_message(str(number))) for number in range(20)))

    asyncio.run(at_once())
    numbers = [str(number) for number in range(20)]
    assert agent.answered == numbers
    assert [text for _, text in stored(store)] == [word for number in numbers for word in (number, "answer")]
