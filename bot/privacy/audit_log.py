"""Who did what, when: read-only, for admins."""

from dataclasses import dataclass

import sqlalchemy as sa

from bot.database.tables import audit_events
from bot.database.unit_of_work import Store
from bot.domain.audit import AuditEvent


@dataclass(frozen=True)
class Wanted:
    """Which events; what is None does not matter."""

    conversation: str | None = None
    handoff_id: int | None = None
    actor: str | None = None
    before: int | None = None


def events(store: Store, wanted: Wanted, limit: int = 50) -> list[AuditEvent]:
    """Newest first; the next page begins before the last one's id."""
    query = sa.select(AuditEvent).order_by(audit_events.c.id.desc()).limit(limit)
    for name in ("conversation", "handoff_id", "actor"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(audit_events.c[name] == value)
    if wanted.before is not None:
        query = query.where(audit_events.c.id < wanted.before)
    with store.reading() as work:
        return list(work.execute(query).scalars())
