"""Conversations through the REST channel of the real assistant: order, separation, what is stored, and a crash."""

import json
import signal
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import pytest

from tests.answers import names_by_title
from tests.assistant import Conversation, post, running_rasa
from tests.conftest import Assistant
from tests.integration.stored import stored_events, turns

pytestmark = pytest.mark.model

BURST = 50
QUESTION, FOLLOW_UP = "What is cytokine release syndrome?", "what do doctors do about it?"


def burst() -> dict[str, str]:
    """Questions with the names of their answers."""
    return dict(list(names_by_title().items())[:BURST])


def test_fifty_messages_at_once_get_fifty_replies(assistant: Assistant) -> None:
    conversation = Conversation(assistant.url)
    with ThreadPoolExecutor(BURST) as pool:
        replies = dict(zip(burst(), pool.map(conversation.say, burst()), strict=True))
    assert {title: reply["metadata"]["answers"] for title, reply in replies.items()} == {
        title: [name] for title, name in burst().items()
    }
    said = turns(stored_events(assistant.database_url, conversation.sender))
    assert [who for who, _ in said] == ["user", "bot"] * BURST
    in_turn = [(question, reply) for (_, question), (_, reply) in zip(said[::2], said[1::2], strict=True)]
    assert sorted(in_turn) == sorted((title, reply["text"]) for title, reply in replies.items())


def test_messages_are_stored_in_the_order_of_arrival(assistant: Assistant) -> None:
    sender = uuid4().hex
    _send_without_waiting(assistant.url, sender, burst())
    said = turns(stored_events(assistant.database_url, sender))
    assert [text for who, text in said if who == "user"] == list(burst())


def _send_without_waiting(url: str, sender: str, texts: Iterable[str]) -> None:
    """Sends all texts, each on a connection of its own, before it reads any reply."""
    address = urlsplit(url)
    assert address.port
    with ExitStack() as stack:
        connections = []
        for text in texts:
            connection = stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=120))
            content = json.dumps({"sender": sender, "message": text}).encode()
            head = f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
            head += f"Content-Length: {len(content)}\r\n"
            connection.sendall(head.encode() + b"Connection: close\r\n\r\n" + content)
            connections.append(connection)
        for connection in connections:
            assert connection.makefile("rb").readline().split()[1] == b"200"


def test_another_visitors_conversation_is_not_visible(assistant: Assistant) -> None:
    one, other = Conversation(assistant.url), Conversation(assistant.url)
    assert one.say(QUESTION)["metadata"]["answers"] == ["crs_what"]
    assert "crs_management" not in other.say(FOLLOW_UP)["metadata"].get("answers", [])
    assert one.say(FOLLOW_UP)["metadata"]["answers"] == ["crs_management"]


def test_a_request_chooses_neither_channel_nor_metadata(assistant: Assistant) -> None:
    sender = uuid4().hex
    request = {"sender": sender, "message": QUESTION, "input_channel": "telegram", "metadata": {"shortened": True}}
    status, (reply,) = post(assistant.url, json.dumps(request).encode())
    assert (status, reply["metadata"]["answers"]) == (200, ["crs_what"])
    (message,) = (event for event in stored_events(assistant.database_url, sender) if event["event"] == "user")
    assert message["input_channel"] == "rest"
    assert "shortened" not in message["metadata"]


@pytest.mark.parametrize("command", ["/restart", "/session_start", "/crisis", '/faq{"x":1}', "/back"])
def test_a_typed_command_is_stored_as_text_that_was_understood(assistant: Assistant, command: str) -> None:
    conversation = Conversation(assistant.url)
    conversation.say(QUESTION)
    conversation.say(command)
    events = stored_events(assistant.database_url, conversation.sender)
    *_, message = (event for event in events if event["event"] == "user")
    assert message["text"] == command.removeprefix("/")
    assert "understanding" in message["parse_data"]
    kinds = [event["event"] for event in events]
    assert kinds.count("session_started") == 1
    assert not {"restart", "rewind", "reset_slots", "pause"} & set(kinds)


def test_a_conversation_goes_on_after_a_crash(tmp_path: Path) -> None:
    with running_rasa(tmp_path) as url:
        before = Conversation(url)
        assert before.say(QUESTION)["metadata"]["answers"] == ["crs_what"]
        server = _listening(url)
        server.send_signal(signal.SIGKILL)
        server.wait()
    with running_rasa(tmp_path) as url:
        after = Conversation(url)
        after.sender = before.sender
        assert after.say(FOLLOW_UP)["metadata"]["answers"] == ["crs_management"]


def _listening(url: str) -> psutil.Process:
    """The child process that serves ``url``."""
    port = str(urlsplit(url).port)
    (server,) = (child for child in psutil.Process().children() if child.cmdline()[-1:] == [port])
    return server
