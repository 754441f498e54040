"""A visitor of Rasa's stock socketio channel.

The protocol (Engine.IO 4 with Socket.IO 5, text packets on a WebSocket) is spoken here itself, because the client of
python-socketio needs a newer aiohttp than Rasa 3.6 allows.
"""

import asyncio
import json
import os
import random
import socket
import time
from contextlib import suppress

import aiohttp

from tests.benchmark.channel.visitors import PATIENCE_SECONDS, Asked
from tests.benchmark.errors import WrongAnswer

OPEN, PING, PONG, CONNECT, EVENT, ACK = "0", "2", "3", "40", "42", "43"
# What socket.io's own client waits before it reconnects: a second, more or less; twice as long each time, up to five.
RECONNECTION_SECONDS, MOST_RECONNECTION_SECONDS, MORE_OR_LESS = 1.0, 5.0, 0.5


class SocketVisitor:
    """A visitor without session persistence, because with it the stock channel delivers nothing.

    Args:
        url: of the Rasa server.
    """

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.asked: list[Asked] = []
        self._url = f"{url}/socket.io/?EIO=4&transport=websocket"
        self._session = session
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._connected = asyncio.Event()
        self._done = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Connects by WebSocket at once; the stock widget begins with polling."""
        self._listening = asyncio.create_task(self._listen())
        connected = asyncio.create_task(self._connected.wait())
        await asyncio.wait({connected, self._listening}, return_when=asyncio.FIRST_COMPLETED)
        if not connected.done():
            connected.cancel()
            raise WrongAnswer("The stock channel gives no connection.") from self._listening.exception()

    async def ask(self, question: str) -> None:
        """Sends it. The channel's acknowledgement comes after the last part of the answer."""
        self.asked.append(Asked(time.perf_counter()))
        self._done.clear()
        if self._socket:
            await self._socket.send_str(f"{EVENT}{len(self.asked)}" + _event("user_uttered", {"message": question}))
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._done.wait(), PATIENCE_SECONDS)

    def expect_cut(self) -> None:
        """From now on ``back`` waits for a new connection."""
        self._connected.clear()

    async def cut(self) -> None:
        """Breaks the connection."""
        if self._socket:
            # A copy of the descriptor: uvloop's sockets, where that is the event loop, cannot be shut down.
            with socket.socket(fileno=os.dup(self._socket.get_extra_info("socket").fileno())) as copy:
                copy.shutdown(socket.SHUT_RDWR)

    async def back(self) -> None:
        """Waits for the new connection."""
        await self._connected.wait()

    async def missing(self) -> None:
        """The stock channel gives no history."""
        return None

    async def leave(self) -> None:
        """Closes the page."""
        if self._listening:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    async def _listen(self) -> None:
        pause = RECONNECTION_SECONDS
        while True:
            with suppress(aiohttp.ClientError):
                async with self._session.ws_connect(self._url, autoping=True) as self._socket:
                    async for packet in self._socket:
                        if packet.type is aiohttp.WSMsgType.TEXT:
                            pause = RECONNECTION_SECONDS
                            await self._hear(self._socket, packet.data)
            # Nobody will answer to what was on its way: whoever is back is a new visitor.
            self._done.set()
            await asyncio.sleep(pause * random.uniform(1 - MORE_OR_LESS, 1 + MORE_OR_LESS))
            pause = min(2 * pause, MOST_RECONNECTION_SECONDS)

    async def _hear(self, connection: aiohttp.ClientWebSocketResponse, packet: str) -> None:
        if packet.startswith(OPEN):
            await connection.send_str(CONNECT)
        elif packet.startswith(PING):
            await connection.send_str(PONG)
        elif packet.startswith(CONNECT):
            self._connected.set()
        elif packet.startswith(ACK):
            # It names the question that it is for.
            if packet[2:].partition("[")[0] == str(len(self.asked)):
                self._done.set()
        elif packet.startswith(EVENT) and self.asked:
            _, data = json.loads(packet[len(EVENT) :])
            self.asked[-1].hear(str(data.get("text") or data), time.perf_counter())


def _event(name: str, data: dict[str, str]) -> str:
    return json.dumps([name, data])
