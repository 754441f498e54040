"""Wakes whoever shows a conversation when it changes, in whichever process it was changed."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.conversation.change_feed import ChangeFeed
from bot.conversation.transcript import Speaker
from bot.conversation.typing_indicator import who_is_typing
from bot.database.async_store import AsyncStore
from bot.domain.errors import StoreUnavailable

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_BETWEEN_LOOKS_WITHOUT_DATABASE = 2.0

logger = logging.getLogger(__name__)


class LiveUpdates:
    """One a process. ``run`` looks for changes as long as somebody waits for one.

        with live.watching(conversation) as changed:
            ...read and show...
            await changed.wait(); changed.clear()

    Args:
        database: whose changes are watched.
        clock: the time, UTC.

    Attributes:
        closed: the process stops.
        away: the database does not answer; whoever watches all conversations is woken when that begins and ends.
    """

    def __init__(self, database: AsyncStore, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._feed = ChangeFeed(database.store)
        self._missed = True
        self._typing: set[tuple[str, Speaker]] = set()
        self._watchers: dict[str | None, set[asyncio.Event]] = {}
        self._somebody_watches = asyncio.Event()
        self.closed = False
        self.away = False

    def close(self) -> None:
        """The process stops: wakes everybody for the last time, and ``closed`` says why."""
        self.closed = True
        for watchers in self._watchers.values():
            for event in watchers:
                event.set()

    @contextmanager
    def watching(self, conversation: str | None = None) -> Iterator[asyncio.Event]:
        """An event that is set whenever the conversation changes (None: whenever any does)."""
        event = asyncio.Event()
        self._watchers.setdefault(conversation, set()).add(event)
        self._somebody_watches.set()
        try:
            yield event
        finally:
            self._watchers[conversation].discard(event)
            if not self._watchers[conversation]:
                del self._watchers[conversation]
            if not self._watchers:
                self._somebody_watches.clear()

    async def run(self) -> None:
        """Looks for changes until it is cancelled; survives a database that is away, and any other error."""
        while True:
            if not self._watchers:
                await self._somebody_watches.wait()
                self._missed = True
            try:
                changed = await self._database.run(self._look, self._clock())
            # Nobody waits for this task, so nobody would notice that it had ended and every page stood still.
            except Exception as error:
                self._failed(error)
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS_WITHOUT_DATABASE)
            else:
                self._succeeded(changed)
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    def _look(self, at: datetime) -> set[str]:
        if self._missed:
            # It begins anew: what has happened in a night would be told line by line.
            self._feed = ChangeFeed(self._database.store)
        changed = self._feed.changed()
        typing = who_is_typing(self._database.store, at)
        changed |= {conversation for conversation, _ in typing ^ self._typing}
        self._typing = typing
        return changed

    def _succeeded(self, changed: set[str]) -> None:
        # After a while without looking nobody knows what was missed.
        woken: Collection[str | None] = set(self._watchers) if self._missed else changed
        self.away = self._missed = False
        self._wake(woken)

    def _failed(self, error: Exception) -> None:
        self._missed = True
        if not isinstance(error, StoreUnavailable):
            logger.error("Looking for changes failed and is tried again: %s.", type(error).__name__)
        elif not self.away:
            logger.error("The database does not answer: live views wait for it.")
            self.away = True
            self._wake({None})

    def _wake(self, changed: Collection[str | None]) -> None:
        keys = {*changed, None} if changed else set()
        for key in keys:
            for event in self._watchers.get(key, ()):
                event.set()
