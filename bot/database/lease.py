"""Work that processes share: a row is leased to one of them for a while, and what fails is tried again ever later.

A lease ends by itself, so that what a killed process had taken is done by the next one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import Select

from bot.database.tables import Condition, UtcDateTime
from bot.database.unit_of_work import Store, Work

_AT = sa.bindparam("at", type_=UtcDateTime)


class Lease:
    """How the rows of one table are leased.

    Args:
        table: with ``id``, ``claimed_until`` and ``next_attempt_at``.
        is_open: which rows are still to be done; may have parameters of its own.
        lasts: longer than the work takes.
        only: which of the open rows have their turn; all of them unless told.
    """

    def __init__(self, table: sa.Table, is_open: Condition, lasts: timedelta, only: Condition | None = None) -> None:
        self._table, self._lasts = table, lasts
        due = [
            is_open,
            sa.or_(table.c.next_attempt_at.is_(None), table.c.next_attempt_at <= _AT),
            sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until <= _AT),
            *([] if only is None else [only]),
        ]
        # Made once: SQLAlchemy knows them again.
        self._due: Select = sa.select(table.c.id).where(*due).order_by(table.c.id)
        self._first: Select = self._due.limit(1)

    def is_any_due(self, store: Store, at: datetime, **parameters: Any) -> bool:
        """Whether there is anything to do: asked without a lock, for mostly there is nothing."""
        return bool(store.rows(self._first, at=at, **parameters))

    def take(self, work: Work, at: datetime, limit: int | None = None, **parameters: Any) -> list[int]:
        """Ids of rows that are due, oldest first, now the caller's; the caller commits."""
        ids = self._table.c.id
        # What another process is just taking is its own.
        query = self._due.limit(limit).with_for_update(skip_locked=True, of=self._table)
        due = list(work.execute(query, {"at": at, **parameters}).scalars())
        if due:
            work.execute(self._table.update().where(ids.in_(due)).values(claimed_until=at + self._lasts))
        return due


def next_attempt(
    waits: Sequence[timedelta], attempts: int, at: datetime, at_least: timedelta = timedelta()
) -> datetime | None:
    """When to try again after a failure (backoff); None when it has been tried often enough.

    Args:
        waits: the longer, the more attempts have failed.
        attempts: that have failed before this one.
        at_least: what the other side asks to wait.
    """
    return at + max(waits[attempts], at_least) if attempts < len(waits) else None
