"""What happened to a turn in the database, for the gate.

Rasa hides an error of the tracker store from whoever sent the message (``FailSafeTrackerStore`` goes on in memory, and
the conversation is lost at the next restart). The store notes the error here, and the gate refuses the message.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Turn:
    """One message and its replies.

    Attributes:
        error: of the database, if there was one.
        said: number of the bot's replies that were stored.
        watched: whether somebody looks at ``error`` afterwards.
        storing: whether the events are on their way into the database, or there.
        in_form: whether the visitor is being asked for details, before or after it.
        pushed_to: the channel that each of these replies is to be sent to; None where the visitor's side fetches them.
    """

    error: Exception | None = None
    said: int = 0
    watched: bool = False
    storing: bool = False
    in_form: bool = False
    pushed_to: str | None = None


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def watched_turn(pushed_to: str | None = None) -> Iterator[Turn]:
    """Notes what happens to the database in the block."""
    turn = Turn(pushed_to=pushed_to, watched=True)
    token = _turn.set(turn)
    try:
        yield turn
    finally:
        _turn.reset(token)


def current_turn() -> Turn:
    """The turn that is watched; one that nobody looks at, if none is."""
    return _turn.get() or Turn()
