"""Sends replies: takes them from the database, in this or any other Rasa process, and hands them to channels.

These are staff's replies, and in messaging apps the bot's as well: what a turn says is queued in the transaction that
stores the turn, so that neither a provider that is down nor a killed process loses it.

It is an input channel in Rasa's eyes (credentials.yml), because that is the one thing that Rasa starts with its server.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, Sanic

from bot.channels.delivery_notes import DeliveryNotes
from bot.channels.errors import DeliveryFailed
from bot.channels.gate import GatedChannel, OnNewMessage
from bot.channels.turn_io import Utterance, compose, has_reply, store_reply
from bot.conversation import transcript
from bot.database.async_store import AsyncStore, shared_store
from bot.domain.errors import StoreUnavailable
from bot.domain.reply import Reply
from bot.outbox import delivery
from bot.settings import Settings
from bot.storage.turn import watched_turn

# With nothing to send a look costs two statements (PostgreSQL: one that the connection lives). What this process queues
# itself wakes it at once; what staff write is looked for more often while they do.
SECONDS_BETWEEN_LOOKS = 2.0
SECONDS_BETWEEN_LOOKS_WHILE_BUSY = 0.2
SECONDS_BUSY = 60
# Replies under way at once. A provider that is slow holds up its own visitors only.
MOST_AT_ONCE = 50
# Less than a claim lasts (bot/outbox/delivery.py): nobody else sends it meanwhile.
SECONDS_TO_DELIVER = 20
SECONDS_TO_FINISH_AT_THE_END = 5

logger = logging.getLogger(__name__)


class Outbox(InputChannel):
    """Looks for replies that are due as long as the server runs.

    Args:
        database: with the replies.
    """

    def __init__(self, database: AsyncStore) -> None:
        self._database = database
        self._notes = DeliveryNotes(database)

    @classmethod
    def name(cls) -> str:
        """Its place in Rasa's list of channels."""
        return "outbox"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "Outbox":
        """Needs no credentials."""
        return cls(shared_store(Settings.read().database_url))

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
        under_way: set[asyncio.Task[None]] = set()
        try:
            await self._look(app, under_way)
        finally:
            # One that is cut off in the middle would be sent again by the next process.
            if under_way:
                await asyncio.wait(under_way, timeout=SECONDS_TO_FINISH_AT_THE_END)

    async def _look(self, app: Sanic, under_way: set[asyncio.Task[None]]) -> None:
        loop = asyncio.get_running_loop()
        busy_until = loop.time()
        queued = asyncio.Event()
        self._database.senders.add(queued)
        while True:
            queued.clear()
            pause = SECONDS_BETWEEN_LOOKS
            try:
                await self._notes.catch_up()
                free = MOST_AT_ONCE - len(under_way)
                due = await self._ask(delivery.claim, _now(), free) if free else []
                for reply in due:
                    task = asyncio.create_task(self._finish(app, reply))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                if due:
                    busy_until = loop.time() + SECONDS_BUSY
                if loop.time() < busy_until:
                    pause = SECONDS_BETWEEN_LOOKS_WHILE_BUSY
            # The database does not answer: replies wait for it.
            except StoreUnavailable:
                pass
            # Whatever else went wrong with one look, the next one is needed all the more.
            except Exception as error:
                logger.error("Sending replies failed: %s", type(error).__name__, exc_info=error)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(queued.wait(), pause)

    async def _finish(self, app: Sanic, reply: Reply) -> None:
        try:
            await self._send(app.ctx.agent, app.ctx.channels, reply)
        except StoreUnavailable:
            logger.warning("A reply waits: the database does not answer.")
            await self._notes.give_back(reply)
        # Whatever it was: the claim ends, and the reply is tried again.
        except Exception as error:
            logger.error("A reply was not sent: %s", type(error).__name__, exc_info=error)

    async def _send(self, agent: Agent, channels: dict[str, GatedChannel], reply: Reply) -> None:
        channel = channels.get(reply.channel or (reply.handoff.channel if reply.handoff else ""))
        try:
            if channel is None:
                raise DeliveryFailed("channel_off", final=True)
            delivered = await (
                self._repeat(channel, reply) if reply.event_id else self._hand_over(agent, channel, reply)
            )
        except DeliveryFailed as error:
            wait = timedelta(seconds=error.wait)
            await self._notes.write(
                delivery.record_failure, reply, _now(), error.code, error.final, wait, error.parts_sent
            )
        else:
            await self._notes.write(delivery.mark_sent, reply, _now(), delivered)

    async def _repeat(self, channel: GatedChannel, reply: Reply) -> bool:
        """Sends what the bot has said in the transcript."""
        conversation = reply.conversation
        line = await self._ask(transcript.line, conversation, reply.event_id or 0)
        if line is None:
            raise DeliveryFailed("erased", final=True)
        metadata = {**line.metadata, "reply_id": reply.id}
        return await _deliver(channel, reply, {"text": line.text, "buttons": line.buttons, "metadata": metadata})

    async def _hand_over(self, agent: Agent, channel: GatedChannel, reply: Reply) -> bool:
        if reply.id is None:
            return False
        async with _transcript(agent, reply.conversation) as tracker:
            if has_reply(tracker, reply.id):
                return False
            words = await _words(agent, channel, reply, tracker)
        if reply.id not in self._notes.taken:
            # Not under the lock: while a provider is slow, the visitor is heard.
            self._notes.taken[reply.id] = await _deliver(channel, reply, words)
        async with _transcript(agent, reply.conversation) as tracker:
            # Where delivering took longer than a claim lasts, another process may have been faster; and the visitor may
            # have had everything erased.
            if not has_reply(tracker, reply.id) and await self._ask(delivery.exists, reply.id):
                await store_reply(agent, tracker, words)
        return self._notes.taken.pop(reply.id)

    async def _ask(self, what: Callable[..., Any], *details: Any) -> Any:
        return await self._database.run(what, self._database.store, *details)


@asynccontextmanager
async def _transcript(agent: Agent, conversation: str) -> AsyncIterator[DialogueStateTracker]:
    async with agent.lock_store.lock(conversation):
        with watched_turn() as turn:
            tracker = await agent.tracker_store.get_or_create_tracker(conversation)
            if turn.error:
                raise StoreUnavailable("The transcript could not be read.") from turn.error
            yield tracker
            if turn.error:
                raise StoreUnavailable("The reply could not be stored.") from turn.error


async def _deliver(channel: GatedChannel, reply: Reply, words: Utterance) -> bool:
    try:
        return await asyncio.wait_for(
            channel.deliver(reply.conversation, words, reply.parts_sent), timeout=SECONDS_TO_DELIVER
        )
    except asyncio.TimeoutError as error:
        raise DeliveryFailed("timed_out", parts_sent=reply.parts_sent) from error


async def _words(agent: Agent, channel: GatedChannel, reply: Reply, tracker: Any) -> Utterance:
    if reply.response:
        words = await compose(agent, reply.response, tracker, channel.name(), **reply.slots)
    else:
        words = {"text": reply.text, "metadata": {"kind": "staff", "staff": reply.author.name if reply.author else ""}}
    words["metadata"] = {**(words.get("metadata") or {}), "reply_id": reply.id}
    return words


def _now() -> datetime:
    return datetime.now(timezone.utc)
