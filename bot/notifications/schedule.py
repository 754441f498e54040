"""What staff are told outside the console: that somebody waits, and a link. Never who, and nothing about their health.

Every transport (e-mail, webhook) has a row of its own for each handoff and reason, or for each alert. So each is told
once, whichever process looks, and a transport that does not work does not hold back the other. A process leases all
rows of a transport that are due, sends them as one digest and says how it went. The first is sent at once; what comes
within a minute of it waits for the next digest.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import Select

from bot.database.lease import Lease, next_attempt
from bot.database.tables import alerts, handoffs, notifications
from bot.database.unit_of_work import Store, Work
from bot.domain.business_hours import Hours
from bot.domain.errors import IllegalMove
from bot.domain.handoff import State

NEW, WAITING, ALERT = "new", "waiting", "alert"
# Longer than sending takes, even where every step of it waits for its time-out.
CLAIM = timedelta(minutes=3)
BETWEEN_DIGESTS = timedelta(minutes=1)
WAITS = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600)]
# A frightened person writes several messages: the first alert of an hour leads staff to all of them.
ALERT_PAUSE = timedelta(hours=1)
# Where notifications are switched on later, nobody is told of last year.
OLDEST_ALERT = timedelta(days=7)
QUEUE = "/console"
# Any number that nothing else in the database uses as its advisory lock.
LOCK = 7_236_003


@dataclass(frozen=True)
class Digest:
    """Everything that is due by one transport.

    Attributes:
        ids: of the notifications in it.
        alerts, new, waiting: how many conversations had an alert, wait since now, wait for too long.
        path: of the page in the console: the one thing's own, or the queue.
        created_at: when the last of it came up.
    """

    ids: tuple[int, ...]
    alerts: int
    new: int
    waiting: int
    path: str
    created_at: datetime


@dataclass(frozen=True)
class Failure:
    """A notification that did not reach everybody.

    Attributes:
        way: "mail" or "webhook".
        failure: why, in a few words.
        at: when it was given up.
    """

    reason: str
    way: str
    handoff_id: int | None
    alert_id: int | None
    failure: str
    at: datetime


def plan(store: Store, way: str, at: datetime, hours: Hours, too_long: timedelta) -> None:
    """Makes the notifications that are missing.

    Args:
        too_long: of business hours; then a visitor who still waits is told of again, when staff are there.
    """
    if not is_anything_missing(store, way, at, hours, too_long):
        return
    with store.reading() as work:
        missing = [{"handoff_id": row.id, "reason": NEW} for row in work.execute(_untold(NEW, way))]
        if hours.is_open(at):
            missing += [
                {"handoff_id": row.id, "reason": WAITING}
                for row in work.execute(_untold(WAITING, way).where(handoffs.c.created_at <= at - too_long))
                if hours.open_time(row.created_at, at) >= too_long
            ]
        missing += [{"alert_id": id, "reason": ALERT} for id in work.execute(_untold_alerts(way, at)).scalars()]
    for about in missing:
        # Another process may be faster by a moment: the constraints let one of them through.
        with suppress(IllegalMove), store.work() as work:
            work.execute(notifications.insert().values(way=way, created_at=at, attempts=0, **about))
            work.commit()


def is_anything_missing(store: Store, way: str, at: datetime, hours: Hours, too_long: timedelta) -> bool:
    """Whether there may be something to ``plan``: one question, for it is asked all the time."""
    questions = [_untold(NEW, way), _untold_alerts(way, at)]
    if hours.is_open(at):
        questions.append(_untold(WAITING, way).where(handoffs.c.created_at <= at - too_long))
    return bool(store.rows(sa.select(sa.or_(*(question.exists() for question in questions))))[0][0])


# What is no longer true (staff have joined, the alert was seen) is not told.
_IS_TRUE = sa.or_(
    notifications.c.handoff_id.in_(sa.select(handoffs.c.id).where(handoffs.c.state == State.WAITING)),
    notifications.c.alert_id.in_(sa.select(alerts.c.id).where(alerts.c.seen_at.is_(None))),
)
_IS_OPEN = sa.and_(notifications.c.done_at.is_(None), notifications.c.failed_at.is_(None))
_LEASE = Lease(notifications, sa.and_(notifications.c.way == sa.bindparam("way"), _IS_OPEN, _IS_TRUE), CLAIM)


def claim(store: Store, way: str, at: datetime) -> Digest | None:
    """What is due by this transport, now this process's for ``CLAIM``; None when it is nothing, or not its time."""
    if not _LEASE.is_any_due(store, at, way=way):
        return None
    with store.work() as work:
        work.alone(LOCK)
        if work.execute(_lately(way, at)).first():
            return None
        ids = _LEASE.take(work, at, way=way)
        query = sa.select(notifications).where(notifications.c.id.in_(ids)).order_by(notifications.c.id)
        rows = work.execute(query).all()
        work.commit()
    return _digest(rows) if rows else None


