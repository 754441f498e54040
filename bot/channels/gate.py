"""Every channel hands its messages to the gate, and the gate hands them to Rasa or to staff.

What is true for all channels is decided here, before any understanding: text is made safe to read, a typed slash
command is text, a message that was sent twice is read once, and who owns the conversation. While staff own it, a
message is understood just enough to notice an emergency, and stored for them; nothing predicts, so the bot is silent.

Every message ends within ``SECONDS_TO_HEAR``: stored, or refused with what may be said without the database
(bot/channels/without_database.py). An emergency does not wait that long: a turn that has not ended after
``SECONDS_TO_LOOK_AT_A_TURN`` is looked at, and whatever else holds a message up after ``SECONDS_TO_LOOK``.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any
from uuid import uuid4

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic

from bot.channels import pace
from bot.channels.errors import NotStored
from bot.channels.kept_alarms import KeptAlarms
from bot.channels.patience import at_most, unless, waited
from bot.channels.readable import readable
from bot.channels.turn_io import say, store_message, store_unreadable
from bot.channels.without_actions import response_without_actions
from bot.channels.without_database import Accompanied, Understood, replies_without_database, understand
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.domain.alert import ALARMS
from bot.domain.errors import StoreUnavailable
from bot.domain.handoff import OPEN, State
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

# From the moment at which a message comes in.
SECONDS_TO_HEAR = 4.5
# Rasa itself waits five minutes for an action server that hangs.
SECONDS_FOR_A_TURN = 3.0
# When one has just not ended in time, most that need the action server will not either; each of them holds a place that
# others wait for.
SECONDS_FOR_A_TURN_THEN = 1.0
SECONDS_OF_DOUBT = 10.0
SECONDS_TO_LOOK_AT_A_TURN = 0.4
SECONDS_TO_LOOK = 0.9

logger = logging.getLogger(__name__)


@dataclass
class Arrival:
    """A message on its way through the gate.

    Attributes:
        id: the sender's own, where a message may be sent twice.
        words: asks the database what is meant by it (blocks); None for nothing new.
        was_told: whether its reply has been sent already, past the database.
    """

    message: UserMessage
    id: str | None = None
    words: Callable[[], str | None] | None = None
    was_told: Callable[[], bool] = bool

    @property
    def has_media(self) -> bool:
        """Whether it is no text."""
        return bool((self.message.metadata or {}).get(MEDIA))


@dataclass(frozen=True)
class Found:
    """What the database knows before a message is read."""

    words: str
    standing: Standing
    too_fast: bool = False
    told_so: bool = False


class Gate:
    """Stands between a channel and Rasa.

    Args:
        on_new_message: Rasa's handler.
        max_length: characters of a message that are read.
        database: knows who owns a conversation.
        agent: gives Rasa's agent, which may be replaced while the server runs.
        pushes: the outbox sends the bot's replies; else they go to the message's output channel. Nobody else counts
            the messages of such a channel.
        carries_replies: the channel brings staff's replies to the visitor, and each message says so to the actions.
    """

    def __init__(
        self,
        on_new_message: OnNewMessage,
        max_length: int,
        database: AsyncStore,
        agent: Callable[[], Agent],
        pushes: bool = False,
        carries_replies: bool = False,
    ) -> None:
        self._on_new_message = on_new_message
        self._max_length = max_length
        self._database = database
        self._agent = agent
        self._pushes = pushes
        self._carries_replies = carries_replies
        self._accompanied = Accompanied()
        self._in_doubt_until = 0.0
        self._kept: KeptAlarms[Arrival] = KeptAlarms(self._take_in)

    async def receive(
        self,
        message: UserMessage,
        message_id: str | None = None,
        words: Callable[[], str | None] | None = None,
        was_told: Callable[[], bool] = bool,
    ) -> None:
        """Takes a message in; the replies go to its output channel, or to the outbox.

        Args:
            message_id, words, was_told: as in ``Arrival``.

        Raises:
            NotStored: the message could not be stored.
        """
        self._clean(message)
        if self._carries_replies:
            message.metadata = {**(message.metadata or {}), CARRIES_REPLIES: True}
        arrival = Arrival(message, message_id, words, was_told)
        try:
            await self._ahead_of_others(arrival)
        except (StoreUnavailable, asyncio.TimeoutError) as error:
            logger.warning("A message was not stored: %s", type(error).__name__)
            raise NotStored(await self._without_database(arrival)) from error
        # Whatever failed, somebody waits for a reply: tell them, and tell the log without their words.
        except Exception as error:
            logger.error("A message was not answered: %s", type(error).__name__, exc_info=error)
            raise NotStored(await self._without_database(arrival)) from error

    async def _ahead_of_others(self, arrival: Arrival) -> None:
        """Takes a message in, unless it is an emergency that would have to wait."""
        async with unless(partial(self._is_waiting_alarm, arrival, SECONDS_TO_LOOK)):
            await self._take_in(arrival)

    async def _is_waiting_alarm(self, arrival: Arrival, seconds: float) -> bool:
        await waited(seconds)
        return bool(self._agent().is_ready()) and await self._is_alarm(arrival)

    async def _without_database(self, arrival: Arrival) -> Any:
        agent, message = self._agent(), arrival.message
        if not agent.is_ready():
            return []
        understood = Understood.not_at_all() if arrival.has_media else await understand(agent, message)
        if understood.is_alarm:
            self._keep(arrival)
        may_answer = message.sender_id not in self._accompanied
        return await replies_without_database(agent, message, understood, may_answer)

    def _keep(self, arrival: Arrival) -> None:
        key = (arrival.message.sender_id, arrival.id or arrival.message.text)
        # Tried several times, it is stored once.
        arrival.id = arrival.id or uuid4().hex
        self._kept.keep(key, arrival)

    async def _take_in(self, arrival: Arrival) -> None:
        async with at_most(SECONDS_TO_HEAR):
            await self._in_its_turn(arrival)

    async def _in_its_turn(self, arrival: Arrival) -> None:
        message = arrival.message
        async with self._agent().lock_store.lock(message.sender_id):
            found = await self._database.run(self._look_up, arrival)
            if found is None:
                return
            message.text = found.words
            if arrival.id:
                message.metadata = {**(message.metadata or {}), MESSAGE_ID: arrival.id}
            accompanied = found.standing.state in OPEN
            self._accompanied.note(message.sender_id, accompanied)
            pushed_to = message.input_channel if self._pushes and not arrival.was_told() else None
            with watched_turn(pushed_to) as turn:
                await self._hand_on(arrival, found, turn)
                if turn.error:
                    raise StoreUnavailable("The message could not be stored.") from turn.error
            self._accompanied.note(message.sender_id, accompanied or turn.in_form)

    def _look_up(self, arrival: Arrival) -> Found | None:
        """What the database knows of it; None when there is nothing new to be read."""
        store, conversation = self._database.store, arrival.message.sender_id
        if arrival.id and is_known(store, conversation, arrival.id):
            return None
        words = arrival.words() if arrival.words else arrival.message.text
        if words is None:
            return None
        too_fast = self._pushes and pace.is_too_fast(store, conversation, datetime.now(timezone.utc))
        return Found(
            readable(words[: self._max_length]),
            services.standing(store, conversation),
            too_fast,
            too_fast and pace.was_told(store, conversation),
        )

    async def _hand_on(self, arrival: Arrival, found: Found, turn: Turn) -> None:
        message = arrival.message
        if found.too_fast and not await self._is_alarm(arrival):
            if not found.told_so:
                await say(self._agent(), pace.SLOW_DOWN, message)
        elif arrival.has_media:
            await self._not_text(message, found.standing)
        elif found.standing.state is State.ACTIVE:
            await self._to_staff(message, found.standing)
        else:
            await self._to_bot(arrival, turn)

    async def _is_alarm(self, arrival: Arrival) -> bool:
        return not arrival.has_media and (await understand(self._agent(), arrival.message)).is_alarm

    async def _to_bot(self, arrival: Arrival, turn: Turn) -> None:
        message, is_alarm = arrival.message, partial(self._is_waiting_alarm, arrival, SECONDS_TO_LOOK_AT_A_TURN)
        try:
            async with at_most(self._patience()), unless(is_alarm):
                await self._on_new_message(message)
        except asyncio.TimeoutError as error:
            if turn.storing:
                # By now it may be stored or not.
                raise StoreUnavailable("The turn was not stored in time.") from error
            logger.error("A turn did not end in time: does the action server hang?")
            self._in_doubt_until = time.monotonic() + SECONDS_OF_DOUBT
            # The turn has stored nothing: Rasa does so at its end.
            if not turn.error:
                await store_message(self._agent(), message)
        if not turn.said and not turn.error:
            await self._without_actions(message)

    def _patience(self) -> float:
        return SECONDS_FOR_A_TURN_THEN if time.monotonic() < self._in_doubt_until else SECONDS_FOR_A_TURN

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
        known = await self._database.run(alarms_since, self._database.store, message.sender_id, since)
        intent = await store_message(self._agent(), message)
        # An emergency is answered, once, and so is a crisis; from then on staff know.
        if intent in ALARMS and intent not in known:
            await say(self._agent(), f"utter_{intent}", message)


class GatedChannel(InputChannel):
    """Mixin, left of a Rasa connector: all its messages go through the gate.

    Attributes:
        max_message_length: characters of a message that are read.
        database: of handoffs.
        pushes: whether ``deliver`` sends every reply, the bot's too; else the visitor's side fetches them.
        carries_replies: whether staff's replies reach the visitor here, so that a person needs no other way to them.
    """

    max_message_length: int
    database: AsyncStore
    pushes: bool = False
    carries_replies: bool = True

    @property
    def store(self) -> Store:
        """The database, for threads."""
        return self.database.store

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The connector's routes, with the gate as their handler."""
        apps: list[Sanic] = []
        gate = Gate(
            on_new_message,
            self.max_message_length,
            self.database,
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
