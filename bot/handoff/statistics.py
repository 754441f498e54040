"""How handoffs went over a period: how many, how long they took, how visitors rated them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles
from typing import TypeVar

import sqlalchemy as sa

from bot.database.tables import handoffs
from bot.database.unit_of_work import Store
from bot.domain.handoff import Kind, Outcome, State

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Length:
    """How long something took.

    Attributes:
        count: in how many handoffs it has happened.
        median: half took at most so long; None when it never happened.
        p90: nine of ten took at most so long.
    """

    count: int
    median: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True)
class Statistics:
    """Of the handoffs that were opened in the period.

    Attributes:
        days: how many on each day (UTC) of the period.
        waiting: from the request until staff joined.
        first_reply: from the request until staff's first reply.
        resolution: from the request until staff resolved it.
        ratings: how often each of 1 to 5 was given.
    """

    total: int
    states: dict[State, int]
    kinds: dict[Kind, int]
    outcomes: dict[Outcome, int]
    days: dict[date, int]
    waiting: Length
    first_reply: Length
    resolution: Length
    ratings: dict[int, int]

    @property
    def mean_rating(self) -> float | None:
        """The average; None without ratings."""
        count = sum(self.ratings.values())
        return sum(rating * times for rating, times in self.ratings.items()) / count if count else None


def over(store: Store, since: datetime, until: datetime) -> Statistics:
    """The statistics of handoffs opened from ``since`` to before ``until``, both UTC midnights."""
    query = sa.select(handoffs).where(handoffs.c.created_at >= since, handoffs.c.created_at < until)
    with store.reading() as work:
        rows = work.execute(query).all()
    resolved = [row for row in rows if row.state is State.RESOLVED]
    days = Counter(row.created_at.date() for row in rows)
    return Statistics(
        total=len(rows),
        states=_counted(State, (row.state for row in rows)),
        kinds=_counted(Kind, (row.kind for row in rows)),
        outcomes=_counted(Outcome, (row.outcome for row in rows)),
        days={day: days[day] for day in _days(since.date(), until.date())},
        waiting=_length([row.taken_at - row.created_at for row in rows if row.taken_at]),
        first_reply=_length([row.first_reply_at - row.created_at for row in rows if row.first_reply_at]),
        resolution=_length([row.closed_at - row.created_at for row in resolved]),
        ratings=_counted(range(1, 6), (row.rating for row in rows)),
    )


def _counted(choices: Iterable[Choice], values: Iterable[Choice | None]) -> dict[Choice, int]:
    counts = Counter(values)
    return {choice: counts[choice] for choice in choices}


def _days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=day) for day in range((end - first).days)]


def _length(lengths: Sequence[timedelta]) -> Length:
    if not lengths:
        return Length(0)
    seconds = [length.total_seconds() for length in lengths]
    tenths = quantiles(seconds, n=10, method="inclusive") if len(seconds) > 1 else seconds * 9
    return Length(len(lengths), timedelta(seconds=tenths[4]), timedelta(seconds=tenths[8]))
