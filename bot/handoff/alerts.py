"""Alarming messages that nobody has seen yet; however many there are, none hides another. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from bot.database import tables
from bot.database.unit_of_work import Store, Work
from bot.domain.alert import Alert, AlertKind
from bot.domain.errors import NotFound

# A line each: who fills a page from one address does not push anybody off it.
PAGE = 100


@dataclass(frozen=True)
class AlertGroup:
    """The unseen alerts of one kind in one conversation.

    Attributes:
        id: of the oldest.
        last_id: of the newest: whoever marks the group as seen has seen it up to here.
        handoff_id: of the conversation's newest handoff, if there is one.
        language: that is not English, if one of them is in one.
    """

    id: int
    last_id: int
    conversation: str
    channel: str
    kind: AlertKind
    count: int
    created_at: datetime
    last_at: datetime
    handoff_id: int | None
    language: str | None = None


def unseen(work: Work) -> list[AlertGroup]:
    """All of them, the longest unseen first."""
    alerts, handoffs = tables.alerts.c, tables.handoffs.c
    newest_handoff = (
        sa.select(sa.func.max(handoffs.id)).where(handoffs.conversation == alerts.conversation).scalar_subquery()
    )
    group = (alerts.conversation, alerts.channel, alerts.kind)
    first = sa.func.min(alerts.id)
    query = sa.select(
        first.label("id"),
        sa.func.max(alerts.id).label("last_id"),
        *group,
        sa.func.count().label("count"),
        sa.func.min(alerts.created_at).label("created_at"),
        sa.func.max(alerts.created_at).label("last_at"),
        newest_handoff.label("handoff_id"),
        sa.func.max(alerts.language).label("language"),
    )
    rows = work.execute(query.where(alerts.seen_at.is_(None)).group_by(*group).order_by("created_at", first))
    return [AlertGroup(**row._mapping) for row in rows]


def total(groups: Sequence[AlertGroup]) -> int:
    """How many alerts they are."""
    return sum(group.count for group in groups)


def by_id(store: Store, alert_id: int) -> tuple[Alert, int | None]:
    """An alert, and its conversation's newest handoff.

    Raises:
        NotFound: there is no such alert.
    """
    with store.reading() as work:
        found: Alert | None = work.session.get(Alert, alert_id, options=[joinedload(Alert.seen_by)])
        if found is None:
            raise NotFound(f"There is no alert {alert_id} (any more).")
        newest = work.last_handoff(found.conversation)
    return found, newest.id if newest else None
