"""Which websites may talk to the chat: the website itself and those in the settings (CORS, and more than CORS).

A browser would only hide the answer from a foreign page; here the request does nothing either.
"""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.widget.errors import ForeignOrigin

ANY = "*"
SECONDS_TO_REMEMBER = "600"
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": SECONDS_TO_REMEMBER,
}


class AllowedOrigins:
    """ASGI middleware: lets in allowed origins, and requests that come from no page at all.

    Args:
        origins: such as ``https://example.org``; ``*`` for any.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("Origin")
        if origin is None:
            await self._app(scope, receive, send)
        elif not self._allows(origin, headers.get("Host", "")):
            refusal = ForeignOrigin("This website may not use the chat: add it to ALLOWED_ORIGINS.")
            await JSONResponse({"error": refusal.message}, refusal.status)(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await Response(status_code=204, headers={**PREFLIGHT, **_for(origin)})(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send, _for(origin)))

    def _allows(self, origin: str, host: str) -> bool:
        # The website's own pages, by whatever name this machine was reached.
        own = origin in (f"http://{host}", f"https://{host}")
        return own or origin in self._origins or ANY in self._origins


def _for(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Origin",
    }


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return send_with_headers
