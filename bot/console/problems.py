"""What the console answers when something goes wrong: a page for a person, JSON for a script on a page."""

import logging
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.console.context import Console
from bot.console.middleware import READING, is_page
from bot.domain import errors
from bot.domain.errors import HandoffError, StoreUnavailable, TooManyAttempts

STATUSES: dict[type[HandoffError], int] = {
    errors.NotFound: 404,
    errors.IllegalMove: 409,
    errors.NotAllowed: 403,
    errors.Invalid: 422,
    errors.TooManyAttempts: 429,
    errors.StoreUnavailable: 503,
}
TITLES = {
    403: "Not allowed",
    404: "Not found",
    409: "This has changed in the meantime",
    422: "This cannot be used",
    429: "Please wait",
    503: "Not available at the moment",
}

# A page that could not be read tries by itself.
SECONDS_UNTIL_NEXT_TRY = 5

logger = logging.getLogger(__name__)

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


def status_of(error: HandoffError) -> int:
    """The HTTP status that tells of it."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 500)


def handlers(console: Console) -> dict[type[Exception], ErrorHandler]:
    """For Starlette's ``exception_handlers``."""

    def answer(request: Request, status: int, message: str, headers: dict[str, str] | None = None) -> Response:
        if not request.url.path.startswith("/console") or not is_page(request):
            return JSONResponse({"error": message}, status, headers=headers)
        heading = TITLES.get(status, "Something went wrong")
        page = console.render(request, "console/problem.html", status, heading=heading, message=message)
        page.headers.update(headers or {})
        return page

    async def handoff_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, HandoffError):
            raise error
        message = error.message
        if isinstance(error, StoreUnavailable):
            return answer(request, status_of(error), *_without_database(request))
        headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooManyAttempts) else None
        return answer(request, status_of(error), message, headers)

    async def http_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        message = "There is no such page." if error.status_code == 404 else error.detail
        if request.url.path.startswith("/console"):
            return answer(request, error.status_code, message, dict(error.headers or {}))
        return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)

    return {HandoffError: handoff_error, HTTPException: http_error}


def _without_database(request: Request) -> tuple[str, dict[str, str]]:
    """The message and the headers."""
    logger.error("The database does not answer.")
    again = str(SECONDS_UNTIL_NEXT_TRY)
    if request.method in READING:
        message = f"The database does not answer. This page tries again by itself, every {again} seconds."
        return message, {"Retry-After": again, "Refresh": again}
    # What was handed over may be written when the database wakes up.
    message = "The database does not answer. Please look whether it was done before you do it again."
    return message, {"Retry-After": again}
