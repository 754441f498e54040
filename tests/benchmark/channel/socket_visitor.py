"""A visitor of Rasa's stock socketio channel, with python-socketio's client."""

import asyncio
import random
import socket
import time
from contextlib import suppress
from typing import Any

import aiohttp
import socketio
from socketio.exceptions import ConnectionError as Refused

from tests.benchmark.channel.visitors import PATIENCE_SECONDS, Asked

SECONDS_TO_CONNECT = 60
# What socket.io's own client waits before it reconnects: a second, more or less; twice as long each time, up to five.
RECONNECTION_SECONDS, MOST_RECONNECTION_SECONDS, MORE_OR_LESS = 1.0, 5.0, 0.5


class SocketVisitor:
    """A visitor without session persistence, because with it the stock channel delivers nothing.

    Args:
        url: of the Rasa server.
    """

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.asked: list[Asked] = []
        self._url = url
        self._session = session
        self._client = self._new_client()
        self._connected = asyncio.Event()
        self._gone = asyncio.Event()
        self._returning: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Connects by WebSocket at once; the stock client would begin with polling."""
        await self._client.connect(self._url, transports=["websocket"], wait_timeout=SECONDS_TO_CONNECT)
        self._gone.clear()
        self._connected.set()

    async def ask(self, question: str) -> None:
        """Sends it. The channel's acknowledgement comes after the last part of the answer."""
        self.asked.append(Asked(time.perf_counter()))
        answered = asyncio.Event()
        await self._client.emit("user_uttered", {"message": question}, callback=lambda *_: answered.set())
        ends = {asyncio.create_task(answered.wait()), asyncio.create_task(self._gone.wait())}
        _, waiting = await asyncio.wait(ends, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    def expect_cut(self) -> None:
        """From now on ``back`` waits for a new connection."""
        self._connected.clear()

    async def cut(self) -> None:
        """Breaks the connection."""
        self._gone.set()
        self._client.eio.ws.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._returning = asyncio.create_task(self._return())

    async def back(self) -> None:
        """Waits for the new connection."""
        await self._connected.wait()

    async def missing(self) -> None:
        """The stock channel gives no history."""
        return None

    async def leave(self) -> None:
        """Closes the page."""
        if self._returning:
            self._returning.cancel()
        with suppress(Refused):
            await self._client.disconnect()

    async def _return(self) -> None:
        pause = RECONNECTION_SECONDS
        while not self._connected.is_set():
            await asyncio.sleep(pause * random.uniform(1 - MORE_OR_LESS, 1 + MORE_OR_LESS))
            pause = min(2 * pause, MOST_RECONNECTION_SECONDS)
            self._client = self._new_client()
            with suppress(Refused):
                await self.connect()

    def _new_client(self) -> socketio.AsyncClient:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=self._session)
        client.on("bot_uttered", self._hear)
        return client

    async def _hear(self, data: dict[str, Any]) -> None:
        if self.asked:
            self.asked[-1].hear(str(data.get("text") or data), time.perf_counter())
