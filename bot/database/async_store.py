"""The database for an event loop: what blocks runs in threads, and nobody waits long for a database that hangs.

    answer = await database.run(services.standing, database.store, conversation)

``run`` waits for a few seconds at most. Once the database is known not to answer, it refuses at once, so that neither
threads nor visitors wait for it in vain; a probe finds out when it is back.
"""

import asyncio
import logging
import shutil
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import sqlalchemy as sa

from bot.database.engine import connect
from bot.database.tables import events
from bot.database.unit_of_work import Store
from bot.domain.errors import StoreUnavailable

# Statements at once in a process, and what each may take: less than a visitor's patience.
MOST_THREADS = 12
SECONDS_FOR_A_STATEMENT = 2
# For all statements of one ``run``, and for a thread that is free.
SECONDS_TO_ANSWER = 3
SECONDS_FOR_HEALTH = 1.5
SECONDS_BETWEEN_PROBES = 0.5
# With less room than this the next turns will not find a place.
LEAST_FREE_BYTES = 5_000_000
# Beyond the five connections that stay open: one for each thread, here and for the locks (bot/storage/lock_store.py).
MOST_EXTRA_CONNECTIONS = 20

Result = TypeVar("Result")
_ANY_EVENT = sa.select(events.c.id).limit(1)

logger = logging.getLogger(__name__)


class AsyncStore:
    """A store whose use cases are awaited.

    Args:
        store: of the one database.
        patience: seconds that anybody waits for an answer.

    Attributes:
        senders: whoever sends replies waits for an event in here, which is set when this process has queued some.
    """

    def __init__(self, store: Store, patience: float = SECONDS_TO_ANSWER) -> None:
        self.store = store
        self.senders: weakref.WeakSet[asyncio.Event] = weakref.WeakSet()
        self._patience = patience
        self._circuit = Circuit(store.probe)
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="database")

    @property
    def is_away(self) -> bool:
        """Whether the database is known not to answer."""
        return self._circuit.is_open

    async def run(
        self,
        what: Callable[..., Result],
        *arguments: Any,
        threads: Executor | None = None,
        patience: float | None = None,
    ) -> Result:
        """What a function that asks the database returns.

        Args:
            threads: where it runs, if not among all others.
            patience: seconds, if not those of all others.

        Raises:
            StoreUnavailable: the database does not answer. What was to be written may be written nevertheless.
        """
        self._circuit.check()
        loop = asyncio.get_running_loop()
        working = loop.run_in_executor(threads or self._threads, self._guarded, what, *arguments)
        try:
            return await asyncio.wait_for(working, self._patience if patience is None else patience)
        except asyncio.TimeoutError as error:
            self._circuit.open()
            raise StoreUnavailable("The database does not answer in time.") from error

    async def is_healthy(self) -> bool:
        """Whether the database answers, takes what is written as far as anybody has tried, and has room for more."""
        try:
            return await self.run(self._look, patience=SECONDS_FOR_HEALTH)
        except StoreUnavailable:
            return False

    def _look(self) -> bool:
        self.store.rows(_ANY_EVENT)
        return _free_bytes(self.store.engine.url) >= LEAST_FREE_BYTES

    def _guarded(self, what: Callable[..., Result], *arguments: Any) -> Result:
        # It may have become known while this waited for a thread.
        self._circuit.check()
        try:
            return what(*arguments)
        except StoreUnavailable:
            self._circuit.open()
            raise


class Circuit:
    """A circuit breaker: open while something does not work, so that nobody waits for it.

    Args:
        probe: tries it, and raises StoreUnavailable as long as it does not work.
    """

    def __init__(self, probe: Callable[[], None]) -> None:
        self._probe = probe
        self._guard = threading.Lock()
        self.is_open = False

    def check(self) -> None:
        """Goes on while it is closed.

        Raises:
            StoreUnavailable: it is open.
        """
        if self.is_open:
            raise StoreUnavailable("The database is known not to answer.")

    def open(self) -> None:
        """It does not work; closes by itself when it does. The first probe comes at once: it may have been a moment."""
        with self._guard:
            if self.is_open:
                return
            self.is_open = True
        logger.warning("The database does not answer: asking again until it does.")
        threading.Thread(target=_close_when_it_works, args=[weakref.ref(self)], name="probe", daemon=True).start()

    def works(self) -> bool:
        """Tries it."""
        try:
            self._probe()
        except StoreUnavailable:
            return False
        # Whatever else is wrong is for those to see who use it: it does answer.
        except Exception as error:
            logger.error("Probing the database failed: %s", type(error).__name__)
        return True


def _close_when_it_works(reference: "weakref.ref[Circuit]") -> None:
    # Whoever was interested may be gone meanwhile.
    while circuit := reference():
        if circuit.works():
            circuit.is_open = False
            logger.warning("The database answers.")
            return
        del circuit
        threading.Event().wait(SECONDS_BETWEEN_PROBES)


_shared: "WeakValueDictionary[str, AsyncStore]" = WeakValueDictionary()


def shared_store(url: str) -> AsyncStore:
    """The one of this process for a database, as long as somebody has it: one engine, one pool, one circuit."""
    found = _shared.get(url)
    if found is None:
        found = AsyncStore(Store(connect(url, SECONDS_FOR_A_STATEMENT, MOST_EXTRA_CONNECTIONS)))
        _shared[url] = found
    return found


def _free_bytes(url: Any) -> float:
    """Room for an SQLite file; a server's is the server's business."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return float("inf")
    return shutil.disk_usage(url.database).free
