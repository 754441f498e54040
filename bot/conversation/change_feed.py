"""What has changed since a moment ago, in any process: read from the database, so that it needs nothing else.

Each process asks a few times a second with one ``Feed`` and wakes whoever shows a conversation that changed. Ids of a
table can become visible out of order (two transactions), so a feed looks back a little and remembers what it has told.
Ids can come again as well: SQLite gives the ids of erased events to the next ones.
"""

import sqlalchemy as sa

from bot.database.tables import audit_events, events
from bot.database.unit_of_work import Store, Work

LOOK_BACK = 200


class ChangeFeed:
    """Tells each conversation that changed, once for each change. One reader of its own for each process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told: dict[str, set[tuple[int, str | None]]] = {}
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

    def _new(self, work: Work, table: sa.Table, column: "sa.Column[sa.String]") -> list[str | None]:
        newest = work.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
        last = self._last.get(table.name)
        since = min(newest, newest if last is None else last) - LOOK_BACK
        rows = work.execute(sa.select(table.c.id, column.label("conversation")).where(table.c.id > since)).all()
        visible = {(row.id, row.conversation) for row in rows}
        fresh = visible - self._told.get(table.name, set())
        self._told[table.name], self._last[table.name] = visible, newest
        return [] if last is None else [conversation for _, conversation in fresh]
