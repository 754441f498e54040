"""What each messaging app sends and answers, as its documentation shows it."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from bot.channels.errors import BadRequest, DeliveryFailed
from bot.channels.facebook import FacebookApp
from bot.channels.incoming import Message, Receipt, Webhook
from bot.channels.messaging_app import BLOCKED, NO_ACCESS, WINDOW_CLOSED, MessagingApp
from bot.channels.slack import SlackApp
from bot.channels.telegram import TelegramApp
from bot.channels.twilio import TwilioApp
from bot.settings import apps
from tests.providers import PUBLIC_URL, Facebook, Slack, Telegram, Twilio

TELEGRAM = TelegramApp(apps.Telegram(Telegram.token, Telegram.secret, "http://api"))
TWILIO = TwilioApp(apps.Twilio(Twilio.account, Twilio.token, Twilio.number, "http://api"), PUBLIC_URL)
FACEBOOK = FacebookApp(apps.Facebook(Facebook.token, Facebook.secret, Facebook.verify, "http://api"))
SLACK = SlackApp(apps.Slack(Slack.token, Slack.secret, "http://api"))
SLACK_JSON = {"content-type": "application/json"}


def read(app: MessagingApp, content: Any, **headers: str) -> list[Any]:
    return list(app.read(Webhook("/webhook", headers, json.dumps(content).encode())))


def telegram(**content: Any) -> list[Any]:
    return read(TELEGRAM, {"update_id": 1, "message": Telegram().part("5", "7", **content)})


def facebook(**content: Any) -> list[Any]:
    return read(FACEBOOK, Facebook().batch(Facebook().event("5", **content)))


def slack(**event: Any) -> list[Any]:
    return read(SLACK, Slack().event("1", **event), **{"content-type": "application/json"})


def twilio(query: str = "", **fields: str) -> list[Any]:
    return list(TWILIO.read(Webhook(f"/webhooks/twilio/webhook{query}", {}, urlencode(fields).encode())))


@pytest.mark.parametrize("text", ["/start", "/start from-the-website"])
def test_starting_the_telegram_bot_is_a_greeting(text: str) -> None:
    assert telegram(text=text) == [Message("5", "5", "m7", "hello")]


@pytest.mark.parametrize(
    ("content", "media"),
    [
        ({"voice": {"file_id": "A", "duration": 3}}, "voice message"),
        ({"photo": [{"file_id": "A"}]}, "picture"),
        ({"sticker": {"file_id": "A", "emoji": "x"}}, "sticker"),
        ({"location": {"latitude": 1.0, "longitude": 2.0}}, "location"),
        ({"location": {"latitude": 1.0}, "venue": {"title": "Clinic"}}, "location"),
        ({"document": {"file_id": "A"}}, "file"),
        ({"video_note": {"file_id": "A"}}, "video"),
        ({"contact": {"phone_number": "1"}}, "contact card"),
    ],
)
def test_what_is_no_text_in_telegram_is_named(content: dict[str, Any], media: str) -> None:
    assert telegram(**content) == [Message("5", "5", "m7-media", media=media)]


def test_an_album_is_one_thing() -> None:
    first = telegram(photo=[{"file_id": "A"}], media_group_id="99")
    assert first == [Message("5", "5", "album99", media="picture")]


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_telegram_groups_are_not_read(kind: str) -> None:
    assert telegram(text="hi", kind=kind) == []


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "message_reaction": {"chat": {"id": 5}, "new_reaction": []}},
        {"update_id": 1, "my_chat_member": {"chat": {"id": 5, "type": "private"}}},
        {"update_id": 1, "message": Telegram().part("5", "7", pinned_message={"message_id": 1})},
        {"update_id": 1, "callback_query": {"id": "9", "data": "x", "message": {"chat": {"type": "group"}}}},
        {"update_id": 1, "callback_query": {"id": "9", "game_short_name": "x"}},
    ],
)
def test_what_says_nothing_in_telegram_is_nothing(update: dict[str, Any]) -> None:
    assert read(TELEGRAM, update) == []


def test_a_pressed_button_stops_waiting_in_telegram() -> None:
    body = json.dumps({"update_id": 1, "callback_query": {"id": "9", "game_short_name": "x"}}).encode()
    said, kind = TELEGRAM.acknowledgement(Webhook("/webhook", {}, body))
    assert (json.loads(said), kind) == (
        {"method": "answerCallbackQuery", "callback_query_id": "9"},
        "application/json",
    )


@pytest.mark.parametrize(
    ("fields", "media"),
    [
        ({"NumMedia": "1", "MediaContentType0": "image/jpeg", "Body": ""}, "picture"),
        ({"NumMedia": "1", "MediaContentType0": "image/webp", "Body": ""}, "sticker"),
        ({"NumMedia": "1", "MediaContentType0": "audio/ogg", "Body": ""}, "voice message"),
        ({"NumMedia": "1", "MediaContentType0": "application/pdf", "Body": ""}, "file"),
        ({"NumMedia": "0", "Latitude": "1.0", "Longitude": "2.0", "Body": ""}, "location"),
    ],
)
def test_what_is_no_text_in_whatsapp_is_named(fields: dict[str, str], media: str) -> None:
    found = twilio(MessageSid="SM1", From="whatsapp:+1", **fields)
    assert found == [Message("whatsapp:+1", "whatsapp:+1", "SM1-media", media=media)]


@pytest.mark.parametrize(
    ("query", "fields", "receipts"),
    [
        ("?reply=3&last=1", {"MessageStatus": "delivered"}, [Receipt("whatsapp:+1", 3)]),
        ("?reply=3&last=1", {"MessageStatus": "read"}, [Receipt("whatsapp:+1", 3)]),
        ("?reply=3", {"MessageStatus": "delivered"}, []),
        ("?reply=3&last=1", {"MessageStatus": "sent"}, []),
        (
            "?reply=3",
            {"MessageStatus": "undelivered", "ErrorCode": "63016"},
            [Receipt("whatsapp:+1", 3, WINDOW_CLOSED)],
        ),
        (
            "?reply=3",
            {"MessageStatus": "failed", "ErrorCode": "30008"},
            [Receipt("whatsapp:+1", 3, "not_delivered_by_whatsapp_30008")],
        ),
    ],
)
def test_twilio_tells_how_it_went(query: str, fields: dict[str, str], receipts: list[Receipt]) -> None:
    assert twilio(query, To="whatsapp:+1", **fields) == receipts


@pytest.mark.parametrize("fields", [{}, {"From": "whatsapp:+1"}, {"MessageSid": "SM1"}])
def test_what_is_no_message_of_twilios_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        twilio(**fields)


def test_empty_fields_are_signed_too() -> None:
    headers, body = Twilio().signed(Twilio().picture("1", "", "2"))
    lowered = {name.lower(): value for name, value in headers.items()}
    assert TWILIO.authentic(Webhook("/webhooks/twilio/webhook", lowered, body))
    assert not TWILIO.authentic(Webhook("/webhooks/twilio/webhook?reply=1", lowered, body))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"message": {"mid": "m", "text": "hi"}}, [Message("5", "5", "m", "hi")]),
        (
            {"message": {"mid": "m", "text": "Yes", "quick_reply": {"payload": "Yes, I agree"}}},
            [Message("5", "5", "m", "Yes, I agree")],
        ),
        (
            {"postback": {"mid": "m", "title": "Get started", "payload": "GET_STARTED"}},
            [Message("5", "5", "m", "hello")],
        ),
        ({"postback": {"mid": "m", "title": "A", "payload": "What is CRS?"}}, [Message("5", "5", "m", "What is CRS?")]),
        (
            {"message_edit": {"mid": "m", "text": "new", "num_edit": 2}},
            [Message("5", "5", "m-edit2", "new", edit_of="m")],
        ),
        ({"message": {"mid": "m", "text": "hi", "is_echo": True}}, []),
        ({"message": {"mid": "m", "is_deleted": True}}, []),
        ({"delivery": {"mids": ["m"], "watermark": 1}}, []),
        ({"read": {"watermark": 1}}, []),
        ({"reaction": {"reaction": "love", "action": "react", "mid": "m"}}, []),
    ],
)
def test_what_people_do_in_messenger(content: dict[str, Any], found: list[Message]) -> None:
    assert facebook(**content) == found


@pytest.mark.parametrize(
    ("attachment", "media"),
    [
        ({"type": "audio", "payload": {"url": "u"}}, "voice message"),
        ({"type": "image", "payload": {"url": "u"}}, "picture"),
        ({"type": "image", "payload": {"url": "u", "sticker_id": 369}}, "sticker"),
        ({"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}}}, "location"),
        ({"type": "fallback", "payload": None, "title": "shared"}, "file"),
    ],
)
def test_what_is_no_text_in_messenger_is_named(attachment: dict[str, Any], media: str) -> None:
    found = facebook(message={"mid": "m", "attachments": [attachment]})
    assert found == [Message("5", "5", "m-media", media=media)]


def test_the_preview_of_a_link_is_not_a_file() -> None:
    attachments = [{"type": "fallback", "payload": {"url": "u"}}]
    assert facebook(message={"mid": "m", "text": "see http://u", "attachments": attachments}) == [
        Message("5", "5", "m", "see http://u")
    ]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": Facebook.verify, "hub.challenge": "42"}, "42"),
        ({"hub.mode": "subscribe", "hub.verify_token": "guess", "hub.challenge": "42"}, None),
        ({"hub.verify_token": Facebook.verify, "hub.challenge": "42"}, None),
        ({}, None),
    ],
)
def test_facebook_subscribes_with_the_agreed_word(query: dict[str, str], answer: str | None) -> None:
    assert FACEBOOK.subscription(query) == answer


@pytest.mark.parametrize("text", ["What is <https://a.org|a.org> &amp; <@U1>this?", "  What is a.org &amp; this?"])
def test_slacks_way_of_writing_is_undone(text: str) -> None:
    found = slack(type="message", channel_type="im", channel="D5", user="U5", text=text)
    assert found == [Message("U5", "D5", "Ev1", "What is a.org & this?")]


def changed(before: str, after: str, **more: Any) -> dict[str, Any]:
    messages = {"message": {"user": "U5", "text": after, **more}, "previous_message": {"user": "U5", "text": before}}
    return {"type": "message", "subtype": "message_changed", "channel_type": "im", "channel": "D5", **messages}


@pytest.mark.parametrize(
    ("event", "texts"),
    [
        (changed("a", "b", edited={"user": "U5", "ts": "1"}), ["b"]),
        (changed("a", "a"), []),
        (changed("a", "b", bot_id="B1"), []),
        ({"type": "message", "subtype": "message_deleted", "channel_type": "im", "channel": "D5"}, []),
        ({"type": "message", "channel_type": "im", "channel": "D5", "bot_id": "B1", "user": "U1", "text": "echo"}, []),
        ({"type": "message", "channel_type": "channel", "channel": "C5", "user": "U5", "text": "hi"}, []),
        ({"type": "app_mention", "channel": "C5", "user": "U5", "text": "hi"}, []),
        ({"type": "reaction_added", "user": "U5", "reaction": "thumbsup"}, []),
    ],
)
def test_what_people_do_in_slack(event: dict[str, Any], texts: list[str]) -> None:
    assert [message.text for message in slack(**event)] == texts


@pytest.mark.parametrize(
    ("file", "media"),
    [
        ({"mimetype": "image/png"}, "picture"),
        ({"mimetype": "audio/webm", "subtype": "slack_audio"}, "voice message"),
        ({"mimetype": "application/pdf"}, "file"),
    ],
)
def test_what_is_no_text_in_slack_is_named(file: dict[str, Any], media: str) -> None:
    event = {"type": "message", "subtype": "file_share", "channel_type": "im", "channel": "D5", "user": "U5"}
    assert slack(**event, text="", files=[file]) == [Message("U5", "D5", "Ev1-media", media=media)]


def test_slack_hears_its_own_word_when_the_address_is_set_up() -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
    webhook = Webhook("/webhook", SLACK_JSON, body)
    assert SLACK.read(webhook) == []
    assert SLACK.acknowledgement(webhook)[0] == "3eZbrw1a"


@pytest.mark.parametrize("age", [301, 3600, -301])
def test_an_old_request_of_slacks_is_refused(age: int) -> None:
    headers, body = Slack().signed({"type": "event_callback"}, age=age)
    assert not SLACK.authentic(Webhook("/webhook", {name.lower(): value for name, value in headers.items()}, body))


def test_slack_escapes_what_it_would_read_as_its_own() -> None:
    (request,) = SLACK.requests("D5", {"text": "a < b & c > d"}, "")
    assert json.loads(request.content)["blocks"][0]["text"]["text"] == "a &lt; b &amp; c &gt; d"


@pytest.mark.parametrize(
    ("app", "status", "answer", "code", "final"),
    [
        (TELEGRAM, 403, {"ok": False, "description": "Forbidden: bot was blocked by the user"}, BLOCKED, True),
        (TELEGRAM, 401, {"ok": False}, NO_ACCESS, True),
        (TELEGRAM, 400, {"ok": False, "description": "chat not found"}, "telegram_refused_it_400", True),
        (TELEGRAM, 429, {"ok": False, "parameters": {"retry_after": 7}}, "too_many_messages", False),
        (TELEGRAM, 502, {}, "the_app_has_an_error_502", False),
        (TWILIO, 400, {"code": 21610}, BLOCKED, True),
        (TWILIO, 401, {"code": 20003}, NO_ACCESS, True),
        (TWILIO, 400, {"code": 63016}, WINDOW_CLOSED, True),
        (TWILIO, 400, {"code": 21211}, "twilio_refused_it_21211", True),
        (TWILIO, 429, {"code": 20429}, "too_many_messages", False),
        (FACEBOOK, 400, {"error": {"code": 551}}, BLOCKED, True),
        (FACEBOOK, 400, {"error": {"code": 190}}, NO_ACCESS, True),
        (FACEBOOK, 400, {"error": {"code": 10, "error_subcode": 2018278}}, WINDOW_CLOSED, True),
        (FACEBOOK, 400, {"error": {"code": 613}}, "too_many_messages", False),
        (FACEBOOK, 400, {"error": {"code": 1200}}, "the_app_has_an_error_1200", False),
        (SLACK, 200, {"ok": False, "error": "cannot_dm_bot"}, BLOCKED, True),
        (SLACK, 200, {"ok": False, "error": "token_revoked"}, NO_ACCESS, True),
        (SLACK, 200, {"ok": False, "error": "channel_not_found"}, "slack_refused_it_channel_not_found", True),
        (SLACK, 200, {"ok": False, "error": "internal_error"}, "too_many_messages", False),
        (SLACK, 503, {}, "the_app_has_an_error_503", False),
    ],
)
def test_a_refusal_is_understood(
    app: MessagingApp, status: int, answer: dict[str, Any], code: str, final: bool
) -> None:
    refusal = app.refusal(httpx.Response(status, json=answer))
    assert isinstance(refusal, DeliveryFailed)
    assert (refusal.code, refusal.final) == (code, final)


@pytest.mark.parametrize("app", [TELEGRAM, TWILIO, FACEBOOK, SLACK])
def test_a_page_of_some_proxy_is_no_answer_of_the_apps(app: MessagingApp) -> None:
    refusal = app.refusal(httpx.Response(503, text="<html>"))
    assert refusal is not None
    assert not refusal.final


def test_telegram_says_how_long_to_wait() -> None:
    refusal = TELEGRAM.refusal(httpx.Response(429, json={"ok": False, "parameters": {"retry_after": 7}}))
    assert refusal is not None
    assert refusal.wait == 7
