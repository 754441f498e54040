"""Whatever is sent to the REST channel of the real assistant: a clear reply or a 4xx, and never a word in the log."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.assistant import Conversation
from tests.conftest import Assistant

pytestmark = pytest.mark.model

LENGTH = 100_000
QUESTION = "What is cytokine release syndrome?"


def send(url: str, body: bytes, method: str = "POST") -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return httpx.request(method, url, content=body, headers=headers, timeout=120, trust_env=False)


def body(**changes: Any) -> bytes:
    return json.dumps({"sender": uuid4().hex, "message": QUESTION, **changes}).encode()


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\x00", "\u200b", "/"])
def test_an_empty_message_is_asked_for_again(assistant: Assistant, text: str) -> None:
    assert Conversation(assistant.url).say(text)["metadata"]["kind"] == "empty_message"


@pytest.mark.parametrize(
    "text",
    [
        "What is\x00 cytokine release syndrome?\x00",
        "\x07\x1b[31mWhat is cytokine\x7frelease syndrome?\x85",
        "What is \ud800 cytokine release syndrome?\udfff",
        "<script>alert(1)</script> What is cytokine release syndrome?",
        "<p>What is <b>cytokine release syndrome</b>?</p>",
        "What is cytokine release syndrome? \U0001f468\u200d\u2695\ufe0f\U0001f64f",
        "What is cytokine release syndrome? '; DROP TABLE events; --",
        "What is cytokine release syndrome? {{7*7}} ${x} {name} %s",
    ],
    ids=["null bytes", "control", "surrogates", "script", "html", "emoji", "sql", "templates"],
)
def test_a_question_is_answered_whatever_is_around_it(assistant: Assistant, text: str) -> None:
    reply = Conversation(assistant.url).say(text)
    assert reply["metadata"]["answers"] == ["crs_what"]
    assert not {"<script>", "49", "\x00"} & set(reply["text"].split())


@pytest.mark.parametrize(
    "filling", ["We like to cook. ", "a", "\U0001f600", "\u4e2d", "\n", "\x00", "((", "> quoted\n"]
)
def test_a_very_long_message_gets_a_friendly_reply(assistant: Assistant, filling: str) -> None:
    reply = Conversation(assistant.url).say((filling * LENGTH)[:LENGTH])
    kind = reply["metadata"]["kind"]
    assert kind in {"too_long", "empty_message", "other_language"}
    assert len(reply["text"]) > 40


def test_other_visitors_are_answered_while_very_long_messages_are_read(assistant: Assistant) -> None:
    long = "We like to cook. " * (LENGTH // 17)
    with ThreadPoolExecutor(12) as pool:
        slow = [pool.submit(Conversation(assistant.url).say, long) for _ in range(6)]
        others = [pool.submit(Conversation(assistant.url).say, QUESTION) for _ in range(6)]
        assert {other.result()["metadata"]["kind"] for other in others} == {"answer"}
        assert {reply.result()["metadata"]["kind"] for reply in slow} == {"too_long"}


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [("He cannot breathe, please help. ", "emergency"), ("I want to kill myself. ", "crisis")],
)
def test_danger_at_the_beginning_of_a_very_long_message_is_seen(
    assistant: Assistant, beginning: str, kind: str
) -> None:
    text = beginning + "We have a house with a garden and we like to cook. " * 2000
    assert Conversation(assistant.url).say(text)["metadata"]["kind"] == kind


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe\xfd",
        b'{"sender": "a", "message": "\xff\xfe"}',
        b"sender=a&message=b",
        b"[" * LENGTH,
        b'{"sender": "a", "message": "b", "more": ' + b'{"a":' * LENGTH + b"1" + b"}" * LENGTH + b"}",
        b'{"sender": "a"}',
        b'{"message": "b"}',
        body(sender=None),
        body(sender=7),
        body(sender=""),
        body(sender=["a"]),
        body(sender="a" * LENGTH),
        body(sender="a\x00b"),
        body(sender="a", message=None),
        body(sender="a", message=7),
        body(sender="a", message=["text"]),
        body(sender="a", message={"text": "a"}),
    ],
    ids=lambda value: value[:40].decode(errors="replace"),
)
def test_a_malformed_request_is_refused_with_a_reason(assistant: Assistant, broken: bytes) -> None:
    answer = send(assistant.url, broken)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 20


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_another_method_is_refused(assistant: Assistant, method: str) -> None:
    assert send(assistant.url, body(), method).status_code == 405


def test_a_request_that_does_not_say_that_it_is_json_is_refused(assistant: Assistant) -> None:
    answer = httpx.post(assistant.url, content=body(), timeout=120, trust_env=False)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("/status", "/version", "/domain", "/conversations/a/tracker", "/model")),
        *(("POST", path) for path in ("/model/train", "/model/parse", "/model/test/intents", "/model/predict")),
        *(("PUT", path) for path in ("/model", "/conversations/a/tracker/events")),
        *(("POST", f"/conversations/a/{what}") for what in ("tracker/events", "messages")),
        ("DELETE", "/model"),
    ],
)
def test_rasas_own_routes_are_not_exposed(assistant: Assistant, method: str, path: str) -> None:
    root = assistant.url.removesuffix("/webhooks/rest/webhook")
    assert send(root + path, b"{}", method).status_code == 404


def test_no_word_of_a_visitor_is_in_the_log(assistant: Assistant) -> None:
    word = f"quokka{uuid4().hex}"
    conversation = Conversation(assistant.url)
    for text in (word, f"What is CRS, {word}?", f"{word} cannot breathe", f"/{word}", f'/faq{{"{word}": 1}}'):
        conversation.replies(text)
    conversation.replies(f"{word} " * (LENGTH // len(word)))
    for broken in (f'{{"{word}', f'{{"sender": "{word}"}}', f'{{"sender": "a\\u0000", "message": "{word}"}}'):
        assert send(assistant.url, broken.encode()).status_code == 400
    assert assistant.log.stat().st_size > 0
    assert word not in assistant.log.read_text(encoding="utf-8", errors="replace")
