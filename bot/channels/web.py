"""The website's way into Rasa: takes a visitor's message in, and leaves the replies in the transcript.

``POST /webhooks/web/webhook`` with ``{"sender", "message", "message_id", "language"}`` (the last one of the page, and
optional) and the website's key answers
``{"status": "received"}`` when message and replies are stored. The website reads them from the database, so that it
does not matter which process answers, and a message that is sent again under the same ``message_id`` is read once.
503 with the code ``not_stored`` says that it has to be sent again; ``replies`` are what could be said nevertheless.
"""

import json
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.errors import BadRequest, NotStored
from bot.channels.gate import GatedChannel, OnNewMessage
from bot.channels.incoming import is_secret
from bot.channels.rest import LONGEST_MESSAGE_ID, IncomingMessage
from bot.database.async_store import shared_store
from bot.nlu.understanding import PAGE_LANGUAGE
from bot.settings import Settings

NOT_STORED = "not_stored"
LONGEST_CODE = 3


@dataclass(frozen=True)
class WebMessage(IncomingMessage):
    """A visitor's message from the website.

    Attributes:
        language: of the page; empty when it does not say.
    """

    message_id: str = ""
    language: str = ""

    @classmethod
    def from_body(cls, body: bytes) -> "WebMessage":
        """Reads a request body.

        Raises:
            BadRequest: not what the website sends.
        """
        message = IncomingMessage.from_body(body)
        if message.message_id is None:
            raise BadRequest(f"`message_id` must be a text of 1 to {LONGEST_MESSAGE_ID} characters.")
        # What the page says is no more than a hint: a language that is not spoken is none.
        language = str(json.loads(body).get("language") or "")[:LONGEST_CODE]
        return cls(message.sender, message.text, message.message_id, language)


class _Connector(InputChannel):
    key: str

    @classmethod
    def name(cls) -> str:
        return "web"

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("web_channel", __name__)

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not is_secret(request.headers.get("Authorization", ""), f"Bearer {self.key}"):
                return json_response({"error": "Only the website may call this."}, 401)
            try:
                incoming = WebMessage.from_body(request.body)
            except BadRequest as error:
                return json_response({"error": str(error)}, 400)
            metadata = {PAGE_LANGUAGE: incoming.language} if incoming.language else None
            message = UserMessage(
                incoming.text,
                CollectingOutputChannel(),
                incoming.sender,
                input_channel=self.name(),
                metadata=metadata,
            )
            try:
                await on_new_message(message, message_id=incoming.message_id)
            except NotStored as error:
                return json_response({"error": str(error), "code": NOT_STORED, "replies": error.replies}, 503)
            return json_response({"status": "received"})

        return blueprint


class WebChannel(GatedChannel, _Connector):
    """The website's visitors (credentials.yml)."""

    def __init__(self, settings: Settings) -> None:
        self.max_message_length = settings.max_message_length
        self.database = shared_store(settings.database_url)
        self.key = settings.internal_key()

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "WebChannel":
        """The key comes from the settings."""
        return cls(Settings.read())
