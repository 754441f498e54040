import asyncio
import json
from typing import Any

import pytest

from bot.channels.rest import BadRequest, IncomingMessage, RestChannel, WholeReplies

FIELDS = {"sender": "visitor", "message": "what is CRS?"}


def body(**changes: Any) -> bytes:
    return json.dumps({**FIELDS, **changes}).encode()


def test_a_request_is_read() -> None:
    assert IncomingMessage.from_body(body()) == IncomingMessage("visitor", "what is CRS?")


@pytest.mark.parametrize("unknown", [{"input_channel": "telegram"}, {"metadata": {"a": 1}}, {"stream": True}])
def test_unknown_fields_are_ignored(unknown: dict[str, Any]) -> None:
    assert IncomingMessage.from_body(body(**unknown)) == IncomingMessage.from_body(body())


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "é 😀", "a" * 100_000])
def test_any_text_is_a_message(text: str) -> None:
    assert IncomingMessage.from_body(body(message=text)).text == text


def test_a_senders_name_is_taken_without_the_spaces_around_it() -> None:
    assert IncomingMessage.from_body(body(sender="  visitor ")).sender == "visitor"


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"\xff\xfe\xfd", b"sender=visitor", b"[" * 100_000],
    ids=["empty", "cut off", "no UTF-8", "a form", "too deep"],
)
def test_what_is_no_json_is_refused(broken: bytes) -> None:
    with pytest.raises(BadRequest, match="The body must be JSON in UTF-8"):
        IncomingMessage.from_body(broken)


@pytest.mark.parametrize("other", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_refused(other: bytes) -> None:
    with pytest.raises(BadRequest, match="The body must be an object"):
        IncomingMessage.from_body(other)


@pytest.mark.parametrize("sender", [None, 1, "", "   ", ["visitor"], {}, "a" * 256])
def test_a_sender_is_a_text_of_1_to_255_characters(sender: object) -> None:
    with pytest.raises(BadRequest, match="`sender` must be a text of 1 to 255 characters"):
        IncomingMessage.from_body(body(sender=sender))


@pytest.mark.parametrize("sender", ["a\x00b", "a\nb", "a\x1bb", "a\ud800b", "a\u202eb"])
def test_a_sender_holds_no_control_characters(sender: str) -> None:
    with pytest.raises(BadRequest, match="`sender` must not hold control characters"):
        IncomingMessage.from_body(body(sender=sender))


@pytest.mark.parametrize("text", [None, 1, True, ["text"], {"text": "a"}])
def test_a_message_is_a_text(text: object) -> None:
    with pytest.raises(BadRequest, match="`message` must be a text"):
        IncomingMessage.from_body(body(message=text))


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_both_fields_are_needed(field: str) -> None:
    incomplete = {key: value for key, value in FIELDS.items() if key != field}
    with pytest.raises(BadRequest, match=f"`{field}` must be a text"):
        IncomingMessage.from_body(json.dumps(incomplete).encode())


def collected(message: dict[str, Any]) -> dict[str, Any]:
    replies = WholeReplies()
    asyncio.run(replies.send_response("visitor", message))
    (reply,) = replies.messages
    return reply


def test_a_reply_stays_whole_across_blank_lines() -> None:
    assert collected({"text": "one\n\ntwo"}) == {"recipient_id": "visitor", "text": "one\n\ntwo"}


@pytest.mark.parametrize(
    "extra",
    [
        {"buttons": [{"title": "a", "payload": "a"}]},
        {"metadata": {"kind": "answer"}},
        {"custom": {"form": "enrollment"}},
    ],
)
def test_what_belongs_to_a_reply_stays_with_it(extra: dict[str, Any]) -> None:
    assert collected({"text": "one", **extra}) == {"recipient_id": "visitor", "text": "one", **extra}


def test_what_is_empty_or_internal_is_left_out() -> None:
    assert set(collected({"text": "one", "buttons": [], "utter_action": "utter_x"})) == {"recipient_id", "text"}


def test_replies_keep_their_order() -> None:
    replies = WholeReplies()
    for text in ("one", "two"):
        asyncio.run(replies.send_response("visitor", {"text": text}))
    assert [reply["text"] for reply in replies.messages] == ["one", "two"]


def test_the_length_of_messages_comes_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_MESSAGE_LENGTH", "500")
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    channel = RestChannel.from_credentials(None)
    assert (channel.name(), channel.max_message_length) == ("rest", 500)
