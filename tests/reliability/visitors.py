"""Visitors as the widget and a messaging app send for them: what is not stored is sent again, in order, until it is."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx

from bot.conversation.addresses import conversation_id
from bot.widget.tokens import VisitorTokens
from tests.providers import Provider
from tests.servers import KEY

SECONDS_BETWEEN_MESSAGES = 5.0
SECONDS_BEFORE_SENDING_AGAIN = 2.0
SECONDS_OF_PATIENCE = 60


@dataclass
class Said:
    """One message of a visitor.

    Attributes:
        heard: seconds until anything was heard: an answer, or that it was not stored.
        replied: seconds until the first reply of the bot itself.
        kinds: of the bot's replies, the line for what was not stored left out.
        tries: how often it was sent.
        stored: whether that was confirmed.
        received: texts that came since, through an app.
    """

    text: str
    is_emergency: bool = False
    id: str = field(default_factory=lambda: uuid4().hex)
    begun: float = field(default_factory=time.monotonic)
    heard: float | None = None
    replied: float | None = None
    kinds: list[str] = field(default_factory=list)
    tries: int = 0
    stored: bool = False
    received: int = 0

    def hear(self, replies: Iterable[dict[str, Any]] = (), at: float | None = None) -> None:
        """Something came back."""
        passed = (at or time.monotonic()) - self.begun
        self.heard = passed if self.heard is None else self.heard
        kinds = [kind for kind in (_kind(reply) for reply in replies) if kind not in (None, "unavailable")]
        if kinds and self.replied is None:
            self.replied = passed
        self.kinds += [str(kind) for kind in kinds]


class Visitor(ABC):
    """Says one thing after another.

    Args:
        texts: what they say, each once.
        emergency: what they say when the fault has begun, if it is one.
        request: the same, if it needs the action server.

    Attributes:
        said: so far.
        conversation: Rasa's name for it.
    """

    conversation = ""

    def __init__(self, texts: Iterable[str], emergency: str = "", request: str = "") -> None:
        self.said: list[Said] = []
        self._texts = iter(texts)
        self._emergency, self._during = emergency, emergency or request

    async def talk(self, until: asyncio.Event, fault: asyncio.Event, delay: float) -> None:
        """Says things until the event; the emergency or the request when the fault has begun."""
        await asyncio.sleep(delay)
        while not until.is_set():
            text = self._during if fault.is_set() else ""
            if text:
                self._during = ""
            said = Said(text or next(self._texts), bool(text) and text == self._emergency)
            self.said.append(said)
            await self._say(said)
            await asyncio.sleep(SECONDS_BETWEEN_MESSAGES)

    async def _say(self, said: Said) -> None:
        while not said.stored:
            said.tries += 1
            said.stored = await self._send(said)
            if not said.stored:
                await asyncio.sleep(SECONDS_BEFORE_SENDING_AGAIN)

    @abstractmethod
    async def _send(self, said: Said) -> bool:
        """Whether it was taken."""

    @abstractmethod
    async def end(self) -> None:
        """Says no more."""


class WebsiteVisitor(Visitor):
    """As the widget: through the website, from an address of their own."""

    def __init__(self, url: str, address: str, *words: Any) -> None:
        super().__init__(*words)
        transport = httpx.AsyncHTTPTransport(local_address=address)
        self._http = httpx.AsyncClient(base_url=url, transport=transport, timeout=SECONDS_OF_PATIENCE)
        self._after = 0

    async def begin(self) -> None:
        """Opens the chat."""
        token = (await self._http.post("/chat/session", json={})).raise_for_status().json()["token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        self.conversation = VisitorTokens(KEY, lambda: datetime.now(timezone.utc)).visitor(token).conversation

    async def _send(self, said: Said) -> bool:
        content = {"id": said.id, "text": said.text, "after": self._after}
        try:
            response = await self._http.post("/chat/messages", json=content)
        except httpx.TransportError:
            return False
        if not response.is_success:
            # Without a reply the widget itself says that it was not stored, and whom to call.
            said.hear(_content(response).get("replies", []))
            return False
        lines = response.json()["lines"]
        self._after = max([line["id"] for line in lines], default=self._after)
        said.hear(line for line in lines if line["speaker"] != "visitor")
        return True

    async def end(self) -> None:
        await self._http.aclose()


class AppVisitor(Visitor):
    """Through a messaging app, whose provider sends again what was not taken."""

    def __init__(self, provider: Provider, inbox: "Inbox", user: str, *words: Any) -> None:
        super().__init__(*words)
        self.conversation = conversation_id(KEY, provider.name, user)
        self.user = user
        self._provider, self._inbox = provider, inbox
        self._http = httpx.AsyncClient(timeout=SECONDS_OF_PATIENCE, trust_env=False)

    async def _send(self, said: Said) -> bool:
        said.id = said.id if said.tries > 1 else self._provider.new_id()
        headers, body = self._provider.signed(self._provider.message(self.user, said.text, said.id))
        url = f"{self._provider.url}/{self._provider.name}/webhook"
        try:
            response = await self._http.post(url, headers=headers, content=body)
        except httpx.TransportError:
            return False
        # What the visitor hears comes another way.
        if response.is_success:
            await self._inbox.anything_since(self.user, said.begun)
        for at, text in self._inbox.since(self.user, said.begun)[said.received :]:
            said.hear([{"metadata": {"kind": self._inbox.kind(text)}}], at)
            said.received += 1
        return response.is_success

    async def end(self) -> None:
        await self._http.aclose()


class Inbox:
    """What the messaging app's users were sent, by user: when, and the text.

    Args:
        kinds: of the bot's replies that are no answers, by how their text begins.
    """

    def __init__(self, provider: Provider, kinds: dict[str, str]) -> None:
        self._kinds = kinds
        self.received: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self._provider = provider
        Thread(target=self._read, daemon=True).start()

    def kind(self, text: str) -> str:
        """What a text is."""
        return next((kind for words, kind in self._kinds.items() if text.startswith(words)), "answer")

    def since(self, user: str, at: float) -> list[tuple[float, str]]:
        """What came later."""
        return [each for each in self.received[user] if each[0] >= at]

    async def anything_since(self, user: str, at: float) -> None:
        """Waits for something; the outbox sends it after the webhook is answered."""
        end = time.monotonic() + SECONDS_OF_PATIENCE
        # A thread brings it.
        while not self.since(user, at) and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    def _read(self) -> None:
        while True:
            sent = self._provider._taken.get()
            self.received[sent.to].append((time.monotonic(), sent.text))


def _kind(reply: dict[str, Any]) -> str | None:
    return (reply.get("metadata") or {}).get("kind") or reply.get("kind")


def _content(response: httpx.Response) -> dict[str, Any]:
    try:
        return dict(response.json())
    except ValueError:
        return {}
