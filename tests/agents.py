"""A stand-in for Rasa's agent: the real conversation store and locks, and a bot that understands what tests tell it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from bot.channels.rest import WholeReplies
from bot.database.async_store import AsyncStore, shared_store
from bot.storage.lock_store import ConversationLocks
from bot.storage.tracker_store import ConversationStore
from tests.servers import free_port

VISITOR = "rest-1"
SECONDS_TO_WAIT = 120


class FakeAgent:
    """What channels use of ``rasa.core.agent.Agent``; the database is the one that the settings name.

    Attributes:
        intents: what a message means, by its words; ``faq`` for others.
        replies: what the bot says to a message, by its words; ``answer`` to others. None for nothing at all.
        answered: words of the messages that the bot was given.
    """

    def __init__(self) -> None:
        self.domain = Domain.from_dict({"responses": {"utter_unavailable": [{"text": "Please send it again."}]}})
        self.tracker_store = ConversationStore(self.domain)
        self.lock_store = ConversationLocks()
        self.processor = SimpleNamespace(nlg=self, parse_message=self._parsed)
        self.intents: dict[str, str] = {}
        self.replies: dict[str, str | None] = {}
        self.answered: list[str] = []

    def is_ready(self) -> bool:
        """It always is."""
        return True

    async def generate(
        self, response: str, tracker: DialogueStateTracker, channel: str, **slots: Any
    ) -> dict[str, Any] | None:
        """The words of a response are its name and slots."""
        if response == "utter_nothing":
            return None
        return {"text": " ".join([response, *map(str, slots.values())]), "metadata": {"kind": response[6:]}}

    async def handle_message(self, message: UserMessage) -> None:
        """One turn, stored and sent as Rasa does."""
        tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
        text = message.text or ""
        self.answered.append(text)
        parsed = await self._parsed(message)
        uttered = UserUttered(
            text, parsed["intent"], parse_data=parsed, input_channel=message.input_channel, metadata=message.metadata
        )
        tracker.update(uttered, self.domain)
        reply = self.replies.get(text, "answer")
        if reply is not None:
            tracker.update(BotUttered(reply, {}, {"metadata": {"kind": "answer"}}), self.domain)
        await self.tracker_store.save(tracker)
        if reply is not None:
            await message.output_channel.send_response(message.sender_id, {"text": reply})

    def close(self) -> None:
        """Lets go of the database."""
        self.tracker_store.engine.dispose()

    async def _parsed(self, message: UserMessage, *_: Any) -> dict[str, Any]:
        name = self.intents.get(message.text or "", "faq")
        selected = {"faq": {"response": {"utter_action": "utter_faq/crs_what"}}}
        intent = {"name": name, "confidence": 1.0}
        return {"intent": intent, "entities": [], "text": message.text, "response_selector": selected}


def a_message(text: str | None, sender: str = VISITOR, **details: Any) -> UserMessage:
    """A message whose replies are collected."""
    return UserMessage(text, WholeReplies(), sender, input_channel="rest", **details)


def texts(channel: CollectingOutputChannel) -> list[str]:
    """What a visitor was sent."""
    return [reply["text"] for reply in channel.messages]


@contextmanager
def broken(store: Any) -> Iterator[None]:
    """No table of conversations while the block runs: reading and writing them fails."""
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE events RENAME TO away"))
    try:
        yield
    finally:
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE away RENAME TO events"))
        until_it_answers(shared_store(str(store.engine.url)))


def until_it_answers(database: AsyncStore) -> None:
    """Waits until the database is no longer taken for one that is away."""
    pause = Event()
    for _ in range(SECONDS_TO_WAIT * 20):
        if not database.is_away:
            return
        pause.wait(0.05)
    raise AssertionError("The database is still taken for one that is away.")


@contextmanager
def serving_channels(agent: FakeAgent, *channels: InputChannel) -> Iterator[str]:
    """Serves channels over HTTP as Rasa does while the block runs; yields the URL of its webhooks."""
    # Else Sanic rewrites its own methods for the first application in a process, and fails at the second.
    Sanic.test_mode = True
    app = Sanic(f"test-{uuid4().hex}", configure_logging=False)
    app.ctx.agent = agent

    async def on_new_message(message: UserMessage) -> None:
        await agent.handle_message(message)

    for channel in channels:
        app.blueprint(channel.blueprint(on_new_message), url_prefix=f"/webhooks/{channel.name()}")
    port = free_port()
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(_start(app, port), loop).result(SECONDS_TO_WAIT)
        yield f"http://127.0.0.1:{port}/webhooks"
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(SECONDS_TO_WAIT)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(app: Sanic, port: int) -> Any:
    server: Any = await app.create_server("127.0.0.1", port, access_log=False, return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.after_start()
    return server


async def _stop(server: Any) -> None:
    await server.before_stop()
    await server.close()
    await server.after_stop()
    await asyncio.get_running_loop().shutdown_default_executor()
