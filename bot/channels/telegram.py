"""Telegram, by its Bot API (https://core.telegram.org/bots/api).

Rasa's connector believes any webhook, asks Telegram who it is for each of them, cannot be started or written to inside
a running server (it calls ``asyncio.run``), cuts answers at blank lines, fails on buttons whose words have more than 64
bytes, and ignores voice and pictures without a word. Nothing of it is used here but the name.

Only private chats are read: what somebody tells about an illness does not belong into a group.
"""

import json
from collections.abc import Sequence
from typing import Any

import httpx

from bot.channels import messaging_app
from bot.channels.errors import DeliveryFailed
from bot.channels.incoming import HELLO, Fields, Message, Webhook, is_secret
from bot.channels.messaging import MessagingChannel
from bot.channels.messaging_app import MessagingApp
from bot.channels.outgoing import buttons, mark, split
from bot.channels.turn_io import Utterance
from bot.settings import Settings
from bot.settings.apps import Telegram as Access

LONGEST_MESSAGE = 4096
# Whatever else comes (a pinned message, a new picture of the chat ...) is not said to us.
MEDIA = {
    "voice": "voice message",
    "audio": "audio file",
    "photo": "picture",
    "video": "video",
    "video_note": "video",
    "animation": "animation",
    "sticker": "sticker",
    "document": "file",
    "location": "location",
    "venue": "location",
    "contact": "contact card",
    "poll": "poll",
    "dice": "dice",
    "game": "game",
    "story": "story",
    "paid_media": "picture",
    "checklist": "list",
}


class TelegramApp(MessagingApp):
    """One bot."""

    name = "telegram"

    def __init__(self, access: Access) -> None:
        self._access = access

    @classmethod
    def of(cls, settings: Settings) -> "TelegramApp | None":
        """The bot that the settings name."""
        return cls(settings.telegram) if settings.telegram else None

    def authentic(self, webhook: Webhook) -> bool:
        """It shows the secret that the webhook was set with."""
        return is_secret(webhook.header("X-Telegram-Bot-Api-Secret-Token"), self._access.secret)

    def read(self, webhook: Webhook) -> Sequence[Message]:
        """One update."""
        update = webhook.json()
        if "callback_query" in update:
            return _pressed(update.fields("callback_query"))
        if "edited_message" in update:
            return _edited(update.fields("edited_message"))
        return _said(update.fields("message")) if "message" in update else []

    def acknowledgement(self, webhook: Webhook) -> tuple[str, str]:
        """After a button, Telegram is told so in the answer itself, and stops showing that it waits."""
        update = webhook.json()
        if "callback_query" not in update:
            return "", "text/plain"
        answer = {"method": "answerCallbackQuery", "callback_query_id": update.fields("callback_query").id("id")}
        return json.dumps(answer), "application/json"

    def requests(self, address: str, reply: Utterance, hint: str) -> list[httpx.Request]:
        """A message for each part; the buttons under the last one, each on a line of its own."""
        bodies: list[dict[str, Any]] = [
            {"chat_id": address, "text": part, "link_preview_options": {"is_disabled": True}}
            for part in split(str(reply.get("text") or ""), LONGEST_MESSAGE)
        ]
        keyboard = [[{"text": button["title"], "callback_data": mark(button)}] for button in buttons(reply)]
        if keyboard and bodies:
            bodies[-1]["reply_markup"] = {"inline_keyboard": keyboard}
        url = f"{self._access.api_url}/bot{self._access.token}/sendMessage"
        return [httpx.Request("POST", url, json=body) for body in bodies]

    def refusal(self, answer: httpx.Response) -> DeliveryFailed | None:
        """Telegram says ``ok``, or why not."""
        said = messaging_app.content(answer)
        if answer.is_success and said.get("ok"):
            return None
        parameters = said.get("parameters")
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS and isinstance(parameters, dict):
            return DeliveryFailed("too_many_messages", wait=messaging_app.seconds(parameters.get("retry_after")))
        codes = {401: messaging_app.NO_ACCESS, 403: messaging_app.BLOCKED, 404: messaging_app.NO_ACCESS}
        return messaging_app.refused(answer, codes.get(answer.status_code, f"telegram_refused_it_{answer.status_code}"))


def _said(message: Fields) -> list[Message]:
    if not _with_a_person(message):
        return []
    chat, number = message.fields("chat").id("id"), f"m{message.id('message_id')}"
    text = message.text("text") or message.text("caption")
    found = []
    media = next((word for key, word in MEDIA.items() if key in message), "")
    if media:
        # An album is several messages: one reply is enough.
        album = message.id("media_group_id")
        found.append(Message(chat, chat, f"album{album}" if album else f"{number}-media", media=media))
    if text:
        found.append(Message(chat, chat, number, HELLO if text.split(maxsplit=1)[:1] == ["/start"] else text))
    return found


def _edited(message: Fields) -> list[Message]:
    text = message.text("text") or message.text("caption")
    if not text or not _with_a_person(message):
        return []
    chat, number = message.fields("chat").id("id"), f"m{message.id('message_id')}"
    return [Message(chat, chat, f"{number}-{message.id('edit_date')}", text, edit_of=number)]


def _pressed(query: Fields) -> list[Message]:
    message, pressed = query.fields("message"), query.text("data")
    if not pressed or message.fields("chat").text("type") != "private":
        return []
    chat = message.fields("chat").id("id")
    buttons = message.fields("reply_markup").rows("inline_keyboard")
    titles = [button.text("text") for button in buttons if button.text("callback_data") == pressed]
    return [Message(chat, chat, f"press{query.id('id')}", titles[0] if titles else "", pressed=pressed)]


def _with_a_person(message: Fields) -> bool:
    return message.fields("chat").text("type") == "private" and not message.fields("from").flag("is_bot")


class TelegramChannel(MessagingChannel):
    """Telegram's visitors (credentials.yml); on with TELEGRAM_TOKEN and TELEGRAM_SECRET."""

    kind = TelegramApp
