"""A messaging app as a channel: its webhook goes through the gate, and the outbox sends all replies.

Rasa's own connectors send in the middle of a turn, before anything is stored: what their provider refuses is lost, and
what it sends again is answered again. Here a message is answered 200 when it and the bot's replies are stored, else
with an error, so that the provider sends it again; one that comes twice is read once. Replies are queued in the same
transaction, and the outbox sends them through ``deliver``, again and again if need be.
"""

import asyncio
import logging
import time
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

import httpx
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response
from sanic.response import text as text_response

from bot.channels.errors import BadRequest, DeliveryFailed
from bot.channels.gate import MEDIA, GatedChannel, OnNewMessage
from bot.channels.http import api_client, ask
from bot.channels.incoming import MOST_BYTES, Message, Receipt, Webhook
from bot.channels.messaging_app import MessagingApp
from bot.channels.resolve_input import meaning
from bot.channels.rest import UNAVAILABLE
from bot.channels.turn_io import Utterance
from bot.conversation import addresses
from bot.database.unit_of_work import Store
from bot.domain.errors import NotFound
from bot.outbox import delivery
from bot.settings import Settings

HINT = "utter_choose_by_number"
SECONDS_BETWEEN_APOLOGIES = 60
MOST_REMEMBERED_APOLOGIES = 10_000

logger = logging.getLogger(__name__)


class _Connector(InputChannel):
    """The webhook's routes."""

    app: MessagingApp
    client: httpx.AsyncClient
    server: Sanic

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint(f"{self.app.name}_channel", __name__)

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            return await self.receive(request, on_new_message)

        @blueprint.route("/webhook", methods=["GET"])
        async def subscribe(request: Request) -> HTTPResponse:
            answer = self.app.subscription({name: values[0] for name, values in request.args.items()})
            if answer is None:
                return json_response({"error": "This is not how the webhook was set up."}, 403)
            return text_response(answer)

        @blueprint.listener("before_server_start")
        async def open_client(app: Sanic, _: Any) -> None:
            self.server, self.client = app, api_client()

        @blueprint.listener("after_server_stop")
        async def close_client(app: Sanic, _: Any) -> None:
            await self.client.aclose()

        return blueprint

    async def receive(self, request: Request, on_new_message: OnNewMessage) -> HTTPResponse:
        raise NotImplementedError


class MessagingChannel(GatedChannel, _Connector):
    """A messaging app's channel; without an app it is off: it has no routes and says nothing.

    Attributes:
        kind: which app.

    Args:
        settings: of the database and the key that hides who a visitor is.
        app: whose.
    """

    kind: type[MessagingApp]
    pushes = True

    @classmethod
    def name(cls) -> str:
        """As the transcript and the handoffs name it."""
        return cls.kind.name

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "MessagingChannel":
        """The credentials come from the settings."""
        settings = Settings.read()
        return cls(settings, cls.kind.of(settings))

    def __init__(self, settings: Settings, app: MessagingApp | None) -> None:
        self.max_message_length = settings.max_message_length
        self.is_on = app is not None
        if app is not None:
            self.app = app
            self.store = Store.open(settings.database_url)
            self.key = settings.signing_key()
            self._apologies: dict[str, float] = {}

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The webhook; nothing when it is off."""
        return super().blueprint(on_new_message) if self.is_on else Blueprint(f"{self.name()}_off", __name__)

    async def receive(self, request: Request, on_new_message: OnNewMessage) -> HTTPResponse:
        """Takes a webhook in; answers when everything in it is stored."""
        if len(request.body) > MOST_BYTES:
            return json_response({"error": f"At most {MOST_BYTES} bytes."}, 413)
        webhook = _webhook(request)
        if not self.app.authentic(webhook):
            logger.warning("A request to the webhook of %s was not signed as it should be: refused.", self.name())
            return json_response({"error": "The signature is missing, wrong or too old."}, 403)
        try:
            events = self.app.read(webhook)
        except BadRequest as error:
            return json_response({"error": str(error)}, 400)
        for event in events:
            try:
                await self._take_in(event, on_new_message)
            # Whatever failed, the provider must know that it has to be sent again.
            except Exception as error:
                logger.error("A message of %s was not taken in: %s", self.name(), type(error).__name__, exc_info=error)
                await self._apologize(event)
                return json_response({"error": "It could not be stored: send it again."}, 503)
        body, kind = self.app.acknowledgement(webhook)
        return text_response(body, content_type=kind)

    async def deliver(self, conversation: str, reply: Utterance, skip: int = 0) -> bool:
        """Sends a reply to where the conversation's visitor is; what the app takes is there, or it tells later."""
        address = await asyncio.to_thread(addresses.address_of, self.store, conversation)
        if address is None:
            raise DeliveryFailed("the_visitors_address_is_erased", final=True)
        for number, request in enumerate(self.app.requests(address, reply, self._words(HINT))):
            if number < skip:
                continue
            try:
                await self._ask(request)
            except DeliveryFailed as error:
                error.parts_sent = number
                raise
        return not self.app.confirms

    async def _take_in(self, event: Message | Receipt, on_new_message: OnNewMessage) -> None:
        conversation = addresses.conversation_id(self.key, self.name(), event.user)
        if isinstance(event, Receipt):
            return await asyncio.to_thread(self._note, conversation, event)
        # From here on nobody else's message of this conversation comes between.
        async with self.server.ctx.agent.lock_store.lock(conversation):
            await asyncio.to_thread(addresses.remember, self.store, conversation, self.name(), event.address, _now())
            text = await asyncio.to_thread(meaning, self.store, conversation, event, self.app.numbers)
            if text is None:
                return None
            metadata = {MEDIA: event.media} if event.media else None
            message = UserMessage(
                text, CollectingOutputChannel(), conversation, input_channel=self.name(), metadata=metadata
            )
            await on_new_message(message, message_id=event.message_id)

    def _note(self, conversation: str, receipt: Receipt) -> None:
        # Meanwhile the visitor may have had everything erased.
        with suppress(NotFound):
            if receipt.failure:
                delivery.mark_bounced(self.store, conversation, receipt.reply_id, _now(), receipt.failure)
            else:
                delivery.mark_delivered(self.store, conversation, [receipt.reply_id], _now())

    async def _apologize(self, event: Message | Receipt) -> None:
        """Tells the visitor, past the database, that something is wrong; once a minute at most."""
        has_words = self.server.ctx.agent.domain is not None
        if isinstance(event, Receipt) or not has_words or self._has_apologized(event.address):
            return
        for request in self.app.requests(event.address, {"text": self._words(UNAVAILABLE)}, ""):
            with suppress(DeliveryFailed):
                await self._ask(request)

    def _has_apologized(self, address: str) -> bool:
        now = time.monotonic()
        if now - self._apologies.get(address, -SECONDS_BETWEEN_APOLOGIES) < SECONDS_BETWEEN_APOLOGIES:
            return True
        if len(self._apologies) >= MOST_REMEMBERED_APOLOGIES:
            self._apologies.clear()
        self._apologies[address] = now
        return False

    async def _ask(self, request: httpx.Request) -> None:
        refusal = self.app.refusal(await ask(self.client, request))
        if refusal is not None:
            raise refusal

    def _words(self, response: str) -> str:
        return str(self.server.ctx.agent.domain.responses[response][0]["text"])


def _webhook(request: Request) -> Webhook:
    query = f"?{request.query_string}" if request.query_string else ""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Webhook(request.path + query, headers, request.body)


def _now() -> datetime:
    return datetime.now(timezone.utc)
