"""A member of staff."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Role(str, Enum):
    """What a member of staff may do: admins also manage staff, canned replies and erasure."""

    AGENT = "agent"
    ADMIN = "admin"


@dataclass
class Staff:
    """A person who takes handoffs.

    Attributes:
        session_epoch: grows when all sessions have to end (reset, disabled).
        languages: codes of those that they speak, with a space between.
    """

    login: str
    name: str
    role: Role
    created_at: datetime
    password_hash: str | None = None
    enabled: bool = True
    session_epoch: int = 0
    languages: str = ""
    id: int | None = None

    @property
    def speaks(self) -> tuple[str, ...]:
        """The codes of the languages."""
        return tuple((self.languages or "").split())
