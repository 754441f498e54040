"""What a messaging app's webhook brings, as typed objects."""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.channels.errors import BadRequest
from bot.database.tables import LONGEST_ID

# No app sends more; a longer body is not read.
MOST_BYTES = 1_000_000
# What a visitor says by pressing an app's own "start" button.
HELLO = "hello"


class Fields:
    """An object of a webhook's JSON, whose values are read by their types.

    What is missing or null is empty; what has another type than the app sends is a ``BadRequest``.
    """

    def __init__(self, content: object) -> None:
        if not isinstance(content, dict):
            raise BadRequest("This is no object.")
        self._content = content

    @classmethod
    def of(cls, text: bytes | str) -> "Fields":
        """Reads JSON.

        Raises:
            BadRequest: it is none, or no object.
        """
        try:
            return cls(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise BadRequest("The body must be a JSON object in UTF-8.") from error

    def __bool__(self) -> bool:
        return bool(self._content)

    def __contains__(self, name: str) -> bool:
        return name in self._content

    def text(self, name: str) -> str:
        """A text."""
        value = self._content.get(name)
        if not isinstance(value, str | None):
            raise BadRequest(f"`{name}` must be a text.")
        return value or ""

    def id(self, name: str) -> str:
        """A text or a whole number that names something."""
        value = self._content.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(name)

    def flag(self, name: str) -> bool:
        """Whether it is there and says yes."""
        return bool(self._content.get(name))

    def fields(self, name: str) -> "Fields":
        """An object in it."""
        value = self._content.get(name)
        return Fields({} if value is None else value)

    def items(self, name: str) -> "list[Fields]":
        """A list of objects."""
        value = self._content.get(name)
        if not isinstance(value, list | None):
            raise BadRequest(f"`{name}` must be a list.")
        return [Fields(each) for each in value or []]

    def rows(self, name: str) -> "list[Fields]":
        """The objects in a list of lists."""
        value = self._content.get(name)
        if not isinstance(value, list | None) or not all(isinstance(each, list) for each in value or []):
            raise BadRequest(f"`{name}` must be a list of lists.")
        return [Fields(each) for row in value or [] for each in row]


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

    def header(self, name: str) -> str:
        """A header; empty when there is none."""
        return self.headers.get(name.lower(), "")

    def json(self) -> Fields:
        """The body.

        Raises:
            BadRequest: it is no JSON object.
        """
        return Fields.of(self.body)


@dataclass(frozen=True)
class Message:
    """What a person sent.

    Attributes:
        user: the person's id in the app.
        address: where to answer.
        message_id: the app's own id for it, the same each time that it sends it.
        text: may be blank: the bot then says that it cannot read it.
        media: what came that is no text, in a word for staff.
        pressed: mark of the button that was pressed (``text`` is its title).
        edit_of: id of the message that has other words now.

    Raises:
        BadRequest: an id is missing, or no database can hold it.
    """

    user: str
    address: str
    message_id: str
    text: str = ""
    media: str = ""
    pressed: str = ""
    edit_of: str = ""

    def __post_init__(self) -> None:
        _check_ids((self.user, self.address, self.message_id))


@dataclass(frozen=True)
class Receipt:
    """How it went with a reply.

    Attributes:
        user: who it was for.
        failure: a short code; empty when it has arrived.

    Raises:
        BadRequest: as for a message.
    """

    user: str
    reply_id: int
    failure: str = ""

    def __post_init__(self) -> None:
        _check_ids((self.user,))


def is_secret(shown: str, secret: str) -> bool:
    """Whether somebody shows the secret, compared in the same time whatever they show.

    Args:
        shown: a header as Sanic gives it: bytes that are no UTF-8 are surrogates in it.
    """
    return hmac.compare_digest(shown.encode(errors="surrogatepass"), secret.encode())


def _check_ids(ids: Iterable[str]) -> None:
    for id in ids:
        if not 1 <= len(id) <= LONGEST_ID or not id.isprintable():
            raise BadRequest(f"An id has 1 to {LONGEST_ID} characters that can be printed.")
