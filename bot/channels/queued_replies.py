"""Replies that are queued while the database stops answering: they are known here, and nobody can claim them.

A turn is stored, with its replies in the outbox, and in the next moment the database hangs. Its visitor would hear
nothing until it is back. What this process has just queued it sends itself then, and the outbox counts it as sent.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from bot.channels.patience import waited
from bot.channels.turn_io import Utterance
from bot.database.async_store import AsyncStore

# By then the database is known not to answer (bot/database/async_store.py), and a visitor still has patience.
SECONDS_FOR_THE_OUTBOX = 3
MOST_REMEMBERED = 10_000


class QueuedReplies:
    """Of one channel in one process.

    Args:
        send: sends a reply to an address, past the database; whether it was taken.
    """

    def __init__(self, database: AsyncStore, send: Callable[[str, Utterance], Awaitable[bool]]) -> None:
        self._database = database
        self._send = send
        # By conversation and text: whether it was sent past the outbox.
        self._queued: OrderedDict[tuple[str, str], bool] = OrderedDict()
        self._watching: set[asyncio.Task[None]] = set()

    def watch(self, conversation: str, address: str, replies: Sequence[Utterance]) -> None:
        """These have just been queued."""
        for reply in replies:
            self._queued[conversation, str(reply.get("text"))] = False
        while len(self._queued) > MOST_REMEMBERED:
            self._queued.popitem(last=False)
        if replies:
            task = asyncio.create_task(self._send_if_nobody_can(conversation, address, replies))
            self._watching.add(task)
            task.add_done_callback(self._watching.discard)

    def was_sent(self, conversation: str, reply: Utterance) -> bool:
        """Whether the outbox need not send it. Asked when it is about to: from then on it is the outbox's."""
        return self._queued.pop((conversation, str(reply.get("text"))), False)

    async def _send_if_nobody_can(self, conversation: str, address: str, replies: Sequence[Utterance]) -> None:
        await waited(SECONDS_FOR_THE_OUTBOX)
        for reply in replies:
            key = (conversation, str(reply.get("text")))
            if key not in self._queued:
                continue
            if not self._database.is_away:
                del self._queued[key]
                continue
            self._queued[key] = True
            if not await self._send(address, reply):
                self._queued.pop(key, None)
