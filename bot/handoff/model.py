"""What a handoff is and which moves it allows. Knows no database (bot/handoff/tables.py maps these classes)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from bot.handoff.errors import AlreadyTaken, IllegalMove, Invalid


class State(str, Enum):
    """Where a handoff stands."""

    WAITING = "waiting"
    ACTIVE = "active"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


OPEN = (State.WAITING, State.ACTIVE)


class Kind(str, Enum):
    """What the visitor asked for."""

    ENROLLMENT = "enrollment"
    HUMAN = "human"


class Outcome(str, Enum):
    """How staff resolved a handoff."""

    ENROLLED = "enrolled"
    ANSWERED = "answered"
    REFERRED = "referred"
    NOT_REACHED = "not_reached"
    OTHER = "other"


class Role(str, Enum):
    """What a member of staff may do: admins also manage staff, canned replies and erasure."""

    AGENT = "agent"
    ADMIN = "admin"


class ReplyState(str, Enum):
    """How far a reply to the visitor has come.

    queued: kept, not handed on yet; sent: handed to the channel; delivered: the visitor's side has it;
    failed: given up, staff may retry.
    """

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class AlertKind(str, Enum):
    """Why staff are alerted."""

    EMERGENCY = "emergency"
    CRISIS = "crisis"


# The intents that raise an alert; they go before everything else.
ALARMS = frozenset(kind.value for kind in AlertKind)


@dataclass
class Staff:
    """A person who takes handoffs. ``session_epoch`` grows when all sessions have to end (reset, disabled)."""

    login: str
    name: str
    role: Role
    created_at: datetime
    password_hash: str | None = None
    enabled: bool = True
    session_epoch: int = 0
    id: int | None = None


@dataclass
class Contact:
    """Who to reach and about whom; apart from the handoff, so that it can be erased."""

    consented_at: datetime
    name: str | None = None
    patient: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    condition: str | None = None
    note: str | None = None


@dataclass
class Handoff:
    """One conversation's way to a person. All times are UTC.

    Attributes:
        conversation: Rasa's sender id.
        channel: the channel's name.
        urgent: an emergency or crisis message came in this conversation.
        first_reply_at: of staff.
        rating: 1 to 5, by the visitor after the end.
    """

    conversation: str
    channel: str
    kind: Kind
    created_at: datetime
    language: str | None = None
    state: State = State.WAITING
    urgent: bool = False
    owner: Staff | None = None
    contact: Contact | None = None
    taken_at: datetime | None = None
    first_reply_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    rating: int | None = None
    id: int | None = None
    version: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody waits or talks."""
        return self.state in OPEN

    def take(self, staff: Staff, at: datetime) -> bool:
        """Staff join. Returns False when this person owns it already (a double click).

        Raises:
            AlreadyTaken: somebody else owns it.
            IllegalMove: it is closed.
        """
        if self.state is State.ACTIVE:
            if self.owner is staff:
                return False
            raise AlreadyTaken(f"{self.owner.name if self.owner else 'Somebody'} has taken this conversation already.")
        self._only_from(State.WAITING)
        self.state, self.owner, self.taken_at = State.ACTIVE, staff, self.taken_at or at
        return True

    def release(self) -> None:
        """Back into the queue.

        Raises:
            IllegalMove: nobody owns it.
        """
        self._only_from(State.ACTIVE)
        self.state, self.owner = State.WAITING, None

    def transfer(self, to: Staff) -> None:
        """To a colleague.

        Raises:
            IllegalMove: nobody owns it.
            Invalid: the colleague cannot take it.
        """
        self._only_from(State.ACTIVE)
        if not to.enabled:
            raise Invalid(f"{to.name} cannot take conversations: the account is disabled.")
        self.owner = to

    def resolve(self, outcome: Outcome, at: datetime) -> None:
        """The end, by staff.

        Raises:
            IllegalMove: nobody owns it.
        """
        self._only_from(State.ACTIVE)
        self.state, self.outcome, self.closed_at = State.RESOLVED, outcome, at

    def cancel(self, at: datetime) -> None:
        """The end, by the visitor, before staff have joined.

        Raises:
            IllegalMove: staff have joined, or it is closed.
        """
        self._only_from(State.WAITING)
        self.state, self.closed_at = State.CANCELLED, at

    def rate(self, rating: int) -> None:
        """What the visitor thinks of it, 1 to 5; a later rating replaces an earlier one.

        Raises:
            IllegalMove: it is not resolved.
            Invalid: not 1 to 5.
        """
        self._only_from(State.RESOLVED)
        if rating not in range(1, 6):
            raise Invalid("A rating is a whole number from 1 to 5.")
        self.rating = rating

    def _only_from(self, state: State) -> None:
        if self.state is not state:
            raise IllegalMove(f"The handoff is {self.state.value}: only one that is {state.value} can do that.")


@dataclass
class Note:
    """What staff tell each other about a handoff; the visitor never sees it."""

    handoff: Handoff
    author: Staff
    text: str
    created_at: datetime
    id: int | None = None


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


@dataclass
class Alert:
    """An emergency or crisis message, for the console, with or without a handoff."""

    conversation: str
    channel: str
    kind: AlertKind
    created_at: datetime
    seen_by: Staff | None = None
    seen_at: datetime | None = None
    id: int | None = None


@dataclass
class CannedReply:
    """A reply kept ready; placeholders such as {visitor} and {staff} are filled in when it is used."""

    title: str
    text: str
    id: int | None = None


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
