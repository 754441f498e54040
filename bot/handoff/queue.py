"""What staff find when they come to work: who waits, whom they talk to, and what is alarming. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from bot.conversation.transcript import Speaker, read
from bot.database import tables
from bot.database.tables import Condition
from bot.database.unit_of_work import Store, Work
from bot.domain.handoff import OPEN, Kind, Outcome, State
from bot.handoff import alerts
from bot.handoff.alerts import AlertGroup

PAGE = 25

Entry = TypeVar("Entry")
Order = tuple[ColumnElement[Any], ...]


@dataclass(frozen=True)
class Filters:
    """Which handoffs to show; None shows all.

    Attributes:
        owner_id: only this member of staff's.
        language: that the visitor writes.
    """

    state: State | None = None
    channel: str | None = None
    kind: Kind | None = None
    owner_id: int | None = None
    language: str | None = None


@dataclass(frozen=True)
class Row:
    """One handoff in a list.

    Attributes:
        owner: name of the member of staff.
        country: from the contact details.
    """

    id: int
    conversation: str
    channel: str
    kind: Kind
    state: State
    urgent: bool
    language: str | None
    country: str | None
    created_at: datetime
    taken_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    rating: int | None
    owner_id: int | None
    owner: str | None


@dataclass(frozen=True)
class Page(Generic[Entry]):
    """Some of the rows. ``number`` counts from 1; ``size`` is how many a page has at most."""

    rows: list[Entry]
    number: int
    total: int
    size: int = PAGE

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def start(self) -> int:
        """How many rows come before this page."""
        return (self.number - 1) * self.size

    def clamped(self) -> "Page[Entry]":
        """The same; past the end, the last page."""
        return replace(self, number=min(max(1, self.number), self.last))


@dataclass(frozen=True)
class Mine:
    """A conversation that a member of staff owns. ``unread``: messages of the visitor since they last looked."""

    row: Row
    unread: int


@dataclass(frozen=True)
class StaffDashboard:
    """What needs a member of staff, on every page of the console that shows conversations.

    Attributes:
        waiting: ids of all handoffs that wait, first come first.
        alerts: all that nobody has seen, the longest unseen first.
    """

    waiting: list[int]
    alerts: list[AlertGroup]
    mine: list[Mine]

    @property
    def unseen_alerts(self) -> int:
        """How many alerts nobody has seen."""
        return alerts.total(self.alerts)

    @property
    def unread(self) -> int:
        """Messages that the member of staff has not seen."""
        return sum(one.unread for one in self.mine)


def open_handoffs(store: Store, filters: Filters, number: int = 1, speaks: Sequence[str] = ()) -> Page[Row]:
    """Who waits and who is being talked to: urgent first, then who waits, then the longest.

    Args:
        speaks: languages of whoever looks; of those who wait, who writes one of them comes first.
    """
    handoffs = tables.handoffs
    conditions = [handoffs.c.state.in_([filters.state] if filters.state else OPEN)]
    if filters.channel:
        conditions.append(handoffs.c.channel == filters.channel)
    if filters.kind:
        conditions.append(handoffs.c.kind == filters.kind)
    if filters.owner_id:
        conditions.append(handoffs.c.owner_id == filters.owner_id)
    if filters.language:
        conditions.append(handoffs.c.language == filters.language)
    understood = sa.and_(handoffs.c.state == State.WAITING, handoffs.c.language.in_(speaks))
    understood_first: Any = sa.case((understood, 0), else_=1)
    waiting_first: Any = sa.case((handoffs.c.state == State.WAITING, 0), else_=1)
    order = (handoffs.c.urgent.desc(), waiting_first, understood_first, handoffs.c.created_at, handoffs.c.id)
    with store.reading() as work:
        return page(work, sa.and_(*conditions), order, number)


def channels(store: Store) -> list[str]:
    """The channels that handoffs have come from."""
    column = tables.handoffs.c.channel
    with store.reading() as work:
        return list(work.execute(sa.select(column).distinct().order_by(column)).scalars())


def languages(store: Store) -> list[str]:
    """The languages that visitors of handoffs write."""
    column = tables.handoffs.c.language
    with store.reading() as work:
        found = work.execute(sa.select(column).where(column.isnot(None)).distinct().order_by(column)).scalars()
        return list(found)


def staff_dashboard(store: Store, staff_id: int) -> StaffDashboard:
    """What needs this member of staff now."""
    handoffs = tables.handoffs
    waiting = sa.select(handoffs.c.id).where(handoffs.c.state == State.WAITING)
    owned = sa.and_(handoffs.c.owner_id == staff_id, handoffs.c.state == State.ACTIVE)
    with store.reading() as work:
        unread = _unread(work, staff_id)
        return StaffDashboard(
            list(work.execute(waiting.order_by(handoffs.c.created_at, handoffs.c.id)).scalars()),
            alerts.unseen(work),
            [Mine(row, unread.get(row.id, 0)) for row in _rows(work, owned, (handoffs.c.taken_at, handoffs.c.id))],
        )


def page(work: Work, condition: Condition, order: Order, number: int) -> Page[Row]:
    """One page of the handoffs that fulfil a condition; past the end, the last page."""
    total = work.execute(sa.select(sa.func.count()).select_from(_WITH_NAMES).where(condition)).scalar() or 0
    found: Page[Row] = Page([], number, total).clamped()
    return replace(found, rows=_rows(work, condition, order, found.size, found.start))


def alerts_page(groups: Sequence[AlertGroup], number: int) -> Page[AlertGroup]:
    """One page of the alerts; past the end, the last page."""
    found: Page[AlertGroup] = Page([], number, len(groups), alerts.PAGE).clamped()
    return replace(found, rows=list(groups[found.start : found.start + found.size]))


_WITH_NAMES = tables.handoffs.outerjoin(tables.staff, tables.staff.c.id == tables.handoffs.c.owner_id).outerjoin(
    tables.contacts, tables.contacts.c.handoff_id == tables.handoffs.c.id
)
_NAMES = {"owner": tables.staff.c.name, "country": tables.contacts.c.country}
_COLUMNS = [{**tables.handoffs.c, **_NAMES}[name].label(name) for name in Row.__dataclass_fields__]


def _rows(
    work: Work, condition: Condition, order: Order, limit: int | None = None, offset: int | None = None
) -> list[Row]:
    query = sa.select(*_COLUMNS).select_from(_WITH_NAMES).where(condition).order_by(*order)
    return [Row(**row._mapping) for row in work.execute(query.limit(limit).offset(offset))]


def _unread(work: Work, staff_id: int) -> dict[int, int]:
    handoffs, seen, events = tables.handoffs, tables.seen_lines, tables.events
    query = (
        sa.select(handoffs.c.id.label("handoff_id"), events.c.id, events.c.data)
        .select_from(
            handoffs.join(events, events.c.sender_id == handoffs.c.conversation).outerjoin(
                seen, sa.and_(seen.c.handoff_id == handoffs.c.id, seen.c.staff_id == staff_id)
            )
        )
        .where(
            handoffs.c.owner_id == staff_id,
            handoffs.c.state == State.ACTIVE,
            events.c.type_name == "user",
            events.c.id > sa.func.coalesce(seen.c.event_id, 0),
        )
    )
    unread: dict[int, int] = {}
    for row in work.execute(query):
        for line in read([row]):
            if line.speaker is Speaker.VISITOR:
                unread[row.handoff_id] = unread.get(row.handoff_id, 0) + 1
    return unread
