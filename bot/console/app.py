"""The website's application: the chat page, the chat's endpoints and the health check."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from bot.console import rasa as rasa_server
from bot.console.chat import Chat
from bot.console.errors import ChatError, chat_error_response
from bot.console.rasa import Rasa
from bot.console.security import SecurityHeaders
from bot.console.tokens import SessionTokens
from bot.settings import Settings

HERE = Path(__file__).parent
# A message may be this many times longer than the bot reads: the bot says so itself, and kindly.
ROOM_ABOVE_LIMIT = 4


def create_app(settings: Settings, http_client: httpx.AsyncClient | None = None) -> Starlette:
    """The website, ready to be served.

    Args:
        http_client: talks to the Rasa server; closed with the application.

    Raises:
        SettingsError: when there is no key to sign tokens with.
    """
    client = http_client or rasa_server.http_client()
    rasa = Rasa(client, settings.rasa_url)
    tokens = SessionTokens(settings.signing_key())
    chat = Chat(tokens, rasa, settings.max_message_length * ROOM_ABOVE_LIMIT)
    pages = Jinja2Templates(HERE / "templates")

    async def chat_page(request: Request) -> Response:
        return pages.TemplateResponse(request, "chat.html")

    async def health(request: Request) -> Response:
        if await rasa.reachable():
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "rasa unreachable"}, 503)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    return Starlette(
        routes=[
            Route("/", chat_page),
            Route("/healthz", health),
            Mount("/chat", routes=chat.routes()),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={ChatError: chat_error_response, HTTPException: _http_error},
        lifespan=lifespan,
    )


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)
