"""What rasa_sdk's server lacks: a key, a refusal of web pages, and errors that repeat nobody's words.

It is a plugin of rasa_sdk's, which imports all of this package before it asks its plugins.
"""

import asyncio
import hmac
import logging
import sys
from typing import Any

import pluggy
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from actions.dependencies import dependencies
from bot.settings import Settings

HEALTH = "/health"
logger = logging.getLogger(__name__)
hookimpl = pluggy.HookimplMarker("rasa_sdk")


@hookimpl
def attach_sanic_app_extensions(app: Sanic) -> None:
    """Rasa's own calls are answered, and no others."""
    key = Settings.read().actions_key()

    async def refuse(request: Request) -> HTTPResponse | None:
        reason = None if request.path == HEALTH else _refusal(request, key)
        return json_response({"error": reason}, 403) if reason else None

    app.register_middleware(refuse, "request")
    app.register_listener(_load, "before_server_start")
    # rasa_sdk's own answers with the whole request, and Rasa writes what was answered into its log.
    app.error_handler.add(Exception, _explain)


def _refusal(request: Request, key: str) -> str | None:
    """Why a request is not answered; None for Rasa's."""
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {key}".encode()):
        return "Only Rasa may call this."
    # A browser sends these with whatever a web page asks for; Rasa never does.
    if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
        return "Web pages may not call this."
    if request.method == "POST" and not request.content_type.startswith("application/json"):
        return "The body must be JSON."
    return None


async def _load(*_: Any) -> None:
    """spaCy and the rest, before the first visitor waits for it."""

    await asyncio.to_thread(dependencies)


def _explain(_: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, SanicException):
        return json_response({"error": type(error).__name__}, error.status_code)
    logger.error("An action failed: %s", type(error).__name__, exc_info=error)
    return json_response({"error": type(error).__name__}, 500)


plugin_manager().register(sys.modules[__name__])
