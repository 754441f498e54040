"""Visitors who ask over HTTP and watch the clock."""

import asyncio
import json
import time
from collections.abc import Iterable, Sequence

import aiohttp

from tests.benchmark.errors import WrongAnswer

PATIENCE_SECONDS = 120
# Below Sanic's five seconds: a connection that the server has just closed is never used again.
KEEP_ALIVE_SECONDS = 4
TOLERATED_SILENCE = 0.05


def visitors_session() -> aiohttp.ClientSession:
    """A client for any number of visitors at once; open it inside the event loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS),
        timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS),
    )


class RestChannel:
    """A server's REST channel.

    Attributes:
        asked: messages sent so far.
        unanswered: how many of them got an empty list of replies.
    """

    def __init__(self, name: str, webhook: str, session: aiohttp.ClientSession) -> None:
        self.name = name
        self.asked = 0
        self.unanswered = 0
        self._webhook = webhook
        self._session = session

    async def ask(self, sender: str, question: str) -> float:
        """Sends a message; milliseconds until the whole answer was there.

        Raises:
            WrongAnswer: the server did not answer, or with another status than 200.
        """
        message = {"sender": sender, "message": question}
        started = time.perf_counter()
        try:
            async with self._session.post(self._webhook, json=message) as response:
                body = await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            reason = type(error).__name__
            raise WrongAnswer(f"{self.name} did not answer ({reason}): see its log in var/log.") from error
        milliseconds = (time.perf_counter() - started) * 1000
        if response.status != 200:
            raise WrongAnswer(f"{self.name} answered with status {response.status}: see its log in var/log.")
        self.asked += 1
        self.unanswered += not json.loads(body)
        return milliseconds

    def refuse_silence(self) -> None:
        """Raises WrongAnswer when more than a few messages got no reply: doing nothing is not being fast."""
        if self.unanswered > TOLERATED_SILENCE * self.asked:
            raise WrongAnswer(
                f"{self.name} left {self.unanswered} of {self.asked} messages without a reply: see its log in var/log."
            )


async def in_turn(channel: RestChannel, messages: Iterable[tuple[str, str]]) -> list[float]:
    """Sends (sender, question) pairs one after the other; the milliseconds of each."""
    return [await channel.ask(sender, question) for sender, question in messages]


async def at_once(channel: RestChannel, scripts: Sequence[Sequence[tuple[str, str]]]) -> float:
    """Follows all scripts at the same time, each in turn; messages a second."""
    started = time.perf_counter()
    await asyncio.gather(*(in_turn(channel, script) for script in scripts))
    return sum(map(len, scripts)) / (time.perf_counter() - started)
