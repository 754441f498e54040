"""Handoffs for tests: people, a fixed time, and several things at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from threading import Barrier
from typing import TypeVar

import sqlalchemy as sa

from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from bot.domain.errors import HandoffError
from bot.domain.handoff import Contact, Handoff, Kind
from bot.domain.reply import Reply
from bot.domain.staff import Role, Staff
from bot.handoff import services

NOON = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)
VISITOR = "web-1"

Result = TypeVar("Result")


def member(store: Store, name: str = "Anna", role: Role = Role.AGENT, enabled: bool = True) -> int:
    """The id of a new member of staff."""
    with store.work() as work:
        staff = Staff(name.lower(), name, role, NOON, enabled=enabled)
        work.add(staff)
        work.commit()
    assert staff.id is not None
    return staff.id


def waiting(store: Store, conversation: str = VISITOR, contact: Contact | None = None, at: datetime = NOON) -> int:
    """The id of a new handoff that waits."""
    handoff = services.open_handoff(store, conversation, "web", Kind.HUMAN, contact, at, "en")
    assert handoff.id is not None
    return handoff.id


def active(store: Store, staff_id: int, conversation: str = VISITOR) -> int:
    """The id of a new handoff that this member of staff has taken."""
    handoff_id = waiting(store, conversation)
    services.take(store, handoff_id, staff_id, NOON)
    return handoff_id


def alert(
    store: Store, conversation: str = VISITOR, kind: AlertKind = AlertKind.EMERGENCY, at: datetime = NOON
) -> None:
    """An emergency message has come in."""
    with store.work() as work:
        services.raise_alert(work, conversation, "web", kind, at)
        work.commit()


def handoff(store: Store, id: int) -> Handoff:
    """The handoff as the database has it."""
    with store.reading() as work:
        return work.handoff(id)


def replies(store: Store, conversation: str = VISITOR) -> list[Reply]:
    """All replies of a conversation, oldest first."""
    query = sa.select(Reply).where(tables.replies.c.conversation == conversation).order_by(tables.replies.c.id)
    with store.reading() as work:
        return list(work.execute(query).unique().scalars())


def actions(store: Store) -> list[str]:
    """What the audit says has happened, in order."""
    with store.reading() as work:
        return list(work.execute(sa.select(tables.audit_events.c.action).order_by(tables.audit_events.c.id)).scalars())


def at_once(jobs: Sequence[Callable[[], Result]]) -> list[Result | HandoffError]:
    """Runs every job in a thread of its own, all from the same moment; their results, or how they were refused."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], Result]) -> Result | HandoffError:
        start.wait()
        try:
            return job()
        except HandoffError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))
