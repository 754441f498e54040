"""The website's pages and files, and who may talk to the chat, over real HTTP in front of a stand-in for Rasa."""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from html import unescape

import httpx
import pytest

from bot.content.catalogue import TOPICS_FOLDER, read_yaml
from bot.database.migrations import upgrade
from bot.website.app import create_app
from bot.widget.tokens import VALID, VisitorTokens
from tests.servers import KEY, free_port, serving
from tests.website import FakeRasa, Website, a_website, website_settings

LONGEST = 12_000
CONVERSATION = re.compile(r"web-[0-9a-f]{32}")
HOSPITAL = "https://hospital.example"
ID = "0123456789abcdef"


@pytest.fixture(scope="module")
def module_website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Website]:
    url = f"sqlite:///{tmp_path_factory.mktemp('website')}/website.db"
    upgrade(url)
    with a_website(url, ALLOWED_ORIGINS=HOSPITAL) as website:
        yield website


@pytest.fixture
def rasa(module_website: Website) -> FakeRasa:
    module_website.rasa.forget()
    return module_website.rasa


@pytest.fixture
def website(module_website: Website) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=module_website.url, trust_env=False) as client:
        yield client


def session(website: httpx.Client) -> dict[str, str]:
    """Headers of a fresh conversation."""
    return bearer(website.post("/chat/session").json()["token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def tokens(key: str = KEY, ago: timedelta = timedelta()) -> VisitorTokens:
    return VisitorTokens(key, lambda: datetime.now(timezone.utc) - ago)


def test_the_page_and_its_files_are_served_with_strict_headers(website: httpx.Client) -> None:
    for path in ("/", "/demo.css", "/demo.js", "/favicon.svg"):
        response = website.get(path)
        assert response.status_code == 200
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in response.headers


def test_the_page_loads_nothing_from_elsewhere_and_holds_no_inline_code(website: httpx.Client) -> None:
    page = website.get("/").text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


def test_the_page_suggests_questions_that_have_an_answer(website: httpx.Client) -> None:
    suggested = re.findall(r'data-questions="([^"]+)"', website.get("/").text)[0].split("|")
    files = [read_yaml(path) for path in sorted(TOPICS_FOLDER.glob("*.yml"))]
    titles = {answer[0]["metadata"]["title"] for file in files for answer in file["responses"].values()}
    assert {unescape(question) for question in suggested} <= titles


@pytest.mark.parametrize("path", ["/widget.js", "/widget/languages/ar.json"])
def test_the_widget_is_for_any_page_and_is_sent_again_only_when_it_has_changed(
    website: httpx.Client, path: str
) -> None:
    response = website.get(path, headers={"Origin": "https://any.example"})
    assert response.status_code == 200
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"].startswith("public")
    assert response.headers["Content-Encoding"] == "gzip"
    plain = website.get(path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.text == response.text
    again = website.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_one_token_is_one_conversation_and_each_session_gets_its_own(website: httpx.Client, rasa: FakeRasa) -> None:
    first, second = session(website), session(website)
    for number, headers in enumerate((first, first, second)):
        website.post("/chat/messages", json={"id": f"{ID}{number}", "text": "hello"}, headers=headers)
    senders = [message["sender"] for message in rasa.received]
    assert senders[0] == senders[1] != senders[2]
    assert all(CONVERSATION.fullmatch(sender) for sender in senders)


def test_the_browser_cannot_choose_the_sender(website: httpx.Client, rasa: FakeRasa) -> None:
    message = {"id": ID, "text": "hello", "sender": "somebody-else", "conversation": "somebody-else"}
    website.post("/chat/messages?sender=somebody-else", json=message, headers=session(website))
    assert rasa.received[0].keys() == {"sender", "message", "message_id", "language"}
    assert CONVERSATION.fullmatch(rasa.received[0]["sender"])


REQUESTS = [
    ("POST", "/chat/messages"),
    ("GET", "/chat/events"),
    ("POST", "/chat/typing"),
    ("POST", "/chat/received"),
    ("POST", "/chat/feedback"),
    ("GET", "/chat/download"),
    ("DELETE", "/chat/session"),
]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        bearer("web-0123456789abcdef0123456789abcdef"),
        bearer("not.a.token"),
        bearer(tokens("another key that is as long as ours").issue()),
        bearer(tokens(ago=VALID + timedelta(seconds=1)).issue()),
        bearer(tokens().issue()[:-1] + "*"),
    ],
    ids=["none", "empty", "no token", "basic", "bare id", "garbage", "other key", "expired", "changed"],
)
@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_without_a_good_token_there_is_nothing(
    website: httpx.Client, rasa: FakeRasa, method: str, path: str, headers: dict[str, str]
) -> None:
    response = website.request(method, path, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["error"]
    assert rasa.received == []


@pytest.mark.parametrize(("method", "path"), [*REQUESTS, ("POST", "/chat/session"), ("OPTIONS", "/chat/messages")])
def test_a_foreign_origin_gets_nothing_even_with_a_good_token(
    website: httpx.Client, rasa: FakeRasa, method: str, path: str
) -> None:
    headers = {**session(website), "Origin": "https://evil.example"}
    response = website.request(method, path, headers=headers)
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert "token" not in response.text
    assert rasa.received == []


def test_an_allowed_origin_may_chat_and_reads_the_errors_too(website: httpx.Client, rasa: FakeRasa) -> None:
    preflight = website.options("/chat/messages", headers={"Origin": HOSPITAL})
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, HOSPITAL)
    headers = {**session(website), "Origin": HOSPITAL}
    said = website.post("/chat/messages", json={"id": ID, "text": "hello"}, headers=headers)
    refused = website.post("/chat/messages", json={}, headers=headers)
    for response, status in ((said, 200), (refused, 422)):
        assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (status, HOSPITAL)
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Origin" in response.headers["Vary"]


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
        (b'{"id": "0123456789"}', 422),
        (b'{"id": "0123456789", "text": null}', 422),
        (b'{"id": "0123456789", "text": 5}', 422),
        (b'{"id": "0123456789", "text": ["hello"]}', 422),
        (b'{"id": "0123456789", "text": ""}', 422),
        (b'{"id": "0123456789", "text": " \\n\\t "}', 422),
        (b'{"id": "0123456789", "text": "\\ud83d"}', 422),
        (b'{"text": "no id"}', 422),
        (b'{"id": 5, "text": "hello"}', 422),
        (b'{"id": "short", "text": "hello"}', 422),
        (b'{"id": "with space", "text": "hello"}', 422),
        (b'{"id": "' + b"a" * 65 + b'", "text": "hello"}', 422),
        (b'{"id": "0123456789", "text": "hello", "after": "1"}', 422),
        (b'{"id": "0123456789", "text": "hello", "after": -1}', 422),
        (b'{"id": "0123456789", "text": "hello", "after": 1e99}', 422),
        (b'{"id": "0123456789", "text": "' + b"a" * (LONGEST + 1) + b'"}', 413),
        (b'{"id": "0123456789", "text": "' + b"a" * 2_000_000 + b'"}', 413),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
def test_a_request_that_is_no_message_is_refused_with_a_reason(
    website: httpx.Client, rasa: FakeRasa, body: bytes, status: int
) -> None:
    response = website.post("/chat/messages", content=body, headers=bearer(tokens().issue()))
    assert response.status_code == status
    assert response.json()["error"]
    assert rasa.received == []


@pytest.mark.parametrize(
    "text",
    ["a" * LONGEST, "🙂" * LONGEST, "null\x00byte \x1b[0m", "<b>bold</b>", "/restart"],
    ids=["long", "long emoji", "control characters", "markup", "command"],
)
def test_odd_but_readable_messages_are_passed_on_whole(website: httpx.Client, rasa: FakeRasa, text: str) -> None:
    response = website.post("/chat/messages", json={"id": ID, "text": text}, headers=session(website))
    assert response.status_code == 200
    assert rasa.received[0]["message"] == text


def test_when_rasa_is_down_the_visitor_is_told(database_url: str) -> None:
    upgrade(database_url)
    app = create_app(website_settings(free_port(), database_url))
    with serving(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as website:
        response = website.post("/chat/messages", json={"id": ID, "text": "hello"}, headers=session(website))
        health = website.get("/healthz")
    assert response.status_code == 503
    assert "try again" in response.json()["error"]
    assert (health.status_code, health.json()) == (503, {"status": "rasa unreachable"})


def test_when_rasa_does_not_answer_in_time_the_visitor_is_told(database_url: str) -> None:
    upgrade(database_url)
    impatient = httpx.AsyncClient(timeout=0.2, trust_env=False)
    with a_website(database_url, impatient) as served, httpx.Client(base_url=served.url, trust_env=False) as website:
        served.rasa.silent = True
        response = website.post("/chat/messages", json={"id": ID, "text": "hello"}, headers=session(website))
    assert response.status_code == 503
    assert "try again" in response.json()["error"]


@pytest.mark.parametrize("status", [503, 500, 404, 401])
def test_when_rasa_fails_the_visitor_is_told(website: httpx.Client, rasa: FakeRasa, status: int) -> None:
    rasa.status = status
    response = website.post("/chat/messages", json={"id": ID, "text": "hello"}, headers=session(website))
    assert response.status_code == 503
    assert response.json()["error"]


def test_health_is_ok_while_rasa_answers(website: httpx.Client) -> None:
    response = website.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/chat/nothing", 404),
        ("GET", "/chat/messages", 405),
        ("GET", "/static/../app.py", 404),
        ("GET", "/widget/languages/xx.json", 404),
        ("POST", "/widget.js", 405),
    ],
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
    for status in (200, 500):
        rasa.status = status
        website.post("/chat/messages", json={"id": ID, "text": "my private worry"}, headers=headers)
    website.post("/chat/messages", content=b'{"text": "my private worry', headers=headers)
    assert "private" not in caplog.text
    assert headers["Authorization"] not in caplog.text
