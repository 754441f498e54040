"""What is kept of one visitor: given out whole, and erased whole.

Handoffs stay as numbers for the statistics, under a pseudonym that leads nowhere. Audit events stay too: they hold
nothing personal.
"""

import json
import logging
import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement, Select

from bot.database import tables
from bot.database.engine import empty_log
from bot.database.unit_of_work import Store, Work
from bot.domain.audit import AuditEvent
from bot.handoff import services

logger = logging.getLogger(__name__)

PSEUDONYM = "erased-"
EXPORTED, ERASED = "exported", "erased"
STAYING = (tables.handoffs, tables.audit_events)
# Whatever names a conversation, and the column that does; whatever else belongs to a handoff.
OF_CONVERSATION = {
    "events": (tables.events, tables.events.c.sender_id),
    **{
        table.name: (table, table.c.conversation)
        for table in reversed(tables.metadata.sorted_tables)
        if "conversation" in table.c and table not in STAYING
    },
}
OF_HANDOFF = {
    table.name: table
    for table in reversed(tables.metadata.sorted_tables)
    if "handoff_id" in table.c and table not in STAYING and table.name not in OF_CONVERSATION
}


def kept(store: Store, conversation: str) -> dict[str, int]:
    """How many rows each table has on this conversation; empty when there is nothing."""
    with store.reading() as work:
        counts = {
            name: work.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar()
            for name, query in _queries(conversation).items()
        }
    return {name: count for name, count in counts.items() if count}


def export(store: Store, conversation: str, actor: str, at: datetime) -> dict[str, Any]:
    """Everything that is kept of this conversation, ready for JSON; times in UTC. It is recorded who asked.

    Args:
        actor: login, or "visitor".
    """
    with store.work() as work:
        data = {name: _rows(work, query) for name, query in _queries(conversation).items()}
        work.audit(AuditEvent(EXPORTED, at, actor, conversation))
        work.commit()
    for event in data["events"]:
        event["data"] = json.loads(event["data"] or "null")
    return {"conversation": conversation, "exported_at": at.isoformat(), **data}


def erase(store: Store, conversation: str, actor: str, at: datetime) -> bool:
    """Removes what is kept of this conversation, in one transaction; an open handoff is cancelled by it.

    Args:
        actor: login, "visitor" or "retention".

    Returns:
        False when there was nothing.
    """
    with store.work() as work:
        handoff_ids = services.forget(work, conversation, f"{PSEUDONYM}{secrets.token_hex(16)}", at)
        removed = 0
        for table in OF_HANDOFF.values():
            removed += work.execute(table.delete().where(table.c.handoff_id.in_(handoff_ids))).rowcount
        for table, column in OF_CONVERSATION.values():
            removed += work.execute(table.delete().where(column == conversation)).rowcount
        if not handoff_ids and not removed:
            return False
        # Under the old name, so that whoever shows the conversation hears of it.
        work.audit(AuditEvent(ERASED, at, actor, conversation, details={"handoffs": len(handoff_ids)}))
        work.commit()
    leave_no_trace(store)
    return True


def leave_no_trace(store: Store) -> None:
    """What was erased or redacted goes from the database's log too; while somebody reads it, only at the next time."""
    if not empty_log(store.engine):
        logger.warning("The database's log could not be emptied: it keeps what was erased until the next time.")


_ERASED = (
    sa.select(tables.audit_events.c.id)
    .where(tables.audit_events.c.conversation == sa.bindparam("conversation"), tables.audit_events.c.action == ERASED)
    .limit(1)
)


def is_erased(store: Store, conversation: str) -> bool:
    """Whether this conversation has been erased: it does not go on."""
    return bool(store.rows(_ERASED, conversation=conversation))


def expired(store: Store, before: datetime, limit: int = 1000) -> list[str]:
    """Conversations of which something is kept and in which nothing has happened since ``before``."""
    moments = _moments()
    older = sa.union(*(sa.select(column).where(at < _as(at, before)) for column, at in moments)).subquery()
    later = sa.union(*(sa.select(column).where(at >= _as(at, before)) for column, at in moments))
    (name,) = older.c
    query = sa.select(name).where(name.not_in(later), name.not_like(f"{PSEUDONYM}%"))
    with store.reading() as work:
        return list(work.execute(query.order_by(name).limit(limit)).scalars())


def _queries(conversation: str) -> dict[str, Select]:
    handoffs, audit = tables.handoffs, tables.audit_events
    ids = sa.select(handoffs.c.id).where(handoffs.c.conversation == conversation)
    return {
        "handoffs": sa.select(handoffs).where(handoffs.c.conversation == conversation),
        **{name: sa.select(table).where(table.c.handoff_id.in_(ids)) for name, table in OF_HANDOFF.items()},
        **{name: sa.select(table).where(column == conversation) for name, (table, column) in OF_CONVERSATION.items()},
        "audit_events": sa.select(audit).where(audit.c.conversation == conversation),
    }


def _rows(work: Work, query: Select) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in work.execute(query).mappings()]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return getattr(value, "value", value)


def _moments() -> list[tuple["ColumnElement[sa.String]", ColumnElement[Any]]]:
    replies, handoffs = tables.replies, tables.handoffs
    notes = sa.select(handoffs.c.conversation, tables.notes.c.created_at).join(
        tables.notes, tables.notes.c.handoff_id == handoffs.c.id
    )
    noted = notes.subquery()
    return [
        (tables.events.c.sender_id, tables.events.c.timestamp),
        (handoffs.c.conversation, handoffs.c.created_at),
        (handoffs.c.conversation, handoffs.c.closed_at),
        (noted.c.conversation, noted.c.created_at),
        (replies.c.conversation, replies.c.created_at),
        (tables.alerts.c.conversation, tables.alerts.c.created_at),
        (tables.feedback.c.conversation, tables.feedback.c.at),
        (tables.received_messages.c.conversation, tables.received_messages.c.at),
        (tables.addresses.c.conversation, tables.addresses.c.at),
    ]


def _as(column: ColumnElement[Any], moment: datetime) -> float | datetime:
    # Rasa keeps seconds since the epoch.
    return moment.timestamp() if isinstance(column.type, sa.Float) else moment
