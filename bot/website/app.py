"""The website's application: the visitors' side, the staff console and the health check."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timezone
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.accounts.passwords import Passwords
from bot.console.context import Console
from bot.console.flash import Flashes
from bot.console.pages import STATIC, templates
from bot.console.problems import handlers
from bot.console.routes import console_routes
from bot.console.sessions import Sessions
from bot.conversation.live_updates import LiveUpdates
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.guide.routes import guide_routes
from bot.settings import Settings
from bot.website import jobs
from bot.website.health import OK, Health
from bot.website.security_headers import SecurityHeaders
from bot.widget.rasa import Rasa, http_client
from bot.widget.routes import visitor_routes


def utc_now() -> datetime:
    """The time."""
    return datetime.now(timezone.utc)


def create_app(
    settings: Settings,
    rasa_client: httpx.AsyncClient | None = None,
    store: Store | None = None,
    clock: Callable[[], datetime] = utc_now,
    passwords: Passwords | None = None,
) -> Starlette:
    """The website, ready to be served.

    Args:
        rasa_client: talks to the Rasa server; closed with the application.
        store: of the one database, with its tables; the settings' unless told.
        clock: the time, UTC.
        passwords: how passwords are hashed.

    Raises:
        SettingsError: when there is no key to sign with.
        ContentError: when a page of the guide cannot be read.
    """
    client = rasa_client or http_client(settings.rasa_workers)
    store = store or Store.open(settings.database_url)
    database = AsyncStore(store)
    live = LiveUpdates(database, clock)
    rasa = Rasa(client, settings.rasa_urls, settings.internal_key())
    health = Health(database, rasa, clock)
    console = _console(settings, database, live, clock, passwords or Passwords())

    async def healthz(request: Request) -> Response:
        status = await health.status()
        return JSONResponse({"status": status}, 200 if status == OK else 503)

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(store.engine.dispose)
            await stack.enter_async_context(client)
            await stack.enter_async_context(_running(live.run()))
            await stack.enter_async_context(_running(jobs.run(store, settings, clock)))
            yield

    app = Starlette(
        routes=[
            # visitors
            *visitor_routes(settings, database, live, rasa, clock),
            *guide_routes(),
            # staff
            console_routes(console),
            Route("/healthz", healthz),
            Route("/livez", alive),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(SecurityHeaders, https=settings.uses_https)],
        exception_handlers=handlers(console),
        lifespan=lifespan,
    )
    # The server ends the streams when it stops (bot/website/server.py).
    app.state.live = live
    return app


def _console(
    settings: Settings, database: AsyncStore, live: LiveUpdates, clock: Callable[[], datetime], passwords: Passwords
) -> Console:
    key = settings.signing_key()
    sessions = Sessions(key, secure=settings.uses_https)
    return Console(database, settings, live, clock, templates(), sessions, Flashes(key), passwords)


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
