"""How much a visitor, and an address, may ask for at once.

Messages a minute are counted in the database, so they hold over all processes. What guards one process (open streams,
requests under way, sessions opened) is counted in that process, in memory, and forgotten with it.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.database.tables import events
from bot.database.unit_of_work import Store
from bot.widget.errors import TooMany

MINUTE = timedelta(minutes=1)
# Buckets of this many keys are remembered; the longest unused are forgotten first.
MOST_KEYS = 20_000


@dataclass(frozen=True)
class RateLimits:
    """What is allowed. Behind one address may be a whole hospital.

    Attributes:
        messages_a_minute: of a conversation.
        messages_under_way: of a conversation, at the same time, in one process.
        streams: of a conversation, open at the same time, in one process.
        streams_of_address: the same of an address.
        sessions_a_minute: opened by an address, in one process.
        requests_a_minute: of a conversation, besides messages, in one process.
    """

    messages_a_minute: int = 30
    messages_under_way: int = 8
    streams: int = 5
    streams_of_address: int = 300
    sessions_a_minute: int = 60
    requests_a_minute: int = 240


class RateLimiter:
    """Holds visitors to the bounds.

    Args:
        clock: the time, UTC.
    """

    def __init__(self, store: Store, bounds: RateLimits, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bounds = bounds
        self._clock = clock
        self._sessions = TokenBucket(bounds.sessions_a_minute)
        self._requests = TokenBucket(bounds.requests_a_minute)
        self._messages_under_way = ConcurrencyLimit(bounds.messages_under_way)
        self._streams = ConcurrencyLimit(bounds.streams)
        self._streams_of_addresses = ConcurrencyLimit(bounds.streams_of_address)

    def take_session(self, address: str) -> None:
        """An address opens a session.

        Raises:
            TooMany: it opened too many.
        """
        self._sessions.take(address, self._clock())

    def take_request(self, conversation: str) -> None:
        """A visitor asks for something besides sending a message.

        Raises:
            TooMany: too often.
        """
        self._requests.take(conversation, self._clock())

    @contextmanager
    def message(self, conversation: str) -> Iterator[None]:
        """A visitor's message is on its way while the block runs.

        Raises:
            TooMany: there are too many on their way.
        """
        with self._messages_under_way.one(conversation):
            yield

    def check_pace(self, conversation: str) -> None:
        """Reads how many messages the visitor has sent lately (blocks).

        Raises:
            TooMany: as many as a minute may have.
        """
        since = (self._clock() - MINUTE).timestamp()
        query = sa.select(events.c.timestamp).where(
            events.c.sender_id == conversation, events.c.type_name == "user", events.c.timestamp > since
        )
        newest = query.order_by(events.c.id.desc()).limit(self._bounds.messages_a_minute)
        with self._store.reading() as work:
            sent = work.execute(newest).scalars().all()
        if len(sent) >= self._bounds.messages_a_minute:
            raise TooMany("That was a lot at once: please wait a moment.", max(1, round(sent[-1] - since)))

    @contextmanager
    def stream(self, conversation: str, address: str) -> Iterator[None]:
        """A stream is open while the block runs.

        Raises:
            TooMany: there are too many open.
        """
        with self._streams.one(conversation), self._streams_of_addresses.one(address):
            yield


class TokenBucket:
    """For each key, ``a_minute`` at once at most, and as many a minute in the long run."""

    def __init__(self, a_minute: int) -> None:
        self._a_minute = a_minute
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, key: str, at: datetime) -> None:
        """One more.

        Raises:
            TooMany: none is left.
        """
        left, before = self._left.pop(key, (float(self._a_minute), at))
        left = min(self._a_minute, left + (at - before) / MINUTE * self._a_minute)
        self._left[key] = (max(0.0, left - 1), at) if left >= 1 else (left, at)
        if len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        if left < 1:
            raise TooMany("That was a lot at once: please wait a moment.", max(1, round(60 / self._a_minute)))


class ConcurrencyLimit:
    """For each key, ``most`` at the same time."""

    SECONDS_TO_WAIT = 5

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def one(self, key: str) -> Iterator[None]:
        """A place while the block runs.

        Raises:
            TooMany: all are taken.
        """
        if self._taken[key] >= self._most:
            raise TooMany("Too many connections are open: please close other pages.", self.SECONDS_TO_WAIT)
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
