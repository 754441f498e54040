"""Rasa's REST channel, strict about what it accepts and complete in what it returns.

``POST /webhooks/rest/webhook`` with ``{"sender": "...", "message": "..."}`` answers with the list of replies; a message
that may be sent twice has a ``"message_id"`` too, and is read once. 503 says that it was not stored and has to be sent
again; the list holds what could be said nevertheless.

Unlike the stock channel it keeps a reply whole (the stock one splits it at blank lines), passes on its metadata, does
not let the caller name another channel, and answers a malformed request with 400 instead of 500.

A caller cannot be reached, so what staff wrote meanwhile comes first in the next answer; ``GET
/webhooks/rest/replies?sender=...`` asks for it without a message.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.errors import BadRequest, NotStored
from bot.channels.gate import GatedChannel, OnNewMessage
from bot.channels.turn_io import Utterance
from bot.channels.without_database import UNAVAILABLE
from bot.conversation import transcript
from bot.database.async_store import AsyncStore, shared_store
from bot.database.unit_of_work import Store
from bot.domain.errors import StoreUnavailable
from bot.outbox import delivery
from bot.settings import Settings

LONGEST_MESSAGE_ID = 64
# How far back a reply that was not fetched yet is looked for.
SEARCHED_LINES = 500


@dataclass(frozen=True)
class IncomingMessage:
    """A request's content, checked.

    Attributes:
        message_id: the sender's own id for it, where it may be sent twice.
    """

    sender: str
    text: str
    message_id: str | None = None

    @classmethod
    def from_body(cls, body: bytes) -> "IncomingMessage":
        """Reads a request body; unknown fields are ignored.

        Raises:
            BadRequest: not UTF-8, not JSON, or not the expected fields.
        """
        try:
            content = json.loads(body)
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            raise BadRequest("The body must be JSON in UTF-8.") from error
        if not isinstance(content, dict):
            raise BadRequest('The body must be an object: {"sender": "...", "message": "..."}.')
        sender, text = content.get("sender"), content.get("message")
        if not isinstance(sender, str) or not sender.strip() or len(sender) > 255:
            raise BadRequest("`sender` must be a text of 1 to 255 characters.")
        if "\x00" in sender or not sender.isprintable():
            raise BadRequest("`sender` must not hold control characters.")
        if not isinstance(text, str):
            raise BadRequest("`message` must be a text.")
        message_id = content.get("message_id")
        if message_id is not None and not (isinstance(message_id, str) and 1 <= len(message_id) <= LONGEST_MESSAGE_ID):
            raise BadRequest(f"`message_id` must be a text of 1 to {LONGEST_MESSAGE_ID} characters.")
        return cls(sender.strip(), text, message_id)


class WholeReplies(CollectingOutputChannel):
    """Collects each reply as one object: ``recipient_id``, ``text``, ``buttons`` and ``metadata``."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keeps a reply as the bot composed it."""
        reply = {"recipient_id": recipient_id, "text": message.get("text", "")}
        for key in ("buttons", "metadata", "custom"):
            if message.get(key):
                reply[key] = message[key]
        self.messages.append(reply)


class _Connector(InputChannel):
    database: AsyncStore

    @classmethod
    def name(cls) -> str:
        return "rest"

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("rest_channel", __name__)

        @blueprint.listener("after_server_start")
        async def need_model(app: Sanic, _: Any) -> None:
            # Rasa goes on without a model when it cannot load it (a full disk); ended, it is started again.
            if not app.ctx.agent.is_ready():
                raise RuntimeError("The model cannot be loaded: nobody would be answered.")

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            status = "ok" if request.app.ctx.agent.is_ready() else "no model"
            if not await self.database.is_healthy():
                status = "no database"
            return json_response({"status": status}, 200 if status == "ok" else 503)

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if _is_from_web_page(request):
                return json_response({"error": "Web pages may not call this: see the website's chat."}, 403)
            if not request.content_type.startswith("application/json"):
                return json_response({"error": "The body must be JSON, and the Content-Type application/json."}, 415)
            try:
                incoming = IncomingMessage.from_body(request.body)
            except BadRequest as error:
                return json_response({"error": str(error)}, 400)
            replies = WholeReplies()
            message = UserMessage(incoming.text, replies, incoming.sender, input_channel=self.name())
            try:
                await on_new_message(message, message_id=incoming.message_id)
            except NotStored as error:
                return json_response(_to(incoming.sender, error.replies), 503)
            try:
                waiting = await self._collect(incoming.sender)
            except StoreUnavailable:
                # The message is stored, and this is the answer to it. What staff wrote comes with the next one.
                waiting = []
            return json_response(waiting + replies.messages)

        @blueprint.route("/replies", methods=["GET"])
        async def replies(request: Request) -> HTTPResponse:
            if _is_from_web_page(request):
                return json_response({"error": "Web pages may not call this: see the website's chat."}, 403)
            sender = request.args.get("sender") or ""
            try:
                return json_response(await self._collect(sender))
            except StoreUnavailable:
                return json_response(_to(sender, [_unavailable(request.app)]), 503)

        return blueprint

    async def _collect(self, sender: str) -> list[Utterance]:
        return await self.database.run(_collect, self.database.store, sender)


def _is_from_web_page(request: Request) -> bool:
    """Whether a browser sends it for a page: nobody else says where a request comes from."""
    return "Origin" in request.headers or "Sec-Fetch-Site" in request.headers


def _collect(store: Store, sender: str) -> list[Utterance]:
    """What staff wrote and the caller has not fetched yet; it counts as delivered now."""
    ids = delivery.undelivered(store, sender)
    if not ids:
        return []
    lines = [line for line in transcript.lines(store, sender, limit=SEARCHED_LINES) if line.reply_id in ids]
    delivery.mark_delivered(store, sender, ids, datetime.now(timezone.utc))
    return [
        {
            "recipient_id": sender,
            "text": line.text,
            "metadata": line.metadata,
            **({"buttons": line.buttons} if line.buttons else {}),
        }
        for line in lines
    ]


def _to(sender: str, replies: Sequence[Utterance]) -> list[Utterance]:
    return [{"recipient_id": sender, **reply} for reply in replies]


def _unavailable(app: Sanic) -> Utterance:
    response = app.ctx.agent.domain.responses[UNAVAILABLE][0]
    return {"text": response["text"], "metadata": {"kind": "unavailable"}}


class RestChannel(GatedChannel, _Connector):
    """The REST channel for integration and evaluation (credentials.yml)."""

    def __init__(self, settings: Settings) -> None:
        self.max_message_length = settings.max_message_length
        self.database = shared_store(settings.database_url)

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "RestChannel":
        """Needs no credentials: it listens on loopback."""
        return cls(Settings.read())
