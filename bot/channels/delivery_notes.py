"""How it went with replies, for the database: kept while it does not answer, and written before anything else is sent.

Else a reply that was sent, and whose sender could not say so, would be sent again.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bot.database.async_store import AsyncStore
from bot.domain.errors import NotFound, StoreUnavailable
from bot.domain.reply import Reply
from bot.outbox import delivery


class DeliveryNotes:
    """Of one process.

    Args:
        database: with the replies.
    """

    def __init__(self, database: AsyncStore) -> None:
        self._database = database
        self._unwritten: list[tuple[Callable[..., None], Reply, tuple[Any, ...]]] = []
        # Taken by the channel and not in the transcript yet: whether the visitor's side is known to have it.
        self.taken: dict[int, bool] = {}

    async def write(self, what: Callable[..., None], reply: Reply, *details: Any) -> None:
        """Notes something on a reply, now or when the database is back."""
        try:
            await self._write(what, reply, *details)
        except StoreUnavailable:
            self._unwritten.append((what, reply, details))

    async def give_back(self, reply: Reply) -> None:
        """The reply was not sent, for want of the database: it is due again as soon as that is back."""
        await self.write(delivery.give_back, reply)

    async def catch_up(self) -> None:
        """Writes what is kept.

        Raises:
            StoreUnavailable: the database does not answer yet.
        """
        while self._unwritten:
            what, reply, details = self._unwritten[0]
            await self._write(what, reply, *details)
            del self._unwritten[0]

    async def _write(self, what: Callable[..., None], reply: Reply, *details: Any) -> None:
        # Meanwhile the visitor may have had everything erased.
        with suppress(NotFound):
            await self._database.run(what, self._database.store, reply.id, *details)
