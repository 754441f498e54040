"""Speaking outside a turn of Rasa's, with the real conversation store."""

import asyncio
from collections.abc import Iterator

import pytest
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.turn_io import compose, has_reply, say, store_message, store_reply
from bot.conversation import transcript
from bot.conversation.transcript import Line, Speaker
from bot.database.unit_of_work import Store
from tests.agents import VISITOR, FakeAgent, a_message, texts


@pytest.fixture
def agent(database_url: str) -> Iterator[FakeAgent]:
    agent = FakeAgent()
    yield agent
    agent.close()


def tracker(agent: FakeAgent) -> DialogueStateTracker:
    found: DialogueStateTracker = asyncio.run(agent.tracker_store.get_or_create_tracker(VISITOR))
    return found


def lines(store: Store) -> list[Line]:
    return transcript.lines(store, VISITOR)


def test_the_bot_says_a_response_and_it_is_in_the_transcript(agent: FakeAgent, store: Store) -> None:
    message = a_message("hello")
    asyncio.run(say(agent, "utter_emergency", message))
    assert texts(message.output_channel) == ["utter_emergency"]
    (line,) = lines(store)
    assert (line.speaker, line.text, line.metadata["kind"]) == (Speaker.BOT, "utter_emergency", "emergency")


def test_a_response_may_have_slots_to_fill_in(agent: FakeAgent) -> None:
    reply = asyncio.run(compose(agent, "utter_staff_joined", tracker(agent), "web", staff_name="Anna"))
    assert reply["text"] == "utter_staff_joined Anna"
    assert reply["utter_action"] == "utter_staff_joined"


def test_a_response_that_nobody_wrote_is_an_error(agent: FakeAgent) -> None:
    with pytest.raises(KeyError, match="utter_nothing"):
        asyncio.run(compose(agent, "utter_nothing", tracker(agent), "web"))


def test_a_message_to_staff_is_stored_as_it_was_understood(agent: FakeAgent, store: Store) -> None:
    agent.intents = {"he cannot breathe": "emergency"}
    message = a_message("he cannot breathe", metadata={"message_id": "7"})
    assert asyncio.run(store_message(agent, message)) == "emergency"
    (line,) = lines(store)
    assert (line.speaker, line.text, line.message_id) == (Speaker.VISITOR, "he cannot breathe", "7")
    *_, event = tracker(agent).events
    assert (event.intent_name, event.input_channel) == ("emergency", "rest")
    assert texts(message.output_channel) == []


def test_a_reply_by_staff_is_known_by_its_id(agent: FakeAgent, store: Store) -> None:
    words = {"text": "Hello.", "metadata": {"kind": "staff", "staff": "Anna", "reply_id": 7}}
    asyncio.run(store_reply(agent, tracker(agent), words))
    (line,) = lines(store)
    assert (line.speaker, line.staff, line.reply_id) == (Speaker.STAFF, "Anna", 7)
    assert has_reply(tracker(agent), 7)
    assert not has_reply(tracker(agent), 8)


def test_a_conversation_without_replies_has_none(agent: FakeAgent) -> None:
    asyncio.run(agent.handle_message(a_message("hello")))
    assert not has_reply(tracker(agent), 1)
