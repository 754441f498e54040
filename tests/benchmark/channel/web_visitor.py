"""A visitor of our website, who talks to it as the widget's script does (bot/widget/static/parts)."""

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any
from uuid import uuid4

import aiohttp

from tests.benchmark.channel.visitors import PATIENCE_SECONDS, Asked
from tests.benchmark.errors import WrongAnswer

SECONDS_OF_SILENCE = 40
SECONDS_TO_ANSWER = 40
OK = 200
# The widget's reasons to send again: nobody there, not now, slow down.
AGAIN = {429, 500, 502, 503, 504}
Line = dict[str, Any]


class WebVisitor:
    """A visitor at an address of their own.

    Args:
        number: makes the address; the website believes a proxy on its machine.
        url: of the website.
    """

    def __init__(self, number: int, url: str, session: aiohttp.ClientSession) -> None:
        self.asked: list[Asked] = []
        self._by_id: dict[str, Asked] = {}
        self._lines: dict[int, Line] = {}
        self._url = f"{url}/chat"
        self._session = session
        self._headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        self._connected = asyncio.Event()
        self._news = asyncio.Event()
        self._streams: set[aiohttp.ClientResponse] = set()
        self._listening: asyncio.Task[None] | None = None
        self._sending: asyncio.Task[float | None] | None = None

    async def connect(self) -> None:
        """Gets a token and opens the stream of events."""
        async with self._session.post(f"{self._url}/session", headers=self._headers) as answer:
            if answer.status != OK:
                raise WrongAnswer(f"The website gives no conversation (status {answer.status}).")
            self._headers["Authorization"] = f"Bearer {(await answer.json())['token']}"
        self._listening = asyncio.create_task(self._listen())
        await self._connected.wait()

    async def ask(self, question: str) -> None:
        """Sends the message as often as it takes, and waits for the answer."""
        id = uuid4().hex
        asked = self._by_id[id] = Asked(time.perf_counter())
        self.asked.append(asked)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ask(id, question, asked), PATIENCE_SECONDS)

    async def _ask(self, id: str, question: str, asked: Asked) -> None:
        failures = 0
        while True:
            self._sending = asyncio.create_task(self._send(id, question))
            # It is cancelled when the connection is cut.
            await asyncio.wait({self._sending})
            wait = 0.0 if self._sending.cancelled() else self._sending.result()
            if wait is None:
                break
            failures += 1
            await asyncio.sleep(max(wait, backoff(failures)))
        while asked.shown is None:
            self._news.clear()
            await self._news.wait()

    async def _send(self, id: str, text: str) -> float | None:
        """Sends once. None when the website has it, else the seconds that it asks to wait."""
        body = {"id": id, "text": text, "after": max(self._lines, default=0)}
        timeout = aiohttp.ClientTimeout(total=SECONDS_TO_ANSWER)
        try:
            async with self._session.post(
                f"{self._url}/messages", json=body, headers=self._headers, timeout=timeout
            ) as answer:
                if answer.status in AGAIN:
                    return float(answer.headers.get("Retry-After", 0))
                if answer.status != OK:
                    raise WrongAnswer(f"The website refuses a message (status {answer.status}).")
                for line in (await answer.json())["lines"]:
                    self._show(line)
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return 0.0
        return None

    async def _listen(self) -> None:
        failures = 0
        while True:
            first = True
            try:
                async for name, data in self._events(max(self._lines, default=0)):
                    if first:
                        self._connected.set()
                    first, failures = False, 0
                    if name == "line":
                        self._show(data)
            except (aiohttp.ClientError, asyncio.TimeoutError):
                failures += 1
            await asyncio.sleep(backoff(failures))

    async def _events(self, after: int) -> AsyncGenerator[tuple[str, Line], None]:
        timeout = aiohttp.ClientTimeout(total=None, sock_read=SECONDS_OF_SILENCE)
        parameters = {"after": str(after)}
        async with self._session.get(
            f"{self._url}/events", params=parameters, headers=self._headers, timeout=timeout, raise_for_status=True
        ) as stream:
            self._streams.add(stream)
            try:
                name = ""
                async for row in stream.content:
                    field, _, value = row.decode().rstrip("\n").partition(": ")
                    if field == "event":
                        name = value
                    elif field == "data":
                        yield name, json.loads(value)
            finally:
                self._streams.discard(stream)

    def _show(self, line: Line) -> None:
        # The page shows a line once, whether the stream or the answer brings it first.
        if line["id"] in self._lines:
            return
        self._lines[line["id"]] = line
        if line["speaker"] == "bot":
            said_to = max((id for id, one in self._lines.items() if id < line["id"] and is_question(one)), default=0)
            asked = self._by_id.get(self._lines[said_to]["message_id"]) if said_to else None
            if asked:
                asked.hear(line["text"], time.perf_counter())
                self._news.set()

    def expect_cut(self) -> None:
        """From now on ``back`` waits for a new stream."""
        self._connected.clear()

    async def cut(self) -> None:
        """Breaks the stream, and the message that is on its way."""
        for stream in self._streams:
            stream.close()
        if self._sending:
            self._sending.cancel()

    async def back(self) -> None:
        """Waits for the first event of a new stream."""
        await self._connected.wait()

    async def missing(self) -> int:
        """Reads the conversation as a page does that is opened anew."""
        again = set()
        async with aclosing(self._events(0)) as events:
            async for name, data in events:
                # All lines come first.
                if name != "line":
                    break
                again.add(data["id"])
        return len(self._lines.keys() - again)

    async def leave(self) -> None:
        """Closes the page."""
        if self._listening:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening


def is_question(line: Mapping[str, Any]) -> bool:
    """Whether the visitor says it."""
    return bool(line["speaker"] == "visitor")


def backoff(failures: int) -> float:
    """Seconds until the widget tries again (its ``backoff`` in network.js)."""
    longest = min(30.0, 0.5 * 2**failures)
    return random.uniform(longest / 2, longest)
