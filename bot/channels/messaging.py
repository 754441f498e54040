"""A messaging app as a channel: its webhook goes through the gate, and the outbox sends all replies.

Rasa's own connectors send in the middle of a turn, before anything is stored: what their provider refuses is lost, and
what it sends again is answered again. Here a message is answered 200 when it and the bot's replies are stored, else
with an error, so that the provider sends it again (what can be said without the database is sent at once); one that
comes twice is read once. Replies are queued in the same
transaction, and the outbox sends them through ``deliver``, again and again if need be.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial
from typing import Any

import httpx
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response
from sanic.response import text as text_response

from bot.channels.errors import BadRequest, DeliveryFailed, NotStored
from bot.channels.gate import MEDIA, GatedChannel, OnNewMessage
from bot.channels.http import api_client, ask
from bot.channels.incoming import MOST_BYTES, Message, Receipt, Webhook
from bot.channels.messaging_app import MessagingApp
from bot.channels.outgoing import with_addresses
from bot.channels.queued_replies import QueuedReplies
from bot.channels.resolve_input import meaning
from bot.channels.rest import WholeReplies
from bot.channels.turn_io import Utterance
from bot.channels.without_database import UNAVAILABLE
from bot.content.languages import ENGLISH, reply_in
from bot.conversation import addresses
from bot.database.async_store import shared_store
from bot.domain.errors import NotFound
from bot.outbox import delivery
from bot.settings import Settings

HINT = "utter_choose_by_number"
SECONDS_BETWEEN_APOLOGIES = 60
MOST_REMEMBERED = 10_000

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
            self.database = shared_store(settings.database_url)
            self.key = settings.signing_key()
            self._website = settings.public_url
            # Messages of this process whose reply was sent past the database, and when an address had an apology.
            self._told: OrderedDict[tuple[str, str], None] = OrderedDict()
            self._apologies: dict[str, float] = {}
            self._hints: dict[str, str] = {}
            self._queued = QueuedReplies(self.database, self._is_sent)

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
        # All of them: who wrote the second one shall not wait until the first one can be stored.
        if not all([await self._is_taken_in(event, on_new_message) for event in events]):
            return json_response({"error": "It could not be stored: send it again."}, 503)
        body, kind = self.app.acknowledgement(webhook)
        return text_response(body, content_type=kind)

    async def deliver(self, conversation: str, reply: Utterance, skip: int = 0) -> bool:
        """Sends a reply to where the conversation's visitor is; what the app takes is there, or it tells later."""
        address = await self.database.run(addresses.address_of, self.store, conversation)
        if address is None:
            raise DeliveryFailed("the_visitors_address_is_erased", final=True)
        if not skip and self._queued.was_sent(conversation, reply):
            return not self.app.confirms
        for number, request in enumerate(self._requests(address, reply)):
            if number < skip:
                continue
            try:
                await self._ask(request)
            except DeliveryFailed as error:
                error.parts_sent = number
                raise
        return not self.app.confirms

    async def _is_taken_in(self, event: Message | Receipt, on_new_message: OnNewMessage) -> bool:
        conversation = addresses.conversation_id(self.key, self.name(), event.user)
        if isinstance(event, Receipt):
            return await self._is_noted(conversation, event)
        try:
            await self._take_in(conversation, event, on_new_message)
        except NotStored as error:
            await self._tell(conversation, event, error.replies)
            return False
        return True

    async def _is_noted(self, conversation: str, receipt: Receipt) -> bool:
        try:
            await self.database.run(self._note, conversation, receipt)
        # Whatever failed, the provider must know that it has to be sent again.
        except Exception as error:
            logger.error("A receipt of %s was not taken in: %s", self.name(), type(error).__name__, exc_info=error)
            return False
        return True

    async def _take_in(self, conversation: str, event: Message, on_new_message: OnNewMessage) -> None:
        media = f"[{event.media}]" if event.media else ""
        metadata = {MEDIA: event.media} if event.media else None
        replies = WholeReplies()
        message = UserMessage(media or event.text, replies, conversation, input_channel=self.name(), metadata=metadata)
        await on_new_message(
            message,
            message_id=event.message_id,
            words=partial(self._words_of, conversation, event),
            was_told=lambda: (conversation, event.message_id) in self._told,
        )
        if (conversation, event.message_id) not in self._told:
            self._queued.watch(conversation, event.address, replies.messages)

    def _words_of(self, conversation: str, event: Message) -> str | None:
        """Keeps where the visitor is answered, and finds out what is meant (blocks)."""
        addresses.remember(self.store, conversation, self.name(), event.address, _now())
        return meaning(self.store, conversation, event, self.app.numbers)

    def _note(self, conversation: str, receipt: Receipt) -> None:
        # Meanwhile the visitor may have had everything erased.
        with suppress(NotFound):
            if receipt.failure:
                delivery.mark_bounced(self.store, conversation, receipt.reply_id, _now(), receipt.failure)
            else:
                delivery.mark_delivered(self.store, conversation, [receipt.reply_id], _now())

    async def _tell(self, conversation: str, event: Message, replies: Sequence[Utterance]) -> None:
        """Sends what could be said, past the database: a reply once, an apology once a minute at most."""
        message = (conversation, event.message_id)
        for reply in replies:
            is_apology = (reply.get("metadata") or {}).get("kind") == UNAVAILABLE.removeprefix("utter_")
            if self._has_apologized(event.address) if is_apology else message in self._told:
                continue
            if await self._is_sent(event.address, reply) and not is_apology:
                self._told[message] = None
        while len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)

    async def _is_sent(self, address: str, reply: Utterance) -> bool:
        try:
            for request in self._requests(address, reply):
                await self._ask(request)
        except DeliveryFailed as error:
            logger.warning("What was to be said at once was not: %s", error.code)
            return False
        return True

    def _has_apologized(self, address: str) -> bool:
        now = time.monotonic()
        if now - self._apologies.get(address, -SECONDS_BETWEEN_APOLOGIES) < SECONDS_BETWEEN_APOLOGIES:
            return True
        if len(self._apologies) >= MOST_REMEMBERED:
            self._apologies.clear()
        self._apologies[address] = now
        return False

    def _requests(self, address: str, reply: Utterance) -> list[httpx.Request]:
        return self.app.requests(address, with_addresses(reply, self._website), self._hint(reply))

    async def _ask(self, request: httpx.Request) -> None:
        refusal = self.app.refusal(await ask(self.client, request))
        if refusal is not None:
            raise refusal

    def _hint(self, reply: Utterance) -> str:
        """What stands above a numbered list, in the language of the reply."""
        language = str((reply.get("metadata") or {}).get("language") or ENGLISH)
        if language not in self._hints:
            self._hints[language] = reply_in(language, HINT) or self._words(HINT)
        return self._hints[language]

    def _words(self, response: str) -> str:
        return str(self.server.ctx.agent.domain.responses[response][0]["text"])


def _webhook(request: Request) -> Webhook:
    query = f"?{request.query_string}" if request.query_string else ""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Webhook(request.path + query, headers, request.body)


def _now() -> datetime:
    return datetime.now(timezone.utc)
