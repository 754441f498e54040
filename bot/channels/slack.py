"""Slack, by its Events API and Block Kit (https://docs.slack.dev).

Rasa's connector answers before a message is stored, forgets it when it is killed, drops a message that Slack sends
again, answers in a fixed channel where one is configured, and says nothing to a file. Here Slack's own library checks
the signature.

Only direct messages are read: what somebody tells about an illness does not belong into a channel.
"""

import html
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

import httpx
from slack_sdk.signature import SignatureVerifier

from bot.channels import messaging_app
from bot.channels.errors import BadRequest, DeliveryFailed
from bot.channels.incoming import Fields, Message, Webhook
from bot.channels.messaging import MessagingChannel
from bot.channels.messaging_app import MessagingApp
from bot.channels.outgoing import buttons, split
from bot.channels.turn_io import Utterance
from bot.settings import Settings
from bot.settings.apps import Slack as Access

LONGEST_SECTION, LONGEST_TITLE, LONGEST_VALUE, MOST_BUTTONS = 3000, 75, 2000, 25
# https://docs.slack.dev/reference/methods/chat.postMessage#errors
PASSING = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
NO_ACCESS = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"}
BLOCKED = {"cannot_dm_bot", "user_disabled", "messages_tab_disabled", "is_archived"}
# <https://example.org|example.org>, <mailto:a@example.org|a@example.org>, <@U123>, <#C123|name>, <!here>
LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


class SlackApp(MessagingApp):
    """One app in one workspace."""

    name = "slack"

    def __init__(self, access: Access) -> None:
        self._access = access
        self._verifier = SignatureVerifier(access.signing_secret)

    @classmethod
    def of(cls, settings: Settings) -> "SlackApp | None":
        """The app that the settings name."""
        return cls(settings.slack) if settings.slack else None

    def authentic(self, webhook: Webhook) -> bool:
        """Signed with the app's secret, over the body and the time, which is at most five minutes ago."""
        time, given = webhook.header("X-Slack-Request-Timestamp"), webhook.header("X-Slack-Signature")
        try:
            return bool(self._verifier.is_valid(webhook.body, time, given))
        # What Slack never sends: no number or a huge one, no UTF-8, no ASCII.
        except (ValueError, TypeError, OverflowError):
            return False

    def read(self, webhook: Webhook) -> Sequence[Message]:
        """A message, or a button that was pressed."""
        if webhook.header("Content-Type").startswith("application/x-www-form-urlencoded"):
            return _pressed(_payload(webhook.body))
        content = webhook.json()
        return _said(content) if content.text("type") == "event_callback" else []

    def acknowledgement(self, webhook: Webhook) -> tuple[str, str]:
        """When the address is set up, Slack wants a word back."""
        if not webhook.header("Content-Type").startswith("application/json"):
            return "", "text/plain"
        return webhook.json().text("challenge"), "text/plain"

    def requests(self, address: str, reply: Utterance, hint: str) -> list[httpx.Request]:
        """One message of several blocks, with the buttons as the last one."""
        parts = split(_escaped(str(reply.get("text") or "")), LONGEST_SECTION)
        blocks: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": part}} for part in parts]
        elements = [_button(number, button) for number, button in enumerate(buttons(reply)[:MOST_BUTTONS])]
        if elements:
            blocks.append({"type": "actions", "elements": elements})
        body = {
            "channel": address,
            "text": "\n\n".join(parts)[:LONGEST_SECTION],
            "blocks": blocks,
            "unfurl_links": False,
        }
        headers = {"Authorization": f"Bearer {self._access.bot_token}"}
        return [httpx.Request("POST", f"{self._access.api_url}/chat.postMessage", json=body, headers=headers)]

    def refusal(self, answer: httpx.Response) -> DeliveryFailed | None:
        """Slack says ``ok`` or names an error, both with 200."""
        said = messaging_app.content(answer)
        if answer.is_success and said.get("ok"):
            return None
        error = str(said.get("error") or answer.status_code)
        if error in PASSING:
            return DeliveryFailed("too_many_messages", wait=messaging_app.seconds(answer.headers.get("Retry-After")))
        if error in NO_ACCESS or error in BLOCKED:
            return DeliveryFailed(messaging_app.NO_ACCESS if error in NO_ACCESS else messaging_app.BLOCKED, final=True)
        return messaging_app.refused(answer, f"slack_refused_it_{error}")


def _said(content: Fields) -> list[Message]:
    """A direct message of a person; edits with other words, but no reactions, deletions and nothing of ours."""
    event, number = content.fields("event"), content.id("event_id")
    if event.text("type") != "message" or event.text("channel_type") != "im":
        return []
    subtype, said = event.text("subtype"), event
    is_edit = subtype == "message_changed"
    if is_edit:
        said = event.fields("message")
        # Slack also calls it a change when it has fetched a preview of a link.
        if said.text("text") == event.fields("previous_message").text("text"):
            return []
    elif subtype not in ("", "file_share", "me_message"):
        return []
    user, address = said.id("user"), event.id("channel")
    if said.flag("bot_id") or not user:
        return []
    text, files = _plain(said.text("text")), [] if is_edit else said.items("files")
    found = [Message(user, address, f"{number}-media", media=_media(files[0]))] if files else []
    # Something that has no words, such as a message passed on, gets a reply as well.
    return found + ([Message(user, address, number, text)] if text or not (files or is_edit) else [])


def _payload(body: bytes) -> Fields:
    try:
        return Fields.of(parse_qs(body.decode())["payload"][0])
    except (KeyError, ValueError) as error:
        raise BadRequest("This is no event of Slack's.") from error


def _pressed(payload: Fields) -> list[Message]:
    actions = payload.items("actions")
    if payload.text("type") != "block_actions" or not actions:
        return []
    action, user, address = actions[0], payload.fields("user").id("id"), payload.fields("channel").id("id")
    if action.text("type") != "button" or not action.text("value"):
        return []
    return [Message(user, address, f"press{action.text('action_ts')}", action.text("value"))]


def _media(file: Fields) -> str:
    if file.text("subtype") == "slack_audio":
        return "voice message"
    kinds = {"image": "picture", "audio": "voice message", "video": "video"}
    return kinds.get(file.text("mimetype").partition("/")[0], "file")


def _plain(text: str) -> str:
    """What the person typed: Slack writes links in its own way and escapes three characters."""
    return html.unescape(LINK.sub(_label, text)).strip()


def _label(link: re.Match[str]) -> str:
    target, label = link.group(1), link.group(2)
    if target.startswith(("@", "!")):
        return label or ""
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _button(number: int, button: dict[str, str]) -> dict[str, Any]:
    title = button["title"]
    shown = title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}\u2026"
    return {
        "type": "button",
        "action_id": f"button{number}",
        "text": {"type": "plain_text", "text": shown},
        "value": button["payload"][:LONGEST_VALUE],
    }


class SlackChannel(MessagingChannel):
    """Slack's visitors (credentials.yml); on with SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET."""

    kind = SlackApp
