"""A reply on its way to a visitor."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from bot.domain.handoff import Handoff
from bot.domain.staff import Staff

# Metadata of a visitor's message whose channel brings staff's replies to the visitor (bot/channels/gate.py).
CARRIES_REPLIES = "carries_replies"


class ReplyState(str, Enum):
    """How far a reply to the visitor has come.

    queued: kept, not handed on yet; sent: handed to the channel; delivered: the visitor's side has it;
    failed: given up, staff may retry.
    """

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass
class Reply:
    """A message to the visitor on its way: by staff (``text``), by the bot in staff's name (``response``), or what the
    bot has said already (``event_id``) in a channel that has to be pushed.

    Attributes:
        channel: it goes to; without one, to the handoff's.
        event_id: of the line of the transcript that holds the words.
        parts_sent: of a message that the channel splits.
        response: name of a response in domain.yml, with ``slots`` to fill in.
        request_id: makes a double click one reply.
        claimed_until: a sender works on it until then.
        failure: why it was not delivered, a short code.
    """

    conversation: str
    created_at: datetime
    handoff: Handoff | None = None
    author: Staff | None = None
    channel: str | None = None
    text: str | None = None
    response: str | None = None
    event_id: int | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    state: ReplyState = ReplyState.QUEUED
    attempts: int = 0
    parts_sent: int = 0
    next_attempt_at: datetime | None = None
    claimed_until: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    failure: str | None = None
    id: int | None = None
