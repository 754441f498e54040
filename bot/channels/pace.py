"""How many messages a minute of a conversation are read, where nobody else counts (the website does it itself)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.conversation import transcript
from bot.database.tables import events
from bot.database.unit_of_work import Store

# As many as the website allows (bot/widget/rate_limits.py).
MESSAGES_A_MINUTE = 30
MINUTE = timedelta(minutes=1)
SLOW_DOWN = "utter_slow_down"

# When the message was sent that fills the minute; few rows are read, however long the conversation is.
_FILLING = (
    sa.select(events.c.timestamp)
    .where(events.c.sender_id == sa.bindparam("conversation"), events.c.type_name == "user")
    .order_by(events.c.id.desc())
    .offset(MESSAGES_A_MINUTE - 1)
    .limit(1)
)


def is_too_fast(store: Store, conversation: str, at: datetime) -> bool:
    """Whether the conversation has had as many messages as a minute may have."""
    rows = store.rows(_FILLING, conversation=conversation)
    return bool(rows) and rows[0].timestamp > (at - MINUTE).timestamp()


def was_told(store: Store, conversation: str) -> bool:
    """Whether the visitor has heard so already: what is refused is not stored, so it was said last."""
    lines = transcript.lines(store, conversation, limit=1)
    return bool(lines) and lines[0].metadata.get("kind") == SLOW_DOWN.removeprefix("utter_")
