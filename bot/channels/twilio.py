"""WhatsApp, by Twilio (https://www.twilio.com/docs/whatsapp/api).

Rasa's connector believes any webhook, sends with a client that blocks the whole server, swallows its errors, and turns
a picture into an exception. Here Twilio's own library checks the signature; it sends nothing.

Twilio takes a message before WhatsApp does: how it went comes later, in a receipt. WhatsApp shows buttons only from
templates that Meta has approved; here they are a numbered list.
"""

import base64
import re
from collections.abc import Sequence
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from twilio.request_validator import RequestValidator

from bot.channels import messaging_app
from bot.channels.errors import BadRequest, DeliveryFailed
from bot.channels.incoming import Message, Receipt, Webhook
from bot.channels.messaging import MessagingChannel
from bot.channels.messaging_app import MessagingApp
from bot.channels.outgoing import numbered, split
from bot.channels.turn_io import Utterance
from bot.settings import Settings
from bot.settings.apps import Twilio as Access

LONGEST_MESSAGE = 1600
ARRIVED, LOST = {"delivered", "read"}, {"failed", "undelivered"}
# https://www.twilio.com/docs/api/errors
REASONS = {
    "21610": messaging_app.BLOCKED,
    "63024": "there_is_no_such_number_on_whatsapp",
    "63003": "there_is_no_such_number_on_whatsapp",
    "63016": messaging_app.WINDOW_CLOSED,
    "63018": "too_many_messages",
    "20003": messaging_app.NO_ACCESS,
}
MEDIA = {"image/webp": "sticker", "image": "picture", "audio": "voice message", "video": "video"}


class TwilioApp(MessagingApp):
    """One number of an account.

    Args:
        access: the account.
        public_url: what Twilio knows this server as; it signs with the address that it calls.
    """

    name = "twilio"
    confirms = True
    numbers = True

    def __init__(self, access: Access, public_url: str) -> None:
        self._access = access
        self._public_url = public_url
        self._validator = RequestValidator(access.auth_token)

    @classmethod
    def of(cls, settings: Settings) -> "TwilioApp | None":
        """The number that the settings name."""
        return cls(settings.twilio, settings.public_url) if settings.twilio else None

    def authentic(self, webhook: Webhook) -> bool:
        """Signed with the account's token, over the address and all fields."""
        url, given = f"{self._public_url}{webhook.path}", webhook.header("X-Twilio-Signature")
        try:
            return bool(self._validator.validate(url, _fields(webhook), given))
        except BadRequest:
            return False

    def read(self, webhook: Webhook) -> Sequence[Message | Receipt]:
        """A message, or how it went with one of ours."""
        fields = _fields(webhook)
        query = parse_qs(urlsplit(webhook.path).query)
        if "reply" in query:
            return _receipt(fields, query)
        sender, sid = fields.get("From"), fields.get("MessageSid")
        if not sender or not sid:
            raise BadRequest("This is no message of Twilio's.")
        media, text = _media(fields), fields.get("Body", "")
        found = [Message(sender, sender, f"{sid}-media", media=media)] if media else []
        return found + ([Message(sender, sender, sid, text)] if text or not media else [])

    def acknowledgement(self, webhook: Webhook) -> tuple[str, str]:
        """Nothing to be said at once."""
        return "<Response/>", "text/xml"

    def requests(self, address: str, reply: Utterance, hint: str) -> list[httpx.Request]:
        """A message for each part; the last one's receipt says that all have arrived."""
        account = self._access.account_sid
        url = f"{self._access.api_url}/2010-04-01/Accounts/{account}/Messages.json"
        credentials = base64.b64encode(f"{account}:{self._access.auth_token}".encode()).decode()
        parts = split(numbered(reply, hint), LONGEST_MESSAGE)
        return [
            httpx.Request(
                "POST",
                url,
                headers={"Authorization": f"Basic {credentials}"},
                data={
                    "From": self._access.number,
                    "To": address,
                    "Body": part,
                    **self._receipt_to(reply, number == len(parts)),
                },
            )
            for number, part in enumerate(parts, 1)
        ]

    def refusal(self, answer: httpx.Response) -> DeliveryFailed | None:
        """201, or an error's number."""
        if answer.is_success:
            return None
        code = str(messaging_app.content(answer).get("code") or answer.status_code)
        if answer.status_code in (401, 403) and code not in REASONS:
            return DeliveryFailed(messaging_app.NO_ACCESS, final=True)
        return messaging_app.refused(answer, REASONS.get(code, f"twilio_refused_it_{code}"))

    def _receipt_to(self, reply: Utterance, last: bool) -> dict[str, str]:
        reply_id = (reply.get("metadata") or {}).get("reply_id")
        if reply_id is None:
            return {}
        url = f"{self._public_url}/webhooks/twilio/webhook?reply={reply_id}"
        return {"StatusCallback": f"{url}&last=1" if last else url}


def _fields(webhook: Webhook) -> dict[str, str]:
    # Sanic drops empty fields, but Twilio signs them.
    try:
        text = webhook.body.decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=500, errors="strict"))
    except ValueError as error:
        raise BadRequest("The body must be a form in UTF-8.") from error


def _receipt(fields: dict[str, str], query: dict[str, list[str]]) -> list[Receipt]:
    status, reply = fields.get("MessageStatus", ""), query["reply"][0]
    if not re.fullmatch(r"[0-9]{1,9}", reply):
        raise BadRequest("This is no receipt of Twilio's.")
    if status in LOST:
        code = fields.get("ErrorCode", "")
        code = code if re.fullmatch(r"[0-9]{1,9}", code) else "unknown"
        return [Receipt(fields.get("To", ""), int(reply), REASONS.get(code, f"not_delivered_by_whatsapp_{code}"))]
    return [Receipt(fields.get("To", ""), int(reply))] if status in ARRIVED and "last" in query else []


def _media(fields: dict[str, str]) -> str:
    if fields.get("Latitude"):
        return "location"
    if fields.get("NumMedia", "0") in ("", "0"):
        return ""
    kind = fields.get("MediaContentType0", "")
    return MEDIA.get(kind) or MEDIA.get(kind.partition("/")[0], "file")


class TwilioChannel(MessagingChannel):
    """WhatsApp's visitors (credentials.yml); on with TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM."""

    kind = TwilioApp
