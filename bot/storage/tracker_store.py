"""Conversations in SQL, at a cost that does not grow with their length (endpoints.yml, ``tracker_store``).

Rasa's own SQLTrackerStore reads and rebuilds every event of the session for each message: 500 messages in, that is
twenty times the work of the tenth. A turn needs the recent past and the slots only, so this store reads the last
``RECENT_EVENTS`` and, from before them, what still shapes the state. The whole conversation stays in the table, and
``retrieve_full_tracker`` reads it.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from itertools import islice
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from sqlalchemy import bindparam, select
from sqlalchemy.engine import Engine, Row

from bot.database.async_store import shared_store
from bot.domain.alert import ALARMS, AlertKind
from bot.handoff.received_messages import Arrival, record
from bot.nlu.understanding import Understanding
from bot.outbox import delivery
from bot.privacy.redaction import FORGET, redact
from bot.settings import Settings
from bot.storage.turn import current_turn

RECENT_EVENTS = 24
# Events whose effect outlasts the recent past.
LASTING = tuple(
    event.type_name for event in (SlotSet, AllSlotsReset, ActiveLoop, ConversationPaused, ConversationResumed)
)
# Events that end the effect of all before them.
FRESH_STARTS = (SessionStarted.type_name, Restarted.type_name)
# Metadata of a visitor's message: the sender's own id for it, where a message may be sent twice.
MESSAGE_ID = "message_id"
_TABLE = SQLTrackerStore.SQLEvent.__table__
# What is asked of it. SQLAlchemy knows a statement again that is made once.
_OF_SENDER = select(_TABLE.c.id, _TABLE.c.type_name, _TABLE.c.data).where(_TABLE.c.sender_id == bindparam("sender"))
_NEWEST = _OF_SENDER.order_by(_TABLE.c.id.desc()).limit(RECENT_EVENTS)
_LASTING_BEFORE = _OF_SENDER.where(
    _TABLE.c.id < bindparam("id"), _TABLE.c.type_name.in_(LASTING + FRESH_STARTS)
).order_by(_TABLE.c.id)
_ALL = _OF_SENDER.order_by(_TABLE.c.id)
_ADD = _TABLE.insert()
# On a tracker: how many of its events are in the table. A tracker lives for one turn, in one process.
_STORED = "stored_events"


class ConversationStore(SQLTrackerStore):
    """Rasa's SQL tracker store with a bounded read and an event parser that does not search.

    Args:
        domain: gives the slots.
        host: ignored; the database comes from ``DATABASE_URL`` (bot/settings).
        event_broker: hears of each new event.
    """

    engine: Engine

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        url = Settings.read().database_url
        super().__init__(domain, host=url, event_broker=event_broker, **kwargs)
        # Rasa's engine opens a SQLite file anew for each statement; ours keeps its connections, and its limits.
        self.engine.dispose()
        self._database = shared_store(url)
        self.engine = self._database.store.engine
        # Rasa's Event.resolve_by_type walks every subclass for each event.
        self._event_types = {cls.type_name: cls for cls in all_subclasses(Event)}

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's recent events, ready for the next turn; None for a new visitor."""
        with _noting_errors():
            tracker = self._tracker(sender_id, await self._database.run(self._recent, sender_id))
            _note_form(tracker)
            return tracker
        return None

    def _recent(self, sender_id: str) -> list[str]:
        rows = self._database.store.rows(_NEWEST, sender=sender_id)[::-1]
        if len(rows) == RECENT_EVENTS:
            older = self._database.store.rows(_LASTING_BEFORE, sender=sender_id, id=rows[0].id)
            rows = _since_fresh_start(older) + rows
        return [row.data for row in rows]

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The whole conversation, for reading."""
        rows = await self._database.run(partial(self._database.store.rows, _ALL, sender=conversation_id))
        return self._tracker(conversation_id, [row.data for row in rows])

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Adds the turn's events, and what they mean for staff, in one transaction."""
        await self.stream_events(tracker)
        # A tracker that was not read from here is new: Rasa makes one only where there is nothing to read.
        events = list(islice(tracker.events, getattr(tracker, _STORED, 0), None))
        turn = current_turn()
        # What could not be read cannot be gone on with: stored, it would look like a conversation that begins.
        if not events or turn.error:
            return
        _note_form(tracker)
        turn.storing = True
        with _noting_errors():
            said = await self._database.run(self._add, tracker.sender_id, events, turn.pushed_to)
        if turn.error:
            return
        _mark_stored(tracker)
        turn.said += said
        if said and turn.pushed_to:
            for sender in self._database.senders:
                sender.set()

    def _add(self, sender_id: str, events: list[Event], pushed_to: str | None) -> int:
        arrivals = [_arrival(sender_id, event) for event in events if isinstance(event, UserUttered)]
        said = sum(isinstance(event, BotUttered) for event in events)
        now = datetime.now(timezone.utc)
        with self._database.store.work() as work:
            work.execute(_ADD, [_row(sender_id, event) for event in events])
            record(work, arrivals, now)
            redact(work, sender_id, _to_forget(events))
            if said and pushed_to:
                delivery.queue(work, sender_id, pushed_to, said, now)
            work.commit()
        return said

    def _tracker(self, sender_id: str, stored: Sequence[str]) -> DialogueStateTracker | None:
        if not stored or self.domain is None:
            return None
        events = []
        for text in stored:
            data = json.loads(text)
            events.append(self._event_types[data["event"]]._from_parameters(data))
        return _mark_stored(DialogueStateTracker.from_events(sender_id, events, self.domain.slots))


def _since_fresh_start(rows: list[Row]) -> list[Row]:
    starts = [position for position, row in enumerate(rows) if row.type_name in FRESH_STARTS]
    return rows[starts[-1] + 1 :] if starts else rows


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _to_forget(events: list[Event]) -> list[str]:
    slots = [event for event in events if isinstance(event, SlotSet) and event.key == FORGET]
    return [word for slot in slots for word in slot.value or []]


def _arrival(conversation: str, event: UserUttered) -> Arrival:
    alarm = AlertKind(event.intent_name) if event.intent_name in ALARMS else None
    message_id = (event.metadata or {}).get(MESSAGE_ID)
    language = Understanding.of(event.parse_data).language
    return Arrival(conversation, event.input_channel or "", message_id, alarm, language)


def _note_form(tracker: DialogueStateTracker | None) -> None:
    if tracker is not None and tracker.active_loop_name:
        current_turn().in_form = True


@contextmanager
def _noting_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        turn = current_turn()
        turn.error = error
        # Rasa would keep what was raised in memory instead, for good. Whoever watches the turn refuses the message.
        if not turn.watched:
            raise


def _mark_stored(tracker: DialogueStateTracker) -> DialogueStateTracker:
    setattr(tracker, _STORED, len(tracker.events))
    return tracker
