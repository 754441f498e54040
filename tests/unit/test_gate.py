"""What the gate makes of a text. Who gets the message: test_gate_ownership.py."""

import asyncio
import logging
from types import SimpleNamespace

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels.gate import Gate
from bot.channels.readable import readable
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.nlu.understanding import SHORTENED
from bot.storage.lock_store import ConversationLocks
from bot.storage.turn import current_turn


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("what is\x00CRS", "what is CRS"),
        ("a\x07b\x1bc\x7fd\x85e", "a b c d e"),
        ("\ud800broken\udfff", "broken"),
        ("private \ue000 use", "private   use"),
        ("  spaces around  ", "spaces around"),
        ("\x00\x00", ""),
        ("", ""),
    ],
)
def test_what_no_visitor_can_have_meant_is_left_out(given: str, read: str) -> None:
    assert readable(given) == read


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("/restart", "restart"),
        ("//restart", "restart"),
        (" \n/ /restart", "restart"),
        ("\x00/restart", "restart"),
        ('/faq{"a": "b"}', 'faq{"a": "b"}'),
        ("/", ""),
        ("\ufeff/restart", "restart"),
        ("\u200b /\u2060//\u200drestart", "\u200drestart"),
        ("\u200f", ""),
    ],
)
def test_a_slash_command_is_text(given: str, read: str) -> None:
    assert readable(given) == read


@pytest.mark.parametrize(
    "text",
    [
        "and/or 38/39",
        "first line\n\n\tsecond line",
        "👩\u200d⚕️ 👍🏽 🇨🇳",
        "ما هو العلاج؟ می\u200cخواهم",
        "CAR-T 疗法是什么\uff1f",
        "é ü ñ ş",
        "<b>bold</b> & more",
        "\u200fما هو العلاج",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert readable(text) == text


def test_a_letter_with_its_accent_apart_becomes_one() -> None:
    assert readable("cafe\u0301") == "caf\u00e9"


def received(store: Store, text: str | None, metadata: dict[str, object] | None = None) -> UserMessage:
    """The message that the gate hands on, of at most 10 characters."""
    passed: list[UserMessage] = []

    async def on_new_message(message: UserMessage) -> None:
        passed.append(message)
        current_turn().said += 1

    agent = SimpleNamespace(lock_store=ConversationLocks(database=AsyncStore(store)))
    gate = Gate(on_new_message, 10, AsyncStore(store), lambda: agent)
    asyncio.run(gate.receive(UserMessage(text, sender_id="s", metadata=metadata)))
    (message,) = passed
    return message


def test_a_message_is_cleaned_and_handed_on(store: Store) -> None:
    message = received(store, "/hello")
    assert (message.text, message.sender_id) == ("hello", "s")
    assert SHORTENED not in (message.metadata or {})


def test_a_message_without_text_is_an_empty_one(store: Store) -> None:
    assert received(store, None).text == ""


def test_a_message_of_the_full_length_is_whole(store: Store) -> None:
    message = received(store, "a" * 10)
    assert message.text == "a" * 10
    assert SHORTENED not in (message.metadata or {})


def test_a_longer_message_is_cut_and_says_so(store: Store) -> None:
    message = received(store, "a" * 11, {"language": "en"})
    assert message.text == "a" * 10
    assert message.metadata == {"language": "en", SHORTENED: True}


def test_the_log_counts_a_long_message_and_does_not_repeat_it(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "bot.channels.gate"):
        received(store, "my secret words")
    assert caplog.messages == ["A message of 15 characters was shortened."]
