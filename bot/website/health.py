"""Whether the website can serve: asked by monitoring, as often as it likes.

One look at a time, shared by whoever asks meanwhile and a moment later, and over within two seconds whatever hangs.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.database.async_store import SECONDS_FOR_HEALTH, AsyncStore
from bot.domain.errors import StoreUnavailable
from bot.widget.rasa import Rasa

OK, NO_DATABASE, NO_RASA = "ok", "database unreachable", "rasa unreachable"
REMEMBERED = timedelta(seconds=1)


class Health:
    """Looks at the database and at Rasa.

    Args:
        clock: the time, UTC.
    """

    def __init__(self, database: AsyncStore, rasa: Rasa, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._rasa = rasa
        self._clock = clock
        self._look: asyncio.Task[str] | None = None
        self._looked_at = clock()

    async def status(self) -> str:
        """``OK``, or what does not answer."""
        if self._look is None or (self._look.done() and self._clock() >= self._looked_at + REMEMBERED):
            self._look = asyncio.create_task(self._looked())
        # Whoever leaves does not end it for the others.
        return await asyncio.shield(self._look)

    async def _looked(self) -> str:
        database, written, rasa = await asyncio.gather(
            self._database.is_healthy(), self._can_write(), self._rasa.reachable()
        )
        self._looked_at = self._clock()
        if not (database and written):
            return NO_DATABASE
        return OK if rasa else NO_RASA

    async def _can_write(self) -> bool:
        # A full disk shows in writing only.
        try:
            await self._database.run(self._database.store.probe, patience=SECONDS_FOR_HEALTH)
        except StoreUnavailable:
            return False
        return True
