"""Wakes whoever shows a conversation when it changes, in whichever process it was changed."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from bot.conversation.change_feed import ChangeFeed
from bot.conversation.transcript import Speaker
from bot.conversation.typing_indicator import who_is_typing
from bot.database.unit_of_work import Store
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
        store: whose changes are watched.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._feed = ChangeFeed(store)
        self._typing: set[tuple[str, Speaker]] = set()
        self._watchers: dict[str | None, set[asyncio.Event]] = {}
        self.closed = False

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
        try:
            yield event
        finally:
            self._watchers[conversation].discard(event)
            if not self._watchers[conversation]:
                del self._watchers[conversation]

    async def run(self, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        """Looks for changes until it is cancelled; survives a database that is away, and any other error."""
        away = False
        while True:
            try:
                changed = await asyncio.to_thread(self._look, now())
                # After an absence of the database, nobody knows what was missed.
                self._wake(set(self._watchers) if away else changed)
                away = False
            except StoreUnavailable:
                if not away:
                    logger.error("The database does not answer: live views wait for it.")
                away = True
            # Nobody waits for this task, so nobody would notice that it had ended and every page stood still.
            except Exception as error:
                logger.error("Looking for changes failed and is tried again: %s.", type(error).__name__)
                away = True
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS_WITHOUT_DATABASE if away else SECONDS_BETWEEN_LOOKS)

    def _look(self, at: datetime) -> set[str]:
        changed = self._feed.changed()
        typing = who_is_typing(self._store, at)
        changed |= {conversation for conversation, _ in typing ^ self._typing}
        self._typing = typing
        return changed

    def _wake(self, changed: Collection[str | None]) -> None:
        keys = {*changed, None} if changed else set()
        for key in keys:
            for event in self._watchers.get(key, ()):
                event.set()
