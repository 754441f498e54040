"""Puts the visitor's side of the website together."""

from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount

from bot.conversation.live_updates import LiveUpdates
from bot.database.async_store import AsyncStore
from bot.domain.errors import HandoffError, StoreUnavailable
from bot.settings import Settings
from bot.widget.chat import Chat
from bot.widget.errors import ChatError, InvalidRequest, Unavailable, error_response
from bot.widget.files import file_routes, read_languages
from bot.widget.origins import AllowedOrigins
from bot.widget.rasa import Rasa
from bot.widget.rate_limits import RateLimiter, RateLimits
from bot.widget.tokens import VisitorTokens

# A message may be this many times longer than the bot reads: the bot says so itself, and kindly.
ROOM_ABOVE_LIMIT = 4


def visitor_routes(
    settings: Settings,
    database: AsyncStore,
    live: LiveUpdates,
    rasa: Rasa,
    clock: Callable[[], datetime],
    bounds: RateLimits | None = None,
) -> list[BaseRoute]:
    """The demo page, the widget's files and the chat's API.

    Args:
        live: tells when a conversation changes; the application runs it.
        clock: the time, UTC.

    Raises:
        SettingsError: when there is no key to sign tokens with.
    """
    languages = read_languages()
    tokens = VisitorTokens(settings.signing_key(), clock)
    limits = RateLimiter(database.store, bounds or RateLimits(), clock)
    longest = settings.max_message_length * ROOM_ABOVE_LIMIT
    chat = Chat(database, live, rasa, tokens, limits, longest, languages, clock)
    api = Starlette(
        routes=chat.routes(),
        middleware=[Middleware(AllowedOrigins, origins=settings.allowed_origins)],
        exception_handlers={ChatError: error_response, HandoffError: _handoff_error, HTTPException: _http_error},
    )
    return [Mount("/chat", app=api), *file_routes(languages)]


async def _handoff_error(request: Request, error: Exception) -> Response:
    if isinstance(error, StoreUnavailable):
        return await error_response(request, Unavailable())
    if isinstance(error, HandoffError):
        return await error_response(request, InvalidRequest(error.message))
    raise error


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)
