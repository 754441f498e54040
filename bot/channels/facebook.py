"""Facebook Messenger, by the Messenger Platform (https://developers.facebook.com/docs/messenger-platform).

Rasa's connector answers 200 to a forged request, checks the older SHA-1 signature, reads only the first message of a
batch, sends with a client that blocks the whole server and does not look at its errors, drops all buttons when there
are more than three, and hands the address of a picture on as if the visitor had typed it. Nothing of it is used here
but the name.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from bot.channels import messaging_app
from bot.channels.errors import BadRequest, DeliveryFailed
from bot.channels.incoming import HELLO, Fields, Message, Webhook, is_secret
from bot.channels.messaging import MessagingChannel
from bot.channels.messaging_app import MessagingApp
from bot.channels.outgoing import buttons, numbered, split
from bot.channels.turn_io import Utterance
from bot.settings import Settings
from bot.settings.apps import Facebook as Access

LONGEST_MESSAGE, LONGEST_TITLE, LONGEST_PAYLOAD, MOST_BUTTONS = 2000, 20, 1000, 13
# Payload of the page's "Get started" button (docs/channels.md).
GET_STARTED = "GET_STARTED"
MEDIA = {"audio": "voice message", "image": "picture", "video": "video", "location": "location"}
# https://developers.facebook.com/docs/messenger-platform/error-codes
RATE_LIMITS, PASSING = {4, 17, 32, 613}, {1, 2, 1200}
REASONS = {"551": messaging_app.BLOCKED, "190": messaging_app.NO_ACCESS}
WINDOW_CLOSED = {2018278, 2018108, 2018065}


class FacebookApp(MessagingApp):
    """One page."""

    name = "facebook"
    numbers = True

    def __init__(self, access: Access) -> None:
        self._access = access

    @classmethod
    def of(cls, settings: Settings) -> "FacebookApp | None":
        """The page that the settings name."""
        return cls(settings.facebook) if settings.facebook else None

    def authentic(self, webhook: Webhook) -> bool:
        """Signed with the app's secret, over the body as it came."""
        digest = hmac.new(self._access.app_secret.encode(), webhook.body, hashlib.sha256).hexdigest()
        return is_secret(webhook.header("X-Hub-Signature-256"), f"sha256={digest}")

    def subscription(self, query: Mapping[str, str]) -> str | None:
        """Facebook asks once, when the webhook is set up."""
        shown = query.get("hub.verify_token", "")
        if query.get("hub.mode") != "subscribe" or not is_secret(shown, self._access.verify_token):
            return None
        return query.get("hub.challenge")

    def read(self, webhook: Webhook) -> Sequence[Message]:
        """A batch of events."""
        content = webhook.json()
        if "entry" not in content:
            raise BadRequest("This is no event of Messenger's.")
        events = (event for entry in content.items("entry") for event in entry.items("messaging"))
        return [message for event in events for message in _messages(event)]

    def requests(self, address: str, reply: Utterance, hint: str) -> list[httpx.Request]:
        """A message for each part; short buttons as quick replies under the last one, long ones as a numbered list."""
        quick = _quick_replies(reply)
        text = str(reply.get("text") or "") if quick else numbered(reply, hint)
        messages: list[dict[str, Any]] = [{"text": part} for part in split(text, LONGEST_MESSAGE)]
        if quick and messages:
            messages[-1]["quick_replies"] = quick
        return [
            httpx.Request(
                "POST",
                f"{self._access.api_url}/me/messages",
                params={"access_token": self._access.page_token},
                json={"recipient": {"id": address}, "messaging_type": "RESPONSE", "message": message},
            )
            for message in messages
        ]

    def refusal(self, answer: httpx.Response) -> DeliveryFailed | None:
        """200, or an error's number."""
        if answer.is_success:
            return None
        error = messaging_app.content(answer).get("error")
        error = error if isinstance(error, dict) else {}
        code = error.get("code")
        if code in RATE_LIMITS:
            return DeliveryFailed("too_many_messages", wait=messaging_app.seconds(answer.headers.get("Retry-After")))
        if code in PASSING:
            return DeliveryFailed(f"the_app_has_an_error_{code}")
        if error.get("error_subcode") in WINDOW_CLOSED:
            return DeliveryFailed(messaging_app.WINDOW_CLOSED, final=True)
        return messaging_app.refused(
            answer, REASONS.get(str(code), f"facebook_refused_it_{code or answer.status_code}")
        )


def _messages(event: Fields) -> list[Message]:
    """What a person sent; receipts, reactions, deletions and our own messages are nothing."""
    user = event.fields("sender").id("id")
    if not user:
        return []
    if postback := event.fields("postback"):
        payload = postback.text("payload")
        text = HELLO if payload == GET_STARTED else payload or postback.text("title")
        return [Message(user, user, postback.text("mid") or f"postback{event.id('timestamp')}", text)]
    if edit := event.fields("message_edit"):
        mid, text = edit.text("mid"), edit.text("text")
        return [Message(user, user, f"{mid}-edit{edit.id('num_edit')}", text, edit_of=mid)] if text else []
    message = event.fields("message")
    if not message or message.flag("is_echo") or message.flag("is_deleted"):
        return []
    return _said(user, message)


def _said(user: str, message: Fields) -> list[Message]:
    mid = message.text("mid")
    text = message.fields("quick_reply").text("payload") or message.text("text")
    found, media = [], _media(message)
    if media:
        found.append(Message(user, user, f"{mid}-media", media=media))
    if text:
        found.append(Message(user, user, mid, text))
    return found


def _media(message: Fields) -> str:
    attachments = message.items("attachments")
    if not attachments:
        return ""
    attachment = attachments[0]
    # The preview of a link that stands in the text.
    if attachment.text("type") == "fallback" and message.text("text"):
        return ""
    if attachment.fields("payload").flag("sticker_id"):
        return "sticker"
    return MEDIA.get(attachment.text("type"), "file")


def _quick_replies(reply: Utterance) -> list[dict[str, str]]:
    """The buttons as quick replies; empty when one of them does not fit."""
    offered = buttons(reply)
    if len(offered) > MOST_BUTTONS or any(
        len(button["title"]) > LONGEST_TITLE or len(button["payload"]) > LONGEST_PAYLOAD for button in offered
    ):
        return []
    return [{"content_type": "text", "title": button["title"], "payload": button["payload"]} for button in offered]


class FacebookChannel(MessagingChannel):
    """Messenger's visitors (credentials.yml); on with FACEBOOK_PAGE_TOKEN and what belongs to it."""

    kind = FacebookApp
