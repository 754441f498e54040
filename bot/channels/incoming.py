"""What a messaging app's webhook brings, as typed objects."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.channels.errors import BadRequest

# No app sends more; a longer body is not read.
MOST_BYTES = 1_000_000
# What a visitor says by pressing an app's own "start" button.
HELLO = "hello"


@dataclass(frozen=True)
class Webhook:
    """A request, not believed yet.

    Attributes:
        path: with the query, as it was asked for.
        headers: by name in small letters.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """A header; empty when there is none."""
        return self.headers.get(name.lower(), "")

    def json(self) -> dict[str, Any]:
        """The body as an object.

        Raises:
            BadRequest: it is none.
        """
        return an_object(self.body)


@dataclass(frozen=True)
class Message:
    """What a person sent.

    Attributes:
        user: the person's id in the app.
        address: where to answer.
        message_id: the app's own id for it, the same each time that it sends it.
        media: what came that is no text, in a word for staff.
        pressed: mark of the button that was pressed (``text`` is its title).
        edit_of: id of the message that has other words now.
    """

    user: str
    address: str
    message_id: str
    text: str = ""
    media: str = ""
    pressed: str = ""
    edit_of: str = ""


@dataclass(frozen=True)
class Receipt:
    """How it went with a reply.

    Attributes:
        user: who it was for.
        failure: a short code; empty when it has arrived.
    """

    user: str
    reply_id: int
    failure: str = ""


def an_object(text: bytes | str) -> dict[str, Any]:
    """JSON that is an object.

    Raises:
        BadRequest: it is none.
    """
    try:
        content = json.loads(text)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadRequest("The body must be JSON in UTF-8.") from error
    if not isinstance(content, dict):
        raise BadRequest("The body must be an object.")
    return content
