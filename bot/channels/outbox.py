"""Sends staff's replies: takes them from the database, in this or any other Rasa process, and hands them to channels.

It is an input channel in Rasa's eyes (credentials.yml), because that is the one thing that Rasa starts with its server.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic

from bot.channels.errors import DeliveryFailed
from bot.channels.gate import GatedChannel, OnNewMessage
from bot.channels.speaking import Reply as Words
from bot.channels.speaking import compose, has_reply, store_reply
from bot.handoff import sending
from bot.handoff.errors import NotFound, StoreUnavailable
from bot.handoff.model import Reply
from bot.handoff.store import Store
from bot.settings import Settings
from bot.storage.turn import watched_turn

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_BETWEEN_LOOKS_WITHOUT_DATABASE = 2.0

logger = logging.getLogger(__name__)


class Outbox(InputChannel):
    """Looks for replies that are due as long as the server runs.

    Args:
        store: with the replies.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def name(cls) -> str:
        """Its place in Rasa's list of channels."""
        return "outbox"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "Outbox":
        """Needs no credentials."""
        return cls(Store.open(Settings.read().database_url))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """No routes; a task that lives with the server."""
        blueprint = Blueprint("outbox", __name__)

        @blueprint.listener("after_server_start")
        async def begin(app: Sanic, _: Any) -> None:
            app.ctx.outbox = asyncio.create_task(self._run(app))

        @blueprint.listener("before_server_stop")
        async def end(app: Sanic, _: Any) -> None:
            app.ctx.outbox.cancel()
            with suppress(asyncio.CancelledError):
                await app.ctx.outbox

        return blueprint

    async def _run(self, app: Sanic) -> None:
        away = False
        while True:
            try:
                due = await asyncio.to_thread(sending.claim, self._store, _now())
                await asyncio.gather(*(self._send(app.ctx.agent, app.ctx.channels, reply) for reply in due))
                away = False
            except StoreUnavailable:
                if not away:
                    logger.error("The database does not answer: replies wait for it.")
                away = True
            # Whatever else went wrong with one look, the next one is needed all the more.
            except Exception as error:
                logger.error("Sending replies failed: %s", type(error).__name__, exc_info=error)
                away = True
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS_WITHOUT_DATABASE if away else SECONDS_BETWEEN_LOOKS)

    async def _send(self, agent: Agent, channels: dict[str, GatedChannel], reply: Reply) -> None:
        channel = channels.get(reply.handoff.channel if reply.handoff else "")
        try:
            if channel is None:
                raise DeliveryFailed("channel_off", final=True)
            delivered = await _hand_over(agent, channel, reply)
        except DeliveryFailed as error:
            await self._note(sending.not_sent, reply, _now(), error.code, error.final)
        else:
            await self._note(sending.sent, reply, _now(), delivered)

    async def _note(self, what: Callable[..., None], reply: Reply, *details: Any) -> None:
        # Meanwhile the visitor may have had everything erased.
        with suppress(NotFound):
            await asyncio.to_thread(what, self._store, reply.id, *details)


async def _hand_over(agent: Agent, channel: GatedChannel, reply: Reply) -> bool:
    async with agent.lock_store.lock(reply.conversation):
        with watched_turn() as turn:
            tracker = await agent.tracker_store.get_or_create_tracker(reply.conversation)
            if turn.error:
                raise StoreUnavailable("The transcript could not be read.") from turn.error
            if reply.id is None or has_reply(tracker, reply.id):
                return False
            words = await _words(agent, channel, reply, tracker)
            delivered = await channel.deliver(reply.conversation, words)
            await store_reply(agent, tracker, words)
            if turn.error:
                raise StoreUnavailable("The reply could not be stored.") from turn.error
    return delivered


async def _words(agent: Agent, channel: GatedChannel, reply: Reply, tracker: Any) -> Words:
    if reply.response:
        words = await compose(agent, reply.response, tracker, channel.name(), **reply.slots)
    else:
        words = {"text": reply.text, "metadata": {"kind": "staff", "staff": reply.author.name if reply.author else ""}}
    words["metadata"] = {**(words.get("metadata") or {}), "reply_id": reply.id}
    return words


def _now() -> datetime:
    return datetime.now(timezone.utc)
