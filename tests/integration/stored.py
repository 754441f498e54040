"""What the database holds of a conversation."""

import json
from typing import Any

import sqlalchemy as sa

EVENTS = sa.table("events", sa.column("id"), sa.column("sender_id"), sa.column("data"))


def stored_events(database_url: str, sender: str) -> list[dict[str, Any]]:
    """All events of a conversation, oldest first."""
    engine = sa.create_engine(database_url)
    rows = sa.select(EVENTS.c.data).where(EVENTS.c.sender_id == sender).order_by(EVENTS.c.id)
    with engine.connect() as connection:
        events = [json.loads(data) for data in connection.execute(rows).scalars()]
    engine.dispose()
    return events


def turns(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What was said, in order: who (``user`` or ``bot``) and the words."""
    return [(event["event"], event["text"]) for event in events if event["event"] in {"user", "bot"}]
