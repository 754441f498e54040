"""The website over real HTTP, in front of a stand-in for Rasa."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx
import pytest

from bot.console.app import create_app
from bot.console.tokens import SECONDS_VALID, SessionTokens
from bot.content.catalogue import TOPICS_FOLDER, read_yaml
from tests.servers import KEY, FakeRasa, free_port, serving, website_settings

LONGEST = 12_000
CONVERSATION = re.compile(r"web-[0-9a-f]{32}")


@contextmanager
def website_before(rasa_port: int, rasa_client: httpx.AsyncClient | None = None) -> Iterator[httpx.Client]:
    app = create_app(website_settings(rasa_port), rasa_client)
    with serving(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[httpx.Client, FakeRasa]]:
    rasa = FakeRasa()
    with serving(rasa.app) as rasa_port, website_before(rasa_port) as client:
        yield client, rasa


@pytest.fixture
def website(servers: tuple[httpx.Client, FakeRasa]) -> httpx.Client:
    return servers[0]


@pytest.fixture
def rasa(servers: tuple[httpx.Client, FakeRasa]) -> FakeRasa:
    servers[1].forget()
    return servers[1]


def session(website: httpx.Client) -> dict[str, str]:
    """Headers of a fresh conversation."""
    return bearer(website.post("/chat/session").json()["token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_page_and_its_files_are_served_with_strict_headers(website: httpx.Client) -> None:
    for path in ("/", "/static/chat.js", "/static/reply.js", "/static/chat.css", "/static/favicon.svg"):
        response = website.get(path)
        assert response.status_code == 200
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_page_loads_nothing_from_elsewhere_and_holds_no_inline_code(website: httpx.Client) -> None:
    page = website.get("/").text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


def test_the_page_suggests_questions_that_have_an_answer(website: httpx.Client) -> None:
    suggested = re.findall(r'data-payload="([^"]+)"', website.get("/").text)
    files = [read_yaml(path) for path in sorted(TOPICS_FOLDER.glob("*.yml"))]
    titles = {answer[0]["metadata"]["title"] for file in files for answer in file["responses"].values()}
    assert suggested
    assert {unescape(question) for question in suggested} <= titles


def test_a_message_reaches_rasa_and_its_replies_come_back_unchanged(website: httpx.Client, rasa: FakeRasa) -> None:
    replies = [
        {
            "recipient_id": "x",
            "text": "First\n\nSecond ü 中",
            "buttons": [{"title": "A", "payload": "/a"}],
            "metadata": {"kind": "answer", "sources": [{"document": "D", "section": "S"}]},
        },
        {"recipient_id": "x", "text": "Third"},
    ]
    rasa.replies["What is a CAR?"] = replies
    response = website.post("/chat/messages", json={"text": "What is a CAR?"}, headers=session(website))
    assert (response.status_code, response.json()) == (200, replies)
    assert response.headers["Cache-Control"] == "no-store"
    assert rasa.received[0]["message"] == "What is a CAR?"


def test_one_token_is_one_conversation_and_each_session_gets_its_own(website: httpx.Client, rasa: FakeRasa) -> None:
    first, second = session(website), session(website)
    for headers in (first, first, second):
        website.post("/chat/messages", json={"text": "hello"}, headers=headers)
    senders = [message["sender"] for message in rasa.received]
    assert senders[0] == senders[1] != senders[2]
    assert all(CONVERSATION.fullmatch(sender) for sender in senders)


def test_the_browser_cannot_choose_the_sender(website: httpx.Client, rasa: FakeRasa) -> None:
    message = {"text": "hello", "sender": "somebody-else", "conversation": "somebody-else"}
    website.post("/chat/messages?sender=somebody-else", json=message, headers=session(website))
    assert set(rasa.received[0]) == {"sender", "message"}
    assert CONVERSATION.fullmatch(rasa.received[0]["sender"])


def test_an_older_token_of_the_same_key_is_good_until_it_expires() -> None:
    tokens = SessionTokens(KEY, clock=lambda: 1000.0)
    token = tokens.issue()
    later = SessionTokens(KEY, clock=lambda: 1000.0 + SECONDS_VALID - 1)
    assert later.conversation(token) == tokens.conversation(token)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        bearer("web-0123456789abcdef0123456789abcdef"),
        bearer("not.a.token"),
        bearer(SessionTokens("another key that is as long as ours").issue()),
        bearer(SessionTokens(KEY, clock=lambda: 1000.0).issue()),
        bearer(SessionTokens(KEY).issue()[:-1] + "*"),
    ],
    ids=["none", "empty", "no token", "basic", "bare id", "garbage", "other key", "expired", "changed"],
)
def test_without_a_good_token_nothing_reaches_rasa(
    website: httpx.Client, rasa: FakeRasa, headers: dict[str, str]
) -> None:
    response = website.post("/chat/messages", json={"text": "hello"}, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["error"]
    assert rasa.received == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"text": "\xff"}', 400),
        (b"[" * 50_000, 400),
        (b"[]", 422),
        (b'"hello"', 422),
        (b"{}", 422),
        (b'{"text": null}', 422),
        (b'{"text": 5}', 422),
        (b'{"text": ["hello"]}', 422),
        (b'{"text": ""}', 422),
        (b'{"text": " \\n\\t "}', 422),
        (b'{"text": "\\ud83d"}', 422),
        (b'{"text": "' + b"a" * (LONGEST + 1) + b'"}', 413),
        (b'{"text": "' + b"a" * 2_000_000 + b'"}', 413),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else str(value),
)
def test_a_request_that_is_no_message_is_refused_with_a_reason(
    website: httpx.Client, rasa: FakeRasa, body: bytes, status: int
) -> None:
    response = website.post("/chat/messages", content=body, headers=session(website))
    assert response.status_code == status
    assert response.json()["error"]
    assert rasa.received == []


@pytest.mark.parametrize(
    "text",
    ["a" * LONGEST, "🙂" * LONGEST, "null\x00byte \x1b[0m", "<b>bold</b>", "/restart"],
    ids=["long", "long emoji", "control characters", "markup", "command"],
)
def test_odd_but_readable_messages_are_passed_on_whole(website: httpx.Client, rasa: FakeRasa, text: str) -> None:
    response = website.post("/chat/messages", json={"text": text}, headers=session(website))
    assert response.status_code == 200
    assert rasa.received[0]["message"] == text


def test_when_rasa_is_down_the_visitor_is_told() -> None:
    with website_before(free_port()) as website:
        response = website.post("/chat/messages", json={"text": "hello"}, headers=session(website))
        health = website.get("/healthz")
    assert response.status_code == 503
    assert "try again" in response.json()["error"]
    assert (health.status_code, health.json()) == (503, {"status": "rasa unreachable"})


def test_when_rasa_does_not_answer_in_time_the_visitor_is_told() -> None:
    rasa = FakeRasa()
    rasa.silent = True
    impatient = httpx.AsyncClient(timeout=0.2, trust_env=False)
    with serving(rasa.app) as rasa_port, website_before(rasa_port, impatient) as website:
        response = website.post("/chat/messages", json={"text": "hello"}, headers=session(website))
    assert response.status_code == 503
    assert "try again" in response.json()["error"]


@pytest.mark.parametrize(("status", "content"), [(503, []), (500, []), (404, []), (200, {"not": "a list"})])
def test_when_rasa_fails_the_visitor_is_told(
    website: httpx.Client, rasa: FakeRasa, status: int, content: object
) -> None:
    rasa.status, rasa.replies["hello"] = status, content
    response = website.post("/chat/messages", json={"text": "hello"}, headers=session(website))
    assert response.status_code == 503
    assert response.json()["error"]


def test_health_is_ok_while_rasa_answers(website: httpx.Client) -> None:
    response = website.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/chat/messages", 405), ("GET", "/static/../app.py", 404)],
)
def test_other_addresses_give_a_short_json_error(website: httpx.Client, method: str, path: str, status: int) -> None:
    response = website.request(method, path)
    assert response.status_code == status
    assert response.json()["error"]
    assert "Content-Security-Policy" in response.headers


def test_no_log_line_holds_a_message_or_a_token(
    website: httpx.Client, rasa: FakeRasa, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = session(website)
    website.post("/chat/messages", json={"text": "my private worry"}, headers=headers)
    rasa.status = 500
    website.post("/chat/messages", json={"text": "my private worry"}, headers=headers)
    website.post("/chat/messages", content=b'{"text": "my private worry', headers=headers)
    assert "private" not in caplog.text
    assert headers["Authorization"] not in caplog.text
