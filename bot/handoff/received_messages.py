"""What a visitor's message means for staff, written in the transaction that stores the message itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.database import tables
from bot.database.unit_of_work import Store, Work
from bot.domain.alert import AlertKind
from bot.handoff.services import raise_alert


@dataclass(frozen=True)
class Arrival:
    """A message that was taken in.

    Attributes:
        message_id: the sender's own id for it, where the channel has one.
        alarm: what it raises, if anything.
        language: that it is in; None for English.
    """

    conversation: str
    channel: str
    message_id: str | None = None
    alarm: AlertKind | None = None
    language: str | None = None


def record(work: Work, arrivals: Sequence[Arrival], at: datetime) -> None:
    """Remembers ids and raises alerts; the caller commits."""
    for arrival in arrivals:
        if arrival.message_id:
            work.execute(
                tables.received_messages.insert().values(
                    conversation=arrival.conversation, message_id=arrival.message_id, at=at
                )
            )
        if arrival.alarm:
            raise_alert(work, arrival.conversation, arrival.channel, arrival.alarm, at, arrival.language)


_RECEIVED = sa.select(tables.received_messages.c.at).where(
    tables.received_messages.c.conversation == sa.bindparam("conversation"),
    tables.received_messages.c.message_id == sa.bindparam("message_id"),
)


def is_known(store: Store, conversation: str, message_id: str) -> bool:
    """Whether this message has been taken in before."""
    return bool(store.rows(_RECEIVED, conversation=conversation, message_id=message_id))


def alarms_since(store: Store, conversation: str, since: datetime) -> set[AlertKind]:
    """What this conversation has raised an alert for."""
    alerts = tables.alerts.c
    query = sa.select(alerts.kind).where(alerts.conversation == conversation, alerts.created_at >= since)
    with store.reading() as work:
        return set(work.execute(query.distinct()).scalars())
