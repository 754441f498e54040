"""The conversation as people read it, from Rasa's own events: the one place that the transcript is in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import Any

import sqlalchemy as sa

from bot.database.tables import events
from bot.database.unit_of_work import Store

SHOWN = ("user", "bot")


class Speaker(str, Enum):
    """Who says a line."""

    VISITOR = "visitor"
    BOT = "bot"
    STAFF = "staff"


@dataclass(frozen=True)
class Line:
    """One line of a conversation.

    Attributes:
        id: grows within a conversation; a reader continues after the last one it has.
        staff: name, for a line by staff.
        message_id: the visitor's own id for it, if the channel has one.
        reply_id: of the reply (bot/domain/handoff.py) that it shows.
        metadata: of an answer: kind, sources, title (bot/nlg).
        language: that it is in, as far as it is known; None for English.
        intent: what a visitor's line was taken for, and ``answer`` the name of the answer that it asks for.
        meaning: English words of the same meaning, of a button in another language.
    """

    id: int
    at: datetime
    speaker: Speaker
    text: str
    staff: str | None = None
    message_id: str | None = None
    reply_id: int | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    language: str | None = None
    intent: str | None = None
    answer: str | None = None
    meaning: str | None = None


_OF_CONVERSATION = sa.select(events.c.id, events.c.data).where(events.c.sender_id == sa.bindparam("conversation"))
_LATER = _OF_CONVERSATION.where(events.c.id > sa.bindparam("after"), events.c.type_name.in_(SHOWN))
_ALL_LATER = _LATER.order_by(events.c.id)
_NEWEST_LATER = _LATER.order_by(events.c.id.desc()).limit(sa.bindparam("limit", type_=sa.Integer))
_ONE = _OF_CONVERSATION.where(events.c.id == sa.bindparam("id"))


def lines(store: Store, conversation: str, after: int = 0, limit: int | None = None) -> list[Line]:
    """The lines after a line's id, oldest first; with ``limit`` the newest of them only."""
    if limit is None:
        return read(store.rows(_ALL_LATER, conversation=conversation, after=after))
    return read(store.rows(_NEWEST_LATER, conversation=conversation, after=after, limit=limit)[::-1])


def line(store: Store, conversation: str, id: int) -> Line | None:
    """One line of a conversation; None when it has been erased."""
    found = read(store.rows(_ONE, conversation=conversation, id=id))
    return found[0] if found else None


def read(rows: Sequence[Any]) -> list[Line]:
    """The lines in rows with ``id`` and ``data`` of Rasa's table."""
    found = (_line(row.id, json.loads(row.data)) for row in rows)
    return [line for line in found if line is not None]


def _line(id: int, event: dict[str, Any]) -> Line | None:
    at = datetime.fromtimestamp(event.get("timestamp") or 0, timezone.utc)
    if event["event"] == "user":
        metadata = event.get("metadata") or {}
        if metadata.get("hidden"):
            return None
        # Where the sender gives none, Rasa makes one up.
        message_id = metadata.get("message_id") or event.get("message_id")
        return Line(id, at, Speaker.VISITOR, event.get("text") or "", message_id=message_id, **_understood(event))
    data = event.get("data") or {}
    metadata = (event.get("metadata") or {}).get("metadata") or {}
    if not event.get("text"):
        return None
    staff = metadata.get("staff")
    speaker = Speaker.STAFF if metadata.get("kind") == "staff" else Speaker.BOT
    return Line(
        id,
        at,
        speaker,
        event["text"],
        staff=staff,
        reply_id=metadata.get("reply_id"),
        buttons=data.get("buttons") or [],
        metadata=metadata,
        language=metadata.get("language"),
    )


def _understood(event: dict[str, Any]) -> dict[str, Any]:
    parsed = event.get("parse_data") or {}
    understanding = parsed.get("understanding") or {}
    name = (parsed.get("intent") or {}).get("name")
    prediction = ((parsed.get("response_selector") or {}).get("faq") or {}).get("response") or {}
    answer = str(prediction.get("intent_response_key") or "").partition("/")[2] if name == "faq" else ""
    return {
        "language": understanding.get("language"),
        "intent": name,
        "answer": answer or None,
        "meaning": understanding.get("meaning"),
    }
