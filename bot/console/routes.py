"""All pages of the console behind its middleware, below /console."""

from collections.abc import Callable
from datetime import timedelta
from inspect import iscoroutinefunction

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from bot.console import (
    audit_pages,
    auth,
    canned_pages,
    conversation_pages,
    privacy_pages,
    queue_pages,
    staff_pages,
    statistics_pages,
)
from bot.console.context import Console
from bot.console.middleware import AuthenticationMiddleware

PAGES = (
    auth,
    queue_pages,
    conversation_pages,
    statistics_pages,
    canned_pages,
    staff_pages,
    privacy_pages,
    audit_pages,
)


# A search of everything may take this long. That the database answers at all is known by then: who is signed in has
# just been asked of it.
SECONDS_FOR_A_PAGE = 8

Page = Callable[[Request], Response]


def console_routes(console: Console) -> BaseRoute:
    """The console, mounted."""
    middleware = Middleware(
        AuthenticationMiddleware,
        database=console.database,
        sessions=console.sessions,
        idle=timedelta(minutes=console.settings.session_idle_minutes),
        clock=console.clock,
    )
    routes = [_with_limit(console, route) for pages in PAGES for route in pages.routes(console)]
    return Mount("/console", routes=routes, middleware=[middleware])


def _with_limit(console: Console, route: BaseRoute) -> BaseRoute:
    """A page that asks the database does so in one of its threads, and not for ever."""
    if not isinstance(route, Route) or iscoroutinefunction(route.endpoint):
        return route
    page: Page = route.endpoint

    async def limited(request: Request) -> Response:
        return await console.database.run(page, request, patience=SECONDS_FOR_A_PAGE)

    return Route(route.path, limited, methods=list(route.methods or ()))
