"""Admins' page about who did what."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.console.context import Console
from bot.console.reading import LARGEST_ID, words
from bot.privacy import audit_log

PAGE_LENGTH = 50


def routes(console: Console) -> list[BaseRoute]:
    """``/audit``."""

    def show(request: Request) -> Response:
        console.admin(request)
        query = {name: words(request, name) or "" for name in ("conversation", "handoff", "staff")}
        wanted = audit_log.Wanted(
            query["conversation"] or None,
            _number(query["handoff"]),
            query["staff"] or None,
            _number(request.query_params.get("before", "")),
        )
        events = audit_log.events(console.store, wanted, PAGE_LENGTH + 1)
        older = None
        if len(events) > PAGE_LENGTH:
            older = urlencode({**query, "before": str(events[PAGE_LENGTH - 1].id)})
        shown: dict[str, Any] = {"events": events[:PAGE_LENGTH], "query": query, "older": older}
        return console.render(request, "console/audit.html", **shown)

    return [Route("/audit", show)]


def _number(text: str) -> int | None:
    if not text:
        return None
    # What is no number is no handoff's either.
    return min(int(text[:11]), LARGEST_ID) if text.isascii() and text.isdecimal() else -1