def mark_told(store: Store, digest: Digest, at: datetime, failure: str | None = None) -> None:
    """It was told; ``failure`` says whom it did not reach all the same."""
    with store.work() as work:
        for id in digest.ids:
            _settle(work, id, done_at=at, failure=failure)
        work.commit()


def record_failure(store: Store, digest: Digest, at: datetime, failure: str) -> bool:
    """Telling failed: it is tried again after a while, or given up. Returns whether any of it was given up."""
    query = sa.select(notifications.c.id, notifications.c.attempts).where(notifications.c.id.in_(digest.ids))
    given_up = False
    with store.work() as work:
        for id, attempts in work.execute(query).all():
            again = next_attempt(WAITS, attempts, at)
            if again is None:
                _settle(work, id, failed_at=at, failure=failure)
            else:
                _settle(work, id, attempts=attempts + 1, next_attempt_at=again, failure=failure)
            given_up = given_up or again is None
        work.commit()
    return given_up


def waits_again(work: Work, handoff_id: int) -> None:
    """A handoff is back in the queue: staff hear of it as of a new one. The caller commits."""
    work.execute(notifications.delete().where(notifications.c.handoff_id == handoff_id))


def failures(store: Store, limit: int = 20) -> list[Failure]:
    """Notifications that did not reach everybody, newest first."""
    table = notifications
    when = sa.func.coalesce(table.c.failed_at, table.c.done_at, type_=table.c.failed_at.type).label("at")
    query = sa.select(table.c.reason, table.c.way, table.c.handoff_id, table.c.alert_id, table.c.failure, when).where(
        table.c.failure.isnot(None), sa.or_(table.c.failed_at.isnot(None), table.c.done_at.isnot(None))
    )
    with store.reading() as work:
        return [Failure(*row) for row in work.execute(query.order_by(when.desc(), table.c.id.desc()).limit(limit))]


def _untold(reason: str, way: str) -> Select:
    """Waiting handoffs that were not told of for this reason in this way."""
    has = sa.exists().where(
        sa.and_(
            notifications.c.handoff_id == handoffs.c.id, notifications.c.reason == reason, notifications.c.way == way
        )
    )
    return sa.select(handoffs.c.id, handoffs.c.created_at).where(handoffs.c.state == State.WAITING, ~has)


def _untold_alerts(way: str, at: datetime) -> Select:
    """The first unseen alert of each conversation that was not told of for an hour."""
    earlier = alerts.alias()
    followed = sa.exists().where(
        sa.and_(
            notifications.c.alert_id == earlier.c.id,
            notifications.c.way == way,
            earlier.c.conversation == alerts.c.conversation,
            notifications.c.created_at > at - ALERT_PAUSE,
        )
    )
    has = sa.exists().where(sa.and_(notifications.c.alert_id == alerts.c.id, notifications.c.way == way))
    first = sa.func.min(alerts.c.id)
    unseen = sa.and_(alerts.c.seen_at.is_(None), alerts.c.created_at > at - OLDEST_ALERT)
    return sa.select(first).where(unseen, ~has, ~followed).group_by(alerts.c.conversation).order_by(first)


def _lately(way: str, at: datetime) -> Select:
    """Whether a digest was told within the last minute, or is being told."""
    under_way = notifications.c.claimed_until > at + CLAIM - BETWEEN_DIGESTS
    told = notifications.c.done_at > at - BETWEEN_DIGESTS
    return sa.select(notifications.c.id).where(notifications.c.way == way, sa.or_(told, under_way)).limit(1)


def _digest(rows: Sequence[Any]) -> Digest:
    # A visitor who waits for too long is no new one as well.
    waiting = {row.handoff_id for row in rows if row.reason == WAITING}
    new = {row.handoff_id for row in rows if row.reason == NEW} - waiting
    alarming = [row.alert_id for row in rows if row.reason == ALERT]
    pages = [f"/console/alerts/{id}" for id in alarming] + [f"/console/handoffs/{id}" for id in new | waiting]
    return Digest(
        tuple(row.id for row in rows),
        len(alarming),
        len(new),
        len(waiting),
        pages[0] if len(pages) == 1 else QUEUE,
        max(row.created_at for row in rows),
    )


def _settle(work: Work, id: int, **values: Any) -> None:
    # Whoever told it stays right: a claim that had ended does not undo it.
    open_still = sa.and_(notifications.c.id == id, notifications.c.done_at.is_(None))
    work.execute(notifications.update().where(open_still).values(claimed_until=None, **values))
