"""The Rasa server as the website sees it: its web channel and its health."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bot.widget.errors import Unavailable

SECONDS_TO_ANSWER = 30
# More would not be answered sooner: Rasa computes one message at a time. The others wait here, in order and at no cost.
# In the client's own queue each of them would slow down all (it walks the queue for every request); and a busy Rasa
# takes in one new connection between its messages, so that the last of many would starve while the first are served
# again and again.
MOST_AT_ONCE = 8
# Below Rasa's five seconds: a connection that it is just closing is never used again.
SECONDS_TO_KEEP = 4


def http_client() -> httpx.AsyncClient:
    """A client for the Rasa server; it ignores proxies, for the server is next door."""
    # All connections are kept. Health checks have room beside the messages.
    most = MOST_AT_ONCE + 4
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=SECONDS_TO_KEEP)
    return httpx.AsyncClient(timeout=SECONDS_TO_ANSWER, limits=limits, trust_env=False)


class Rasa:
    """Hands messages to the Rasa server.

    Args:
        client: talks HTTP.
        url: of the server.
        key: shows the web channel that it is us (``Settings.internal_key``).
        most_at_once: messages that Rasa has at the same time.
        patience: seconds that a message waits for its turn.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        key: str,
        most_at_once: int = MOST_AT_ONCE,
        patience: float = SECONDS_TO_ANSWER,
    ) -> None:
        self._client = client
        self._turns = asyncio.Semaphore(most_at_once)
        self._patience = patience
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"}

    async def receive(self, conversation: str, text: str, message_id: str) -> None:
        """Hands over a message; when this returns, it and what the bot said to it are stored.

        Args:
            message_id: the browser's; a message that is handed over twice is read once.

        Raises:
            Unavailable: Rasa is down, too slow, or could not store the message.
        """
        message = {"sender": conversation, "message": text, "message_id": message_id}
        async with self._turn():
            try:
                response = await self._client.post(
                    f"{self._url}/webhooks/web/webhook", json=message, headers=self._headers
                )
            except httpx.TransportError as error:
                raise Unavailable() from error
        if response.status_code != httpx.codes.OK:
            raise Unavailable()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._turns.acquire(), self._patience)
        except asyncio.TimeoutError as error:
            raise Unavailable() from error
        try:
            yield
        finally:
            self._turns.release()

    async def reachable(self) -> bool:
        """Whether the server answers at all."""
        try:
            response = await self._client.get(f"{self._url}/")
        except httpx.TransportError:
            return False
        return response.is_success
