"""The Rasa servers as the website sees them: their web channel and their health."""

import asyncio
import zlib
from collections.abc import Sequence
from typing import Any

import httpx

from bot.widget.errors import NOT_STORED, NotStored, Unavailable
from bot.widget.fair_queue import FairQueue
from bot.widget.outgoing import reply_json

# Rasa gives up a message after five. Then the message is sent again: that is safe.
SECONDS_TO_ANSWER = 10
SECONDS_TO_WAIT = 30
SECONDS_FOR_HEALTH = 1.5
# More would not be answered sooner: Rasa computes one message at a time. The others wait here, fairly and at no cost.
# In the client's own queue each of them would slow down all (it walks the queue for every request); and a busy Rasa
# takes in one new connection between its messages, so that the last of many would starve while the first are served
# again and again.
MOST_AT_ONCE = 8
# What another address sends waits for so much of one address: four short messages, or one as long as it can be.
MOST_OF_ADDRESS = 4
CHARACTERS_OF_A_SHORT_ONE = 750
# Below Rasa's five seconds: a connection that it is just closing is never used again.
SECONDS_TO_KEEP = 4


def http_client(workers: int = 1) -> httpx.AsyncClient:
    """A client for so many Rasa servers; it ignores proxies, for they are on this machine."""
    # All connections are kept. Health checks have room beside the messages.
    most = (MOST_AT_ONCE + 4) * workers
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=SECONDS_TO_KEEP)
    return httpx.AsyncClient(timeout=SECONDS_TO_ANSWER, limits=limits, trust_env=False)


class Rasa:
    """Hands messages to the Rasa servers: a conversation always to the same one, unless that one is down.

    Args:
        client: talks HTTP.
        urls: of the servers.
        key: shows the web channel that it is us (``Settings.internal_key``).
        most_at_once: messages that a server has at the same time.
        most_of_address: short messages from one address at the same time; a long one counts for several.
        patience: seconds that a message waits for its turn.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        urls: Sequence[str],
        key: str,
        most_at_once: int = MOST_AT_ONCE,
        most_of_address: int = MOST_OF_ADDRESS,
        patience: float = SECONDS_TO_WAIT,
    ) -> None:
        self._client = client
        self._queues = {url: FairQueue(most_at_once, most_of_address) for url in urls}
        self._patience = patience
        self._urls = tuple(urls)
        self._headers = {"Authorization": f"Bearer {key}"}

    async def receive(
        self, conversation: str, text: str, message_id: str, address: str = "", language: str = ""
    ) -> None:
        """Hands over a message; when this returns, it and what the bot said to it are stored.

        Args:
            message_id: the browser's; a message that is handed over twice is read once.
            address: whoever sends much from one address waits, and nobody else does.
            language: of the page; empty if it does not say.

        Raises:
            NotStored: the bot has replied to it, and neither is stored.
            Unavailable: every Rasa is down, or this one is too slow, or could not store the message.
        """
        message = {"sender": conversation, "message": text, "message_id": message_id, "language": language}
        cost = 1 + len(text) // CHARACTERS_OF_A_SHORT_ONE
        first = zlib.crc32(conversation.encode()) % len(self._urls)
        for url in self._urls[first:] + self._urls[:first]:
            try:
                async with self._queues[url].place(address, conversation, self._patience, cost):
                    response = await self._client.post(
                        f"{url}/webhooks/web/webhook", json=message, headers=self._headers
                    )
            except httpx.ConnectError:
                # It cannot have the message: another one may.
                continue
            except (httpx.TransportError, asyncio.TimeoutError) as error:
                raise Unavailable() from error
            if response.status_code != httpx.codes.OK:
                raise _refusal(response)
            return
        raise Unavailable()

    async def reachable(self) -> bool:
        """Whether a server answers at all."""
        return any(await asyncio.gather(*map(self._answers, self._urls)))

    async def _answers(self, url: str) -> bool:
        try:
            response = await asyncio.wait_for(self._client.get(f"{url}/"), SECONDS_FOR_HEALTH)
        except (httpx.TransportError, asyncio.TimeoutError):
            return False
        return response.is_success


def _refusal(response: httpx.Response) -> Unavailable:
    try:
        content: Any = response.json()
        if content["code"] == NOT_STORED:
            return NotStored([reply_json(reply) for reply in content["replies"]])
    # Whatever else it says, it is no reply.
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return Unavailable()
