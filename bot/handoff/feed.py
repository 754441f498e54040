"""What has changed since a moment ago, in any process: read from the database, so that it needs nothing else.

Each process asks a few times a second with one ``Feed`` and wakes whoever shows a conversation that changed. Ids of a
table can become visible out of order (two transactions), so a feed looks back a little and remembers what it has told.
"""

from collections import OrderedDict

import sqlalchemy as sa

from bot.handoff.store import Store, Work
from bot.handoff.tables import audit_events, events

LOOK_BACK = 200


class Feed:
    """Tells each conversation that changed, once for each change. One reader of its own for each process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told: dict[str, OrderedDict[int, None]] = {}
        self._last: dict[str, int] = {}

    def changed(self) -> set[str]:
        """Conversations with new events or audit events since the last call; the first call tells none."""
        with self._store.reading() as work:
            return {
                conversation
                for table, column in ((events, events.c.sender_id), (audit_events, audit_events.c.conversation))
                for conversation in self._new(work, table, column)
                if conversation
            }

    def _new(self, work: Work, table: sa.Table, column: sa.Column[str]) -> list[str]:
        newest = work.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
        first_call = table.name not in self._last
        told = self._told.setdefault(table.name, OrderedDict())
        since = max(0, (newest if first_call else self._last[table.name]) - LOOK_BACK)
        rows = work.execute(sa.select(table.c.id, column.label("conversation")).where(table.c.id > since)).all()
        fresh = [row for row in rows if row.id not in told]
        told.update((row.id, None) for row in fresh)
        while len(told) > 2 * LOOK_BACK and next(iter(told)) <= newest - LOOK_BACK:
            told.popitem(last=False)
        self._last[table.name] = newest
        return [] if first_call else [row.conversation for row in fresh]
