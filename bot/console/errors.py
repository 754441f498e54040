"""What can go wrong between a visitor's browser and the bot: one tree.

ChatError
    UnreadableBody    400  not JSON in UTF-8
    NotAuthorized     401  no token, or a forged or expired one
    MessageTooLong    413
    InvalidMessage    422  JSON, but not a message
    BotUnavailable    503  Rasa is down, slow or failing
"""

from starlette.requests import Request
from starlette.responses import JSONResponse


class ChatError(Exception):
    """An error that the browser is told about: ``status`` and a message that says what to do."""

    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnreadableBody(ChatError):
    """The request's body is not JSON."""

    status = 400


class NotAuthorized(ChatError):
    """The request carries no token that we issued and that is still good."""

    status = 401


class MessageTooLong(ChatError):
    """The message is longer than is read."""

    status = 413


class InvalidMessage(ChatError):
    """The JSON is not a message."""

    status = 422


class BotUnavailable(ChatError):
    """Rasa did not answer; the message may be sent again."""

    status = 503


async def chat_error_response(request: Request, error: Exception) -> JSONResponse:
    """The JSON that a ``ChatError`` becomes: ``{"error": message}``."""
    if not isinstance(error, ChatError):
        raise error
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotAuthorized) else None
    return JSONResponse({"error": error.message}, error.status, headers=headers)
