"""The visitor's side of the website without a server: tokens, bounds, origins, and the widget's file."""

import gzip
import inspect
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from bot.conversation.transcript import Line, Speaker
from bot.widget.chat import Chat
from bot.widget.errors import NotAuthorized, TooMany
from bot.widget.files import LANGUAGES, PARTS, STATIC, read_languages, widget_script
from bot.widget.origins import AllowedOrigins
from bot.widget.outgoing import Event, as_text, line_json
from bot.widget.rate_limits import MOST_KEYS, ConcurrencyLimit, TokenBucket
from bot.widget.tokens import RENEWED_AFTER, VALID, VisitorTokens

KEY = "0123456789abcdef0123456789abcdef"
NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)
MOST_BYTES = 25_000


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_whole_widget_is_one_file_of_at_most_25_kilobytes() -> None:
    script = widget_script(read_languages()["en"])
    assert len(gzip.compress(script.encode())) <= MOST_BYTES


def test_every_part_is_in_the_file_once_and_none_makes_markup_from_text() -> None:
    assert sorted(PARTS) == sorted(path.stem for path in (STATIC / "parts").glob("*.js"))
    script = widget_script(read_languages()["en"])
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "cookie", "import "):
        assert forbidden not in script


def test_every_language_has_the_same_words_with_the_same_gaps() -> None:
    languages = read_languages()
    for code in LANGUAGES:
        words = languages[code]
        assert list(words) == list(languages["en"]), code
        for key, text in words.items():
            assert text.strip(), (code, key)
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", languages["en"][key])), (code, key)
    assert {code for code, words in languages.items() if words["direction"] == "rtl"} == {"ar"}


def test_the_languages_are_translated() -> None:
    languages = read_languages()
    hints = {"direction", "hintEmail", "hintPhone"}
    for code in set(LANGUAGES) - {"en"}:
        same = {key for key, text in languages[code].items() if text == languages["en"][key]} - hints
        # A word or two may happen to be the same.
        assert len(same) <= 3, (code, same)


def test_every_word_that_the_widget_says_is_in_the_file_of_words() -> None:
    parts = "".join((STATIC / "parts" / f"{name}.js").read_text("utf-8") for name in PARTS)
    said = set(re.findall(r'\bsay\("(\w+)"', parts)) | set(re.findall(r'(?:label|placeholder): "(\w+)"', parts))
    assert said <= set(read_languages()["en"])


def test_a_token_is_good_until_it_expires(clock: Clock) -> None:
    tokens = VisitorTokens(KEY, clock)
    token = tokens.issue()
    conversation = tokens.visitor(token).conversation
    clock.now += VALID - timedelta(seconds=1)
    assert tokens.visitor(token).conversation == conversation
    clock.now += timedelta(seconds=1)
    with pytest.raises(NotAuthorized, match="expired"):
        tokens.visitor(token)


def test_a_token_in_use_is_replaced_by_a_fresh_one_of_the_same_conversation(clock: Clock) -> None:
    tokens = VisitorTokens(KEY, clock)
    visitor = tokens.visitor(tokens.issue())
    assert tokens.renewed(visitor) is None
    clock.now += RENEWED_AFTER
    fresh = tokens.renewed(visitor)
    assert fresh
    clock.now += VALID - timedelta(seconds=1)
    assert tokens.visitor(fresh).conversation == visitor.conversation


@pytest.mark.parametrize("subject", ["telegram-7", "web-1", "web-" + "G" * 32, "web-" + "0" * 32 + "\n"])
def test_a_token_for_something_else_is_refused_even_when_it_is_signed(clock: Clock, subject: str) -> None:
    tokens = VisitorTokens(KEY, clock)
    with pytest.raises(NotAuthorized):
        tokens.visitor(tokens.issue(subject))


def test_a_bucket_gives_a_minute_s_worth_at_once_and_fills_up_again() -> None:
    buckets = TokenBucket(60)
    for _ in range(60):
        buckets.take("a", NOON)
    with pytest.raises(TooMany) as refusal:
        buckets.take("a", NOON)
    assert refusal.value.headers == {"Retry-After": "1"}
    buckets.take("b", NOON)
    buckets.take("a", NOON + timedelta(seconds=1))
    with pytest.raises(TooMany):
        buckets.take("a", NOON + timedelta(seconds=1))


def test_buckets_do_not_grow_without_end() -> None:
    buckets = TokenBucket(1)
    for number in range(MOST_KEYS + 10):
        buckets.take(str(number), NOON)
    assert len(buckets._left) == MOST_KEYS


