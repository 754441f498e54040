"""What no app sends, signed or not, over real HTTP: it is refused, never an error that would have it sent again."""

import copy
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from bot.database.unit_of_work import Store
from tests.messaging import Bot, connected
from tests.providers import PROVIDERS, Provider, Slack, Telegram, Twilio
from tests.servers import KEY

JUNK: list[Any] = [None, True, 10**30, 1.5, "", "\u3000", "x" * 300, "\ud800", "\x00", [["a"]], {"a": 1}]
WORDS = [word for word in JUNK if isinstance(word, str) and word != "\ud800"]
# Bytes of a header that no provider sends. The last one is a number that no clock can hold.
HEADERS = [b"", b"\xff", b"\xed\xa0\x80", b"v0=\xc3\xa9", b"9" * 400]


@pytest.fixture(params=PROVIDERS)
def provider(
    request: pytest.FixtureRequest, migrated_url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Provider]:
    """Each provider, on each kind of database."""
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    bot = Bot()
    with connected(request.param, bot, store, monkeypatch) as found:
        found.begin()
        yield found
    bot.close()


def test_signed_junk_of_wrong_types_is_refused_and_not_asked_for_again(provider: Provider) -> None:
    contents = webhooks(provider)
    statuses = [send(provider, content) for content in contents]
    assert len(contents) > 100
    failed = [content for content, status in zip(contents, statuses, strict=True) if status not in {200, 400}]
    assert not failed, failed[:5]
    assert {200, 400} == set(statuses)


def test_a_header_or_an_address_that_cannot_be_read_is_refused(provider: Provider) -> None:
    headers, body = provider.signed(provider.message(provider.maria, "hello", "1"))
    given = {name: value.encode() for name, value in headers.items()}
    for name in headers:
        for value in HEADERS:
            assert raw(provider, {**given, name: value}, body) < 500, (name, value)
    assert raw(provider, given, body, b"?reply=%ff") < 500
    assert raw(provider, given, body, b"?hub.verify_token=%ff&hub.mode=subscribe", b"GET") == 403


def test_a_text_of_white_space_gets_a_reply(provider: Provider) -> None:
    assert send(provider, provider.message(provider.maria, "\u3000 \n", "7")) == 200
    assert provider.text().startswith("About:")


def send(provider: Provider, content: Any) -> int:
    """The status of the answer to a webhook."""
    query = ""
    if isinstance(content, Pressed):
        body = urlencode({"payload": json.dumps(content.payload)}).encode()
        headers = provider._headers(body, provider.secret, 0)  # type: ignore[attr-defined]
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    elif isinstance(content, Told):
        query = content.query
        headers, body = provider.signed(content.fields, query)  # type: ignore[call-arg]
    else:
        headers, body = provider.signed(content)
    return raw(provider, {name: value.encode() for name, value in headers.items()}, body, query.encode())


class Pressed:
    """A form with JSON in it, as Slack tells of a button."""

    def __init__(self, payload: Any) -> None:
        self.payload = payload

    def __repr__(self) -> str:
        return f"pressed {self.payload}"


class Told:
    """How it went with a reply, as Twilio tells it."""

    def __init__(self, query: str, fields: dict[str, str]) -> None:
        self.query, self.fields = query, fields

    def __repr__(self) -> str:
        return f"{self.query} {self.fields}"


def webhooks(provider: Provider) -> list[Any]:
    """What the provider sends, with each value in turn replaced by something else."""
    message = provider.message(provider.maria, "hello", "7")
    picture = provider.picture(provider.maria, "look", "8")
    if isinstance(provider, Twilio):
        forms = [{**form, name: word} for form in (message, picture) for name in form for word in WORDS]
        told = {"MessageSid": "SM1", "MessageStatus": "failed", "To": "whatsapp:+1", "ErrorCode": "1"}
        receipts = [Told("?reply=1&last=1", {**told, name: word}) for name in told for word in WORDS]
        queries = [Told(f"?reply={reply}", told) for reply in ("", "0", "x", "9" * 9, "9" * 400, "%00", "%D9%A3")]
        return [*forms, *receipts, *queries]
    pressed = {
        "type": "block_actions",
        "user": {"id": "U1"},
        "channel": {"id": "D1"},
        "actions": [{"type": "button", "value": "What is CRS?", "action_ts": "1.2"}],
    }
    query = {"id": "9", "data": "x", "message": {**Telegram().part("5", "7"), "reply_markup": MARKUP}}
    edited = Telegram().part("5", "7", text="new", edit_date=1)
    contents: dict[str, list[Any]] = {
        "telegram": [{"callback_query": query}, {"edited_message": edited}],
        "facebook": [
            {"entry": [{"messaging": [{"sender": {"id": "5"}, **content}]}]}
            for content in (
                {"postback": {"mid": "m", "title": "A", "payload": "B"}},
                {"message_edit": {"mid": "m", "text": "new", "num_edit": 2}},
                {"message": {"mid": "m", "text": "Yes", "quick_reply": {"payload": "Yes, I agree"}}},
            )
        ],
        "slack": [provider.event("9", **CHANGED)] if isinstance(provider, Slack) else [],
    }
    found = [each for content in (message, picture, *contents[provider.name]) for each in mutations(content)]
    return found + ([Pressed(each) for each in mutations(pressed)] if isinstance(provider, Slack) else [])


MARKUP = {"inline_keyboard": [[{"text": "Yes", "callback_data": "x"}]]}
CHANGED = {
    "type": "message",
    "subtype": "message_changed",
    "channel_type": "im",
    "channel": "D5",
    "message": {"user": "U5", "text": "b"},
    "previous_message": {"user": "U5", "text": "a"},
}


def mutations(content: Any) -> Iterator[Any]:
    """Copies with one value each replaced, or missing."""
    for *path, last in paths(content):
        for junk in (*JUNK, KEY):
            changed = copy.deepcopy(content)
            inside = changed
            for step in path:
                inside = inside[step]
            if junk is KEY:
                del inside[last]
            else:
                inside[last] = junk
            yield changed
    yield from JUNK


def paths(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from paths(value, (*path, key))


def raw(provider: Provider, headers: dict[str, bytes], body: bytes, query: bytes = b"", method: bytes = b"POST") -> int:
    """The status of the answer to a request that no HTTP library would send."""
    url = urlsplit(provider.url)
    lines = [b"%s %s/%s/webhook%s HTTP/1.1" % (method, url.path.encode(), provider.name.encode(), query)]
    lines += [b"%s: %s" % (name.encode(), value) for name, value in headers.items()]
    lines += [b"Host: localhost", b"Connection: close", b"Content-Length: %d" % len(body), b"", body]
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=60) as connection:
        connection.sendall(b"\r\n".join(lines))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return int(answer.split(b" ", 2)[1])
