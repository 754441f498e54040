"""All pages of the console behind its door, below /console."""

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

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


def console_routes(console: Console) -> BaseRoute:
    """The console, mounted."""
    door = Middleware(AuthenticationMiddleware, store=console.store, sessions=console.sessions, clock=console.clock)
    return Mount("/console", routes=[route for pages in PAGES for route in pages.routes(console)], middleware=[door])
