"""Reads what a browser sends into typed values, within bounds.

What a page looks for is in the query; where it may be a name, in a form: browsers and proxies keep addresses.
"""

from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import TypeVar

from starlette.requests import Request

from bot.domain.errors import Invalid, NotFound

LARGEST_ID = 2**31 - 1
LONGEST_WORDS = 200
LONGEST_REQUEST_ID = 100

Choice = TypeVar("Choice", bound=Enum)


def id_of(request: Request) -> int:
    """The id in a path.

    Raises:
        NotFound: no table holds one so large.
    """
    id: int = request.path_params["id"]
    if id > LARGEST_ID:
        raise NotFound("There is no such page.")
    return id


def whole(text: str) -> int:
    """A number from 0 that a form sent.

    Raises:
        Invalid: it is none.
    """
    if not (text.isascii() and text.isdecimal()) or int(text[:11]) > LARGEST_ID:
        raise Invalid("That is not a number: load the page again.")
    return int(text)


def page_number(request: Request, name: str = "page") -> int:
    """``page``; 1 when it is missing or makes no sense."""
    text = _given(request, name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 1


def choice(request: Request, name: str, kind: type[Choice]) -> Choice | None:
    """One of an enumeration; None when it is missing or unknown."""
    try:
        return kind(_given(request, name))
    except ValueError:
        return None


def words(request: Request, name: str) -> str | None:
    """Some words; None when there are none."""
    return clean(_given(request, name))[:LONGEST_WORDS].strip() or None


def day(request: Request, name: str, days_later: int = 0) -> datetime | None:
    """The beginning (UTC) of a day ``2026-11-22``; None when it is missing or no day."""
    try:
        begin = datetime.strptime(_given(request, name), "%Y-%m-%d").replace(tzinfo=timezone.utc)
        return begin + timedelta(days=days_later)
    except (ValueError, OverflowError):
        return None


def clean(text: str) -> str:
    """Text as it is kept: lines end the same way from every browser, and there is no NUL, which PostgreSQL refuses."""
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def request_id(text: str) -> str:
    """The browser's own id for a request.

    Raises:
        Invalid: there is none, or it is too long.
    """
    text = clean(text)
    if not text or len(text) > LONGEST_REQUEST_ID:
        raise Invalid("The reply has no number of its own: load the page again.")
    return text


def _given(request: Request, name: str) -> str:
    fields = request.query_params if request.method == "GET" else request.state.form
    return str(fields.get(name, ""))
