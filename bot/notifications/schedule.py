"""What staff are told outside the console: that somebody waits, and a link. Never who, and nothing about their health.

Every way of telling (e-mail, webhook) has a row of its own for each handoff and reason, or for each alert. So each is
told once, whichever process looks, and a way that does not work does not hold back the other. A process claims a
notice, tells it and says how it went; a claim ends by itself, so that another process tells what a killed one did not.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.database.tables import alerts, handoffs, notifications
from bot.database.unit_of_work import Store, Work
from bot.domain.business_hours import Hours
from bot.domain.errors import IllegalMove
from bot.domain.handoff import State

NEW, WAITING, ALERT = "new", "waiting", "alert"
# Longer than telling takes, even where every step of it waits for its time-out.
CLAIM = timedelta(minutes=3)
WAITS = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600)]
# A frightened person writes several messages: the first alert of an hour leads staff to all of them.
ALERT_PAUSE = timedelta(hours=1)
# Where notices are switched on later, nobody is told of last year.
OLDEST_ALERT = timedelta(days=7)


@dataclass(frozen=True)
class Notice:
    """One thing to tell in one way.

    Attributes:
        reason: NEW, WAITING (for too long) or ALERT.
        path: of the page in the console.
    """

    id: int
    reason: str
    path: str
    created_at: datetime


@dataclass(frozen=True)
class Failure:
    """A notice that did not reach everybody.

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
    """Makes the notices that are missing.

    Args:
        too_long: of business hours; then a visitor who still waits is told of again, when staff are there.
    """
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


def claim(store: Store, way: str, at: datetime) -> Notice | None:
    """The oldest notice that is due, now this process's for ``CLAIM``; None when there is none.

    A notice that is no longer true (staff have joined, the alert was seen) is not due.
    """
    for row in _due(store, way, at):
        with store.work() as work:
            mine = work.execute(
                notifications.update()
                .where(notifications.c.id == row.id, _is_due(way, at))
                .values(claimed_until=at + CLAIM)
            ).rowcount
            work.commit()
        if mine:
            path = f"/console/handoffs/{row.handoff_id}" if row.handoff_id else f"/console/alerts/{row.alert_id}"
            return Notice(row.id, row.reason, path, row.created_at)
    return None


def mark_told(store: Store, notice: Notice, at: datetime, failure: str | None = None) -> None:
    """It was told; ``failure`` says whom it did not reach all the same."""
    _settle(store, notice, done_at=at, failure=failure)


def record_failure(store: Store, notice: Notice, at: datetime, failure: str) -> bool:
    """Telling failed: it is tried again after a while, or given up. Returns whether it was given up."""
    with store.reading() as work:
        attempts = (
            work.execute(sa.select(notifications.c.attempts).where(notifications.c.id == notice.id)).scalar() or 0
        )
    if attempts < len(WAITS):
        _settle(store, notice, attempts=attempts + 1, next_attempt_at=at + WAITS[attempts], failure=failure)
        return False
    _settle(store, notice, failed_at=at, failure=failure)
    return True


def waits_again(work: Work, handoff_id: int) -> None:
    """A handoff is back in the queue: staff hear of it as of one that has waited for too long. The caller commits."""
    table = notifications
    work.execute(table.delete().where(table.c.handoff_id == handoff_id, table.c.reason == WAITING))


def failures(store: Store, limit: int = 20) -> list[Failure]:
    """Notices that did not reach everybody, newest first."""
    table = notifications
    when = sa.func.coalesce(table.c.failed_at, table.c.done_at, type_=table.c.failed_at.type).label("at")
    query = sa.select(table.c.reason, table.c.way, table.c.handoff_id, table.c.alert_id, table.c.failure, when).where(
        table.c.failure.isnot(None), sa.or_(table.c.failed_at.isnot(None), table.c.done_at.isnot(None))
    )
    with store.reading() as work:
        return [Failure(*row) for row in work.execute(query.order_by(when.desc(), table.c.id.desc()).limit(limit))]


def _untold(reason: str, way: str) -> Any:
    """Waiting handoffs that were not told of for this reason in this way."""
    has = sa.exists().where(
        notifications.c.handoff_id == handoffs.c.id, notifications.c.reason == reason, notifications.c.way == way
    )
    return sa.select(handoffs.c.id, handoffs.c.created_at).where(handoffs.c.state == State.WAITING, ~has)


def _untold_alerts(way: str, at: datetime) -> Any:
    """The first unseen alert of each conversation that was not told of for an hour."""
    earlier = alerts.alias()
    followed = sa.exists().where(
        notifications.c.alert_id == earlier.c.id,
        notifications.c.way == way,
        earlier.c.conversation == alerts.c.conversation,
        notifications.c.created_at > at - ALERT_PAUSE,
    )
    has = sa.exists().where(notifications.c.alert_id == alerts.c.id, notifications.c.way == way)
    first = sa.func.min(alerts.c.id)
    unseen = sa.and_(alerts.c.seen_at.is_(None), alerts.c.created_at > at - OLDEST_ALERT)
    return sa.select(first).where(unseen, ~has, ~followed).group_by(alerts.c.conversation).order_by(first)


def _is_due(way: str, at: datetime) -> Any:
    table = notifications
    still_true = sa.or_(
        table.c.handoff_id.in_(sa.select(handoffs.c.id).where(handoffs.c.state == State.WAITING)),
        table.c.alert_id.in_(sa.select(alerts.c.id).where(alerts.c.seen_at.is_(None))),
    )
    return sa.and_(
        table.c.way == way,
        table.c.done_at.is_(None),
        table.c.failed_at.is_(None),
        sa.or_(table.c.next_attempt_at.is_(None), table.c.next_attempt_at <= at),
        sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until <= at),
        still_true,
    )


def _due(store: Store, way: str, at: datetime) -> Iterator[Any]:
    with store.reading() as work:
        yield from work.execute(sa.select(notifications).where(_is_due(way, at)).order_by(notifications.c.id)).all()


def _settle(store: Store, notice: Notice, **values: Any) -> None:
    # Whoever told it stays right: a claim that had ended does not undo it.
    open_still = sa.and_(notifications.c.id == notice.id, notifications.c.done_at.is_(None))
    with store.work() as work:
        work.execute(notifications.update().where(open_still).values(claimed_until=None, **values))
        work.commit()
