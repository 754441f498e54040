"""What can go wrong between a visitor's browser and the website: one tree.

ChatError
    UnreadableBody    400  not JSON in UTF-8
    NotAuthorized     401  no token, or a forged or expired one
    ForeignOrigin     403  a page that may not show the widget
    MessageTooLong    413
    InvalidRequest    422  JSON, but not what is asked for
    TooMany           429  slow down; ``Retry-After`` says for how long
    Unavailable       503  Rasa or the database is down, slow or failing; sending again is safe
        NotStored     503  the bot has replied all the same: ``replies`` beside the error
"""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

# As Rasa's web channel says it.
NOT_STORED = "not_stored"
SECONDS_BEFORE_ANOTHER_TRY = 2


class ChatError(Exception):
    """An error that the browser is told about: ``status`` and a message that says what to do."""

    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the answer."""
        return {}

    @property
    def content(self) -> dict[str, Any]:
        """The answer's JSON."""
        return {"error": self.message}


class UnreadableBody(ChatError):
    """The request's body is not JSON."""

    status = 400


class NotAuthorized(ChatError):
    """The request carries no token that we issued and that is still good."""

    status = 401

    @property
    def headers(self) -> dict[str, str]:
        """Says how to authorize."""
        return {"WWW-Authenticate": "Bearer"}


class ForeignOrigin(ChatError):
    """The page is of a website that may not show the widget."""

    status = 403


class MessageTooLong(ChatError):
    """The message is longer than is read."""

    status = 413


class InvalidRequest(ChatError):
    """The JSON is not what is asked for."""

    status = 422


class TooMany(ChatError):
    """More than a visitor or an address may have.

    Args:
        seconds: after which it may be tried again.
    """

    status = 429

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds

    @property
    def headers(self) -> dict[str, str]:
        """Says how long to wait."""
        return {"Retry-After": str(self.seconds)}


class Unavailable(ChatError):
    """Rasa or the database did not answer; the same request may be sent again."""

    status = 503

    def __init__(
        self, message: str = "The assistant is not available at the moment: please try again shortly."
    ) -> None:
        super().__init__(message)

    @property
    def headers(self) -> dict[str, str]:
        """Says how long to wait."""
        return {"Retry-After": str(SECONDS_BEFORE_ANOTHER_TRY)}


class NotStored(Unavailable):
    """The message could not be stored; what the bot says to it needs no database and is for the visitor at once.

    Args:
        replies: ``text``, ``buttons`` and ``metadata`` of each.
    """

    def __init__(self, replies: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self._replies = replies

    @property
    def content(self) -> dict[str, Any]:
        """The answer's JSON: ``{"error", "code", "replies"}``."""
        return {**super().content, "code": NOT_STORED, "replies": list(self._replies)}


async def error_response(request: Request, error: Exception) -> JSONResponse:
    """The JSON that a ``ChatError`` becomes: ``{"error": message}`` at least."""
    if not isinstance(error, ChatError):
        raise error
    return JSONResponse(error.content, error.status, headers=error.headers)
