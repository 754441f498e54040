"""The headers that every response of the website carries."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONSOLE = "/console"


def _policy(form_action: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            f"form-action {form_action}",
            "frame-ancestors 'none'",
        ]
    )


CONTENT_SECURITY_POLICY = _policy("'none'")
# The console's pages have forms.
CONSOLE_SECURITY_POLICY = _policy("'self'")
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Where people come by https: a browser that was here once never comes by http again, for half a year.
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=15768000"}


class SecurityHeaders:
    """ASGI middleware that adds ``HEADERS`` and keeps everything but static files out of caches.

    A header that a response has set itself stays.

    Args:
        https: whether people reach the website by https (the settings' public address).
    """

    def __init__(self, app: ASGIApp, https: bool = False) -> None:
        self._app = app
        self._always = {**HEADERS, **(HTTPS_ONLY if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**self._always, **_headers(scope["path"])}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _headers(path: str) -> dict[str, str]:
    policy = CONSOLE_SECURITY_POLICY if path.startswith(CONSOLE) else CONTENT_SECURITY_POLICY
    cache = "no-cache" if path.startswith("/static/") else "no-store"
    return {"Content-Security-Policy": policy, "Cache-Control": cache}