def test_a_place_is_given_back_even_after_an_error() -> None:
    places = ConcurrencyLimit(1)
    with pytest.raises(ValueError), places.one("a"):
        with pytest.raises(TooMany), places.one("a"):
            pass
        with places.one("b"):
            raise ValueError
    with places.one("a"):
        pass


def answered(origins: tuple[str, ...], method: str = "POST", **headers: str) -> tuple[int, dict[str, str]]:
    """Status and CORS headers of an answer."""
    client = TestClient(AllowedOrigins(PlainTextResponse("secret"), origins), base_url="http://chat.example:8080")
    response = client.request(method, "/", headers=headers)
    cors = {name: value for name, value in response.headers.items() if name.startswith("access-control-")}
    return response.status_code, cors


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "https://hospital.example.evil.example", "http://chat.example", "", "http://[bad"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_a_foreign_origin_gets_nothing(origin: str, method: str) -> None:
    assert answered(("https://hospital.example",), method, Origin=origin) == (403, {})


@pytest.mark.parametrize(
    "origin", ["https://hospital.example", "http://chat.example:8080", "https://chat.example:8080"]
)
def test_an_allowed_origin_and_our_own_pages_are_let_in(origin: str) -> None:
    status, cors = answered(("https://hospital.example",), Origin=origin)
    assert (status, cors["access-control-allow-origin"]) == (200, origin)
    status, cors = answered(("https://hospital.example",), "OPTIONS", Origin=origin)
    assert (status, cors["access-control-allow-origin"]) == (204, origin)
    assert "Authorization" in cors["access-control-allow-headers"]
    assert "DELETE" in cors["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in cors


def test_a_star_lets_any_website_in() -> None:
    assert answered(("*",), Origin="https://any.example")[0] == 200


def test_a_request_from_no_page_is_let_in() -> None:
    assert answered(()) == (200, {})


def test_an_event_is_one_block_whatever_is_said() -> None:
    encoded = Event("line", {"text": "a\n\nevent: typing\r\ndata: ü"}, 7).encode()
    head, data, *rest = encoded.split("\n")[1:]
    assert encoded.startswith("id: 7\n")
    assert (head, rest) == ("event: line", ["", ""])
    assert json.loads(data.removeprefix("data: "))["text"] == "a\n\nevent: typing\r\ndata: ü"


def test_a_page_is_told_only_what_it_can_use() -> None:
    shown: dict[str, Any] = {"kind": "answer", "title": "T", "sources": [], "pages": [], "ask": "email"}
    shown["cannot_wait"] = True
    metadata = {**shown, "answers": ["x"], "reviewed": "2026"}
    line = line_json(Line(1, NOON, Speaker.BOT, "text", metadata=metadata))
    assert set(line["metadata"]) == set(shown)


def test_the_downloaded_chat_names_who_said_what_in_the_visitor_s_language() -> None:
    lines = [
        Line(1, NOON, Speaker.VISITOR, "Question"),
        Line(2, NOON, Speaker.BOT, "Answer"),
        Line(3, NOON, Speaker.STAFF, "Hello", staff="Anna"),
    ]
    text = as_text(lines, read_languages()["es"])
    assert "[2026-01-02 12:00 UTC] Anna:\nHello" in text
    assert f"{read_languages()['es']['you']}:\nQuestion" in text
    assert text.index("Question") < text.index("Answer") < text.index("Hello")


def test_the_documentation_names_every_option_property_event_and_request() -> None:
    documentation = Path("docs/widget.md").read_text("utf-8")
    options = (STATIC / "parts" / "options.js").read_text("utf-8")
    style = (STATIC / "widget.css").read_text("utf-8")
    parts = "".join((STATIC / "parts" / f"{name}.js").read_text("utf-8") for name in PARTS)
    named = {f"data-{name}" for name in re.findall(r"\bdata\.(\w+)", options)}
    named |= set(re.findall(r"--cart-[a-z-]+", style))
    named |= {f"`{name}`" for name in re.findall(r'announce\("(\w+)"', parts)}
    named |= set(re.findall(r'Route\("(/\w+)"', inspect.getsource(Chat.routes)))
    assert {name for name in named if name not in documentation} == set()
    assert set(re.findall(r"--cart-[a-z-]+", documentation)) == set(re.findall(r"--cart-[a-z-]+", style))
