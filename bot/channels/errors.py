"""What can go wrong at a channel: one tree.

ChannelError
    BadRequest        the request cannot be read: 400
    DeliveryFailed    a reply could not be handed to the visitor's side
    NotStored         a message could not be stored: 503, and it has to be sent again
"""

from collections.abc import Sequence
from typing import Any


class ChannelError(Exception):
    """Base of all of them; the message holds no words of a visitor."""


class BadRequest(ChannelError, ValueError):
    """The request cannot be read; the message says what is expected."""


class DeliveryFailed(ChannelError):
    """A reply could not be handed on.

    Attributes:
        code: short and without personal data, for staff.
        final: trying again is of no use.
        wait: seconds that the other side asks to wait, at least.
        parts_sent: of a message that had to be split.
    """

    def __init__(self, code: str, final: bool = False, wait: float = 0, parts_sent: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.final = final
        self.wait = wait
        self.parts_sent = parts_sent


class NotStored(ChannelError):
    """A message could not be stored; sending it again is safe where it has an id.

    Attributes:
        replies: what may be said nevertheless: ``text``, ``buttons`` and ``metadata`` each.
    """

    def __init__(self, replies: Sequence[dict[str, Any]]) -> None:
        super().__init__("The message could not be stored: send it again.")
        self.replies = list(replies)
