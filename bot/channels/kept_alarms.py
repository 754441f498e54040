"""Emergencies that could not be stored: taken in again until they are, so that staff hear of them.

Whoever sent one is asked to send it again; whichever comes first is stored, and the other is known by its id. They are
kept in memory: a process that dies loses them, and what the sender sends again is left.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from bot.domain.errors import StoreUnavailable

MOST_KEPT = 1000
SECONDS_BETWEEN_TRIES = 0.5

Kept = TypeVar("Kept")

logger = logging.getLogger(__name__)


class KeptAlarms(Generic[Kept]):
    """In the order in which they came.

    Args:
        take_in: stores one.
    """

    def __init__(self, take_in: Callable[[Kept], Awaitable[None]]) -> None:
        self._take_in = take_in
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._trying: asyncio.Task[None] | None = None

    def keep(self, key: Hashable, alarm: Kept) -> None:
        """Keeps one, once a ``key``."""
        if len(self._kept) >= MOST_KEPT:
            logger.error("More than %d emergencies wait for the database: one was not kept.", MOST_KEPT)
            return
        self._kept.setdefault(key, alarm)
        if self._trying is None or self._trying.done():
            self._trying = asyncio.create_task(self._try_until_stored())

    async def _try_until_stored(self) -> None:
        while self._kept:
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)
            for key in list(self._kept):
                try:
                    await self._take_in(self._kept[key])
                except (StoreUnavailable, asyncio.TimeoutError):
                    break
                # Staff must hear of the others, whatever is wrong with this one; and of this one at the next try.
                except Exception as error:
                    logger.error("An emergency was not stored: %s", type(error).__name__, exc_info=error)
                else:
                    del self._kept[key]
