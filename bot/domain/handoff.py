"""What a handoff is and which moves it allows."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.errors import AlreadyTaken, IllegalMove, Invalid
from bot.domain.staff import Staff


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

    def forget(self, pseudonym: str, at: datetime) -> None:
        """Nothing leads to the visitor any more; what is open ends, whoever has it."""
        if self.is_open:
            self.state, self.closed_at = State.CANCELLED, at
        self.conversation, self.language = pseudonym, None

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
class CannedReply:
    """A reply kept ready; placeholders such as {visitor} and {staff} are filled in when it is used."""

    title: str
    text: str
    id: int | None = None
