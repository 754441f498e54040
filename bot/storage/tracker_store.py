"""Conversations in SQL, at a cost that does not grow with their length (endpoints.yml, ``tracker_store``).

Rasa's own SQLTrackerStore reads and rebuilds every event of the session for each message: 500 messages in, that is
twenty times the work of the tenth. A turn needs the recent past and the slots only, so this store reads the last
``RECENT_EVENTS`` and, from before them, what still shapes the state. The whole conversation stays in the table, and
``retrieve_full_tracker`` reads it.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActiveLoop,
    AllSlotsReset,
    ConversationPaused,
    ConversationResumed,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from sqlalchemy.orm import Session

from bot.settings import Settings

RECENT_EVENTS = 60
# Events whose effect outlasts the recent past.
LASTING = tuple(
    event.type_name for event in (SlotSet, AllSlotsReset, ActiveLoop, ConversationPaused, ConversationResumed)
)
# Events that end the effect of all before them.
FRESH_STARTS = (SessionStarted.type_name, Restarted.type_name)
# On a tracker: how many of its events are in the table. A tracker lives for one turn, in one process.
_STORED = "stored_events"


class ConversationStore(SQLTrackerStore):
    """Rasa's SQL tracker store with a bounded read and an event parser that does not search.

    Args:
        domain: gives the slots.
        host: ignored; the database comes from ``DATABASE_URL`` (bot/settings.py).
        event_broker: hears of each new event.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, host=Settings.read().database_url, event_broker=event_broker, **kwargs)
        # An error of the database must not carry the visitor's words into the log.
        self.engine.hide_parameters = True
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _tune_sqlite)
            self.engine.dispose()
        # Rasa's Event.resolve_by_type walks every subclass for each event.
        self._event_types = {cls.type_name: cls for cls in all_subclasses(Event)}

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's recent events, ready for the next turn; None for a new visitor."""
        with self.session_scope() as session:
            rows = self._recent_rows(session, sender_id)
            if not rows or self.domain is None:
                return None
            if len(rows) == RECENT_EVENTS:
                rows = self._lasting_rows(session, sender_id, rows[0].id) + rows
        return self._tracker(sender_id, [row.data for row in rows])

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The whole conversation, for reading."""
        table = self.SQLEvent
        with self.session_scope() as session:
            rows = session.query(table.data).filter(table.sender_id == conversation_id).order_by(table.id).all()
        if not rows or self.domain is None:
            return None
        return self._tracker(conversation_id, [row.data for row in rows])

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Adds the turn's events in one transaction."""
        await super().save(tracker)
        _mark_stored(tracker)

    def _recent_rows(self, session: Session, sender_id: str) -> list[Any]:
        table = self.SQLEvent
        rows = (
            session.query(table.id, table.data)
            .filter(table.sender_id == sender_id)
            .order_by(table.id.desc())
            .limit(RECENT_EVENTS)
            .all()
        )
        return list(reversed(rows))

    def _lasting_rows(self, session: Session, sender_id: str, before: int) -> list[Any]:
        table = self.SQLEvent
        older = (table.sender_id == sender_id, table.id < before)
        fresh_start = session.query(sa.func.max(table.id)).filter(*older, table.type_name.in_(FRESH_STARTS)).scalar()
        rows = (
            session.query(table.id, table.data)
            .filter(*older, table.type_name.in_(LASTING), table.id > (fresh_start or 0))
            .order_by(table.id)
            .all()
        )
        return list(rows)

    def _tracker(self, sender_id: str, stored: list[str]) -> DialogueStateTracker:
        events = []
        for text in stored:
            data = json.loads(text)
            events.append(self._event_types[data["event"]]._from_parameters(data))
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        return _mark_stored(tracker)

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Event]:
        # A tracker that was not read from here is new: Rasa makes one only where there is nothing to read.
        return islice(tracker.events, getattr(tracker, _STORED, 0), None)


def _mark_stored(tracker: DialogueStateTracker) -> DialogueStateTracker:
    setattr(tracker, _STORED, len(tracker.events))
    return tracker


def _tune_sqlite(connection: Any, _: Any) -> None:
    # Write-ahead log: readers do not wait for the writer, and a commit costs one sync of the log.
    cursor = connection.cursor()
    with suppress(Exception):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
