"""The one door: every channel hands its messages to the gate, and the gate hands them to Rasa or to staff.

What is true for all channels is decided here, before any understanding: text is made safe to read, a typed slash
command is text, a message that was sent twice is read once, and who owns the conversation. While staff own it, a
message is understood just enough to notice an emergency, and stored for them; nothing predicts, so the bot is silent.
"""

import asyncio
import logging
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any

from async_timeout import timeout
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic

from bot.channels.turn_io import say, store_message, store_unreadable
from bot.channels.without_actions import response_without_actions
from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from bot.domain.errors import StoreUnavailable
from bot.domain.handoff import State
from bot.domain.reply import CARRIES_REPLIES
from bot.handoff import services
from bot.handoff.received_messages import alarms_since, is_known
from bot.handoff.services import Standing
from bot.nlu.understanding import SHORTENED
from bot.storage.tracker_store import MESSAGE_ID
from bot.storage.turn import Turn, watched_turn

OnNewMessage = Callable[..., Awaitable[Any]]

# Metadata of a message: what came that is no text (a picture ...). Its text then says so to staff, in brackets.
MEDIA = "media"
TEXT_ONLY = "utter_text_only"
ALARMS = {kind.value: f"utter_{kind.value}" for kind in AlertKind}

# Rasa waits five minutes for an action server that hangs, and the website half a minute for Rasa.
SECONDS_FOR_A_TURN = 10

logger = logging.getLogger(__name__)


def readable(text: str) -> str:
    """Text without what no visitor can have meant: control characters, broken code points, a leading slash.

    Rasa obeys a text that starts with a slash as a command (``/restart``, ``/intent{...}``).
    """
    text = unicodedata.normalize("NFC", text)
    kept = (
        character if character in "\n\t" or unicodedata.category(character) not in _UNREADABLE else " "
        for character in text
    )
    shown = _without_slash("".join(kept)).strip()
    # What is left may be invisible altogether: a zero-width space is an empty message.
    return shown if any(character.isprintable() and not character.isspace() for character in shown) else ""


def _without_slash(text: str) -> str:
    # What cannot be seen (a byte order mark, a joiner) may stand before the slash; elsewhere it belongs to the text.
    start = 0
    for position, character in enumerate(text):
        if character == "/":
            start = position + 1
        elif not character.isspace() and unicodedata.category(character) != "Cf":
            break
    return text[start:]


# Control, surrogate, private use. Format characters (Cf) stay: emoji and Arabic are built with them; and what this
# Python does not know yet (Cn) may be a new emoji.
_UNREADABLE = {"Cc", "Cs", "Co"}


