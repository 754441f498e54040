"""A real website for tests, in front of a stand-in for Rasa."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.database.tables import events
from bot.database.unit_of_work import Store
from bot.domain.handoff import Kind, State
from bot.domain.staff import Role, Staff
from bot.handoff import services
from bot.handoff.received_messages import Arrival, is_known, record
from bot.handoff.services import standing
from bot.outbox import delivery
from bot.settings import Settings
from bot.website.app import create_app
from tests.servers import KEY, serving


def website_settings(rasa_port: int, database_url: str = "sqlite://", **variables: str) -> Settings:
    """Settings of a website that finds Rasa at ``rasa_port``."""
    return Settings.read({"RASA_PORT": str(rasa_port), "SECRET_KEY": KEY, "DATABASE_URL": database_url, **variables})


class FakeRasa:
    """Follows Rasa's web channel: stores a message and its replies as Rasa does, then says that it was received.

    Args:
        store: of the database that Rasa and the website share.

    Attributes:
        replies: the replies to a message (``text``, ``buttons``, ``metadata``); an unknown message is echoed.
        received: the requests' JSON, in order, repeated ones too.
        status: HTTP status of the answers; nothing is stored unless it is 200.
        deaf: when set, what is stored is not confirmed: the connection breaks.
        silent: when set, a message is never answered.
        cannot_store: when set, what is said is replied to, and neither is stored.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.forget()
        self.app = Starlette(
            routes=[
                Route("/", lambda request: PlainTextResponse("Hello from Rasa: 3.6.21")),
                Route("/webhooks/web/webhook", self._webhook, methods=["POST"]),
            ]
        )

    def forget(self) -> None:
        """Makes it as new."""
        self.replies: dict[str, list[dict[str, Any]]] = {}
        self.received: list[dict[str, str]] = []
        self.status = 200
        self.deaf = False
        self.silent = False
        self.cannot_store = False

    async def _webhook(self, request: Request) -> Response:
        if request.headers["Authorization"] != f"Bearer {website_settings(1).internal_key()}":
            return JSONResponse({"error": "Only the website may call this."}, 401)
        message = await request.json()
        self.received.append(message)
        if self.silent:
            await _until_the_client_leaves(request)
        if self.status != 200:
            return JSONResponse({"error": "The message could not be stored: send it again."}, self.status)
        if self.cannot_store:
            refusal = {"error": "The message could not be stored.", "code": "not_stored"}
            return JSONResponse({**refusal, "replies": self._replies(message)}, 503)
        self._take_in(message)
        return JSONResponse({"status": "received"}, 500 if self.deaf else 200)

    def _take_in(self, message: dict[str, str]) -> None:
        conversation, id = message["sender"], message["message_id"]
        if is_known(self._store, conversation, id):
            return
        said = {"event": "user", "text": message["message"], "metadata": {"message_id": id}, "message_id": "rasa's"}
        replies = [_uttered(**reply) for reply in self._replies(message)]
        # While staff own the conversation, the bot is silent.
        owned = standing(self._store, conversation).state is State.ACTIVE
        self._write(conversation, [said, *([] if owned else replies)], Arrival(conversation, "web", id))

    def _replies(self, message: dict[str, str]) -> list[dict[str, Any]]:
        echo = [{"text": f"You said: {message['message']}"}]
        return self.replies.get(message["message"], echo)

    def says(self, conversation: str, text: str, **reply: Any) -> None:
        """Adds a line to the transcript that no message caused."""
        self._write(conversation, [_uttered(text, **reply)])

    def hands_over_replies(self) -> None:
        """Does what the outbox does: staff's replies come into the transcript."""
        now = datetime.now(timezone.utc)
        while replies := delivery.claim(self._store, now):
            for reply in replies:
                about = {"kind": "staff", "staff": reply.author.name} if reply.author else {"kind": reply.response}
                text = reply.text or f"{reply.response}: {reply.slots.get('staff_name')}"
                self.says(reply.conversation, text, metadata={**about, "reply_id": reply.id})
                delivery.mark_sent(self._store, reply.id or 0, now, delivered=False)

    def _write(self, conversation: str, said: list[dict[str, Any]], *arrivals: Arrival) -> None:
        now = datetime.now(timezone.utc)
        rows = [
            {
                "sender_id": conversation,
                "type_name": event["event"],
                "timestamp": now.timestamp(),
                "data": json.dumps({**event, "timestamp": now.timestamp()}),
            }
            for event in said
        ]
        with self._store.work() as work:
            work.execute(events.insert(), rows)
            record(work, arrivals, now)
            work.commit()


def _uttered(text: str, buttons: Any = None, metadata: Any = None) -> dict[str, Any]:
    return {"event": "bot", "text": text, "data": {"buttons": buttons}, "metadata": {"metadata": metadata or {}}}


@dataclass
class Website:
    """A running website, in front of a stand-in for Rasa.

    Attributes:
        url: without a slash at the end.
    """

    url: str
    rasa: FakeRasa
    store: Store

    def staff_join(self, conversation: str, name: str = "Anna") -> tuple[int, int]:
        """The visitor waits, and staff join: ids of the handoff and of the staff."""
        now = datetime.now(timezone.utc)
        with self.store.work() as work:
            person = Staff(f"{name}-{uuid4().hex}", name, Role.AGENT, now)
            work.add(person)
            work.commit()
        handoff = services.open_handoff(self.store, conversation, "web", Kind.HUMAN, None, now)
        services.take(self.store, handoff.id or 0, person.id or 0, now)
        self.rasa.hands_over_replies()
        return handoff.id or 0, person.id or 0

    def conversations(self) -> list[str]:
        """Who has written, in the order of the first message."""
        return list(dict.fromkeys(message["sender"] for message in self.rasa.received))


@contextmanager
def a_website(
    database_url: str, rasa_client: httpx.AsyncClient | None = None, port: int = 0, **variables: str
) -> Iterator[Website]:
    """Serves a website while the block runs; ``variables`` are its environment's.

    Args:
        database_url: of a database with all tables.
    """
    store = Store.open(database_url)
    rasa = FakeRasa(store)
    with serving(rasa.app) as rasa_port:
        app = create_app(website_settings(rasa_port, database_url, **variables), rasa_client)
        with serving(app, port) as port:
            yield Website(f"http://127.0.0.1:{port}", rasa, store)
    store.engine.dispose()


async def _until_the_client_leaves(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
