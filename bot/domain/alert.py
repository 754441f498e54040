"""What staff are alerted of."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.staff import Staff


class AlertKind(str, Enum):
    """Why staff are alerted."""

    EMERGENCY = "emergency"
    CRISIS = "crisis"


# The intents that raise an alert; they go before everything else.
ALARMS = frozenset(kind.value for kind in AlertKind)


@dataclass
class Alert:
    """An emergency or crisis message, for the console, with or without a handoff."""

    conversation: str
    channel: str
    kind: AlertKind
    created_at: datetime
    seen_by: Staff | None = None
    seen_at: datetime | None = None
    language: str | None = None
    id: int | None = None
