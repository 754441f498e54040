"""What the audit log records."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# Actors that are no member of staff.
VISITOR, BOT = "visitor", "bot"


@dataclass
class AuditEvent:
    """Who did what, when. Append-only; holds nothing personal about the visitor."""

    action: str
    at: datetime
    actor: str
    conversation: str | None = None
    handoff_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    id: int | None = None
