"""What a visitor's browser sends, checked once, at the edge."""

import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from bot.widget.errors import InvalidRequest, MessageTooLong, NotAuthorized, UnreadableBody

LANGUAGE = re.compile(r"(?:[a-z]{2,3})?")
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
# A character outside the basic plane, escaped: \ud83d\ude42.
BYTES_PER_CHARACTER = 12
BYTES_AROUND = 1000
SMALL_BODY = 16_000
LONGEST_COMMENT = 1000
LARGEST_ID = 2**31 - 1
MOST_REPLIES = 200


@dataclass(frozen=True)
class VisitorMessage:
    """A message of a visitor.

    Attributes:
        id: the browser's; the same message sent again has the same.
        after: the newest line that the page has.
        language: of the page, in two or three letters; empty when it does not say.
    """

    id: str
    text: str
    after: int
    language: str = ""

    @classmethod
    async def read(cls, request: Request, longest: int) -> "VisitorMessage":
        """Reads ``{"id": ..., "text": ..., "after": ..., "language": ...}``; unknown fields are ignored.

        Args:
            longest: the most characters that ``text`` may have.

        Raises:
            UnreadableBody: not JSON in UTF-8.
            InvalidRequest: no such message.
            MessageTooLong: more than ``longest`` characters.
        """
        fields = await _fields(request, longest * BYTES_PER_CHARACTER + BYTES_AROUND)
        id, text = fields.get("id"), fields.get("text")
        if not isinstance(text, str) or not text.strip() or not _encodable(text):
            raise InvalidRequest('"text" must be a text that is not empty.')
        if not isinstance(id, str) or not MESSAGE_ID.fullmatch(id):
            raise InvalidRequest('"id" must have 8 to 64 letters, digits, "-" or "_", new for each message.')
        if len(text) > longest:
            raise MessageTooLong(f"The message must have at most {longest} characters.")
        language = fields.get("language") or ""
        if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
            raise InvalidRequest('"language" must be a code of two or three letters, such as "es".')
        return cls(id, text, _whole_number(fields, "after", 0), language)


@dataclass(frozen=True)
class ShownReplies:
    """Replies that the page shows."""

    replies: list[int]

    @classmethod
    async def read(cls, request: Request) -> "ShownReplies":
        """Reads ``{"replies": [ids]}``.

        Raises:
            UnreadableBody, InvalidRequest, MessageTooLong: as ``VisitorMessage.read``.
        """
        replies = (await _fields(request, SMALL_BODY)).get("replies")
        if not isinstance(replies, list) or len(replies) > MOST_REPLIES or not all(map(_is_id, replies)):
            raise InvalidRequest(f'"replies" must be a list of at most {MOST_REPLIES} ids.')
        return cls(replies)


@dataclass(frozen=True)
class Opinion:
    """Thumbs up or down on a line."""

    line: int
    helpful: bool
    comment: str | None

    @classmethod
    async def read(cls, request: Request) -> "Opinion":
        """Reads ``{"event": id, "helpful": true, "comment": ...}``.

        Raises:
            UnreadableBody, InvalidRequest, MessageTooLong: as ``VisitorMessage.read``.
        """
        fields = await _fields(request, SMALL_BODY)
        helpful, comment = fields.get("helpful"), fields.get("comment") or None
        if not isinstance(helpful, bool):
            raise InvalidRequest('"helpful" must be true or false.')
        if comment is not None and (not isinstance(comment, str) or not _encodable(comment)):
            raise InvalidRequest('"comment" must be a text.')
        if comment is not None and len(comment) > LONGEST_COMMENT:
            raise MessageTooLong(f"The comment must have at most {LONGEST_COMMENT} characters.")
        return cls(_whole_number(fields, "event"), helpful, comment)


def bearer_token(request: Request) -> str:
    """The token in the request's ``Authorization`` header.

    Raises:
        NotAuthorized: there is none.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthorized("Send the token from /chat/session: `Authorization: Bearer <token>`.")
    return token.strip()


def newest_seen(request: Request) -> int:
    """The query's ``after``: the newest line that the page has; 0 for none.

    Raises:
        InvalidRequest: not a whole number.
    """
    text = request.query_params.get("after", "0")
    if not text.isascii() or not text.isdecimal() or int(text) > LARGEST_ID:
        raise InvalidRequest('"after" must be the id of a line.')
    return int(text)


async def _fields(request: Request, limit: int) -> dict[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise MessageTooLong(f"The request must have at most {limit} bytes.")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableBody("The body must be JSON in UTF-8.") from error
    if not isinstance(content, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return content


def _whole_number(fields: dict[str, Any], name: str, default: int | None = None) -> int:
    value = fields.get(name, default)
    if isinstance(value, int) and (value == 0 or _is_id(value)):
        return int(value)
    raise InvalidRequest(f'"{name}" must be the id of a line.')


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def _encodable(text: str) -> bool:
    # JSON can hold half of a surrogate pair, which no encoding can carry on.
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
