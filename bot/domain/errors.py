"""What can go wrong with a handoff: one tree. The message says what to do, to staff or to a log.

HandoffError
    NotFound          no such handoff, staff member, reply ...
    IllegalMove       the handoff is in a state that does not allow it
        AlreadyTaken  somebody else owns the handoff
    NotAllowed        this member of staff may not do that
    Invalid           a value cannot be used
    TooManyAttempts   somebody has tried to sign in too often
    StoreUnavailable  the database does not answer; nothing was changed
"""


class HandoffError(Exception):
    """Base of all of them; ``message`` can be shown to staff."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(HandoffError):
    """There is no such thing, or no longer."""


class IllegalMove(HandoffError):
    """The handoff's state does not allow the move."""


class AlreadyTaken(IllegalMove):
    """Somebody else owns the handoff."""


class NotAllowed(HandoffError):
    """The member of staff lacks the right."""


class Invalid(HandoffError):
    """A value cannot be used; ``field`` names it where a form has several."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TooManyAttempts(HandoffError):
    """Signing in has failed too often; it is possible again after ``seconds``."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class StoreUnavailable(HandoffError):
    """The database does not answer."""