class Gate:
    """Stands between a channel and Rasa.

    Args:
        on_new_message: Rasa's handler.
        max_length: characters of a message that are read.
        store: knows who owns a conversation.
        agent: gives Rasa's agent, which may be replaced while the server runs.
        pushes: the outbox sends the bot's replies; else they go to the message's output channel.
        carries_replies: the channel brings staff's replies to the visitor, and each message says so to the actions.
    """

    def __init__(
        self,
        on_new_message: OnNewMessage,
        max_length: int,
        store: Store,
        agent: Callable[[], Agent],
        pushes: bool = False,
        carries_replies: bool = False,
    ) -> None:
        self._on_new_message = on_new_message
        self._max_length = max_length
        self._store = store
        self._agent = agent
        self._pushes = pushes
        self._carries_replies = carries_replies

    async def receive(self, message: UserMessage, message_id: str | None = None) -> None:
        """Takes a message in; the replies go to its output channel, or to the outbox.

        Args:
            message_id: the sender's own id for it, where a message may be sent twice.

        Raises:
            StoreUnavailable: the message could not be stored; sending it again is safe.
        """
        self._clean(message)
        if self._carries_replies:
            message.metadata = {**(message.metadata or {}), CARRIES_REPLIES: True}
        async with self._agent().lock_store.lock(message.sender_id):
            if message_id and is_known(self._store, message.sender_id, message_id):
                return
            if message_id:
                message.metadata = {**(message.metadata or {}), MESSAGE_ID: message_id}
            standing = services.standing(self._store, message.sender_id)
            with watched_turn(pushed_to=message.input_channel if self._pushes else None) as turn:
                if (message.metadata or {}).get(MEDIA):
                    await self._not_text(message, standing)
                elif standing.state is State.ACTIVE:
                    await self._to_staff(message, standing)
                else:
                    await self._to_bot(message, turn)
                if turn.error:
                    raise StoreUnavailable("The message could not be stored.") from turn.error

    async def _to_bot(self, message: UserMessage, turn: Turn) -> None:
        try:
            async with timeout(SECONDS_FOR_A_TURN):
                await self._on_new_message(message)
        except asyncio.TimeoutError:
            # The turn has stored nothing: Rasa does so at its end.
            logger.error("A turn took longer than %d seconds: does the action server hang?", SECONDS_FOR_A_TURN)
            await store_message(self._agent(), message)
        if not turn.said and not turn.error:
            await self._without_actions(message)

    async def _without_actions(self, message: UserMessage) -> None:
        tracker = await self._agent().tracker_store.get_or_create_tracker(message.sender_id)
        await say(self._agent(), response_without_actions(tracker.latest_message), message)

    def _clean(self, message: UserMessage) -> None:
        # Cut before cleaning: cleaning walks every character.
        given = message.text or ""
        message.text = readable(given[: self._max_length])
        if len(given) > self._max_length:
            message.metadata = {**(message.metadata or {}), SHORTENED: True}
            logger.info("A message of %d characters was shortened.", len(given))

    async def _not_text(self, message: UserMessage, standing: Standing) -> None:
        await store_unreadable(self._agent(), message)
        # Staff see that something came, and speak for themselves.
        if standing.state is not State.ACTIVE:
            await say(self._agent(), TEXT_ONLY, message)

    async def _to_staff(self, message: UserMessage, standing: Standing) -> None:
        since = standing.taken_at or datetime.now(timezone.utc)
        known = alarms_since(self._store, message.sender_id, since)
        intent = await store_message(self._agent(), message)
        # An emergency is answered, once, and so is a crisis; from then on staff know.
        if intent in ALARMS and intent not in known:
            await say(self._agent(), ALARMS[intent], message)


class GatedChannel(InputChannel):
    """Mixin, left of a Rasa connector: all its messages go through the gate.

    Attributes:
        max_message_length: characters of a message that are read.
        store: of handoffs.
        pushes: whether ``deliver`` sends every reply, the bot's too; else the visitor's side fetches them.
        carries_replies: whether staff's replies reach the visitor here, so that a person needs no other way to them.
    """

    max_message_length: int
    store: Store
    pushes: bool = False
    carries_replies: bool = True

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The connector's routes, with the gate as their handler."""
        apps: list[Sanic] = []
        gate = Gate(
            on_new_message,
            self.max_message_length,
            self.store,
            lambda: apps[0].ctx.agent,
            self.pushes,
            self.carries_replies,
        )
        blueprint: Blueprint = super().blueprint(gate.receive)

        @blueprint.listener("before_server_start")
        async def find_agent(app: Sanic, _: Any) -> None:
            apps[:] = [app]
            if not hasattr(app.ctx, "channels"):
                app.ctx.channels = {}
            app.ctx.channels[self.name()] = self

        return blueprint

    async def deliver(self, conversation: str, reply: dict[str, Any], skip: int = 0) -> bool:
        """Hands a reply that nobody waits for (by staff, or of a channel that ``pushes``) to the visitor.

        Args:
            reply: ``text``, ``buttons`` and ``metadata`` with its ``reply_id``.
            skip: parts of it that an earlier attempt has sent.

        Returns:
            Whether the visitor's side is known to have it. False here: the visitor's side fetches it.

        Raises:
            DeliveryFailed: it could not be handed on.
        """
        return False
