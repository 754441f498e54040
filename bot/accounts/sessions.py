"""Who is signed in, known to the server: a session ends when somebody signs out, and when nobody uses it any more."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.database.tables import staff, staff_sessions
from bot.database.unit_of_work import Store
from bot.domain.staff import Staff

# However much it is used.
LASTS = timedelta(hours=12)
# Use is noted so often at most.
BETWEEN_NOTES = timedelta(minutes=1)


def begin(store: Store, key: str, staff_id: int, at: datetime) -> None:
    """Somebody has shown who they are.

    Args:
        key: of the session, secret; only its hash is kept.
    """
    with store.work() as work:
        work.execute(staff_sessions.delete().where(staff_sessions.c.begun_at <= at - LASTS))
        values = {"key_hash": _hashed(key), "staff_id": staff_id, "begun_at": at, "used_at": at}
        work.execute(staff_sessions.insert().values(values))
        work.commit()


def end(store: Store, key: str) -> None:
    """Somebody signs out: whoever else has the key has nothing any more."""
    with store.work() as work:
        work.execute(staff_sessions.delete().where(staff_sessions.c.key_hash == _hashed(key)))
        work.commit()


def whose(store: Store, key: str, at: datetime, idle: timedelta) -> tuple[Staff, datetime] | None:
    """Whose session it is, and when it was used; None when it is over.

    Args:
        idle: after so long without use it is over.
    """
    query = (
        sa.select(Staff, staff_sessions.c.used_at)
        .join(staff_sessions, staff_sessions.c.staff_id == staff.c.id)
        .where(
            staff_sessions.c.key_hash == _hashed(key),
            staff_sessions.c.begun_at > at - LASTS,
            staff_sessions.c.used_at > at - idle,
        )
    )
    with store.reading() as work:
        row = work.execute(query).first()
    return (row[0], row[1]) if row else None


def mark_used(store: Store, key: str, at: datetime) -> None:
    """Somebody uses it right now."""
    with store.work() as work:
        work.execute(staff_sessions.update().where(staff_sessions.c.key_hash == _hashed(key)).values(used_at=at))
        work.commit()


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
