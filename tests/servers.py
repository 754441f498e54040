"""Real local servers for tests: any ASGI application, and a stand-in for the Rasa server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.settings import Settings

KEY = "0123456789abcdef0123456789abcdef"


@contextmanager
def serving(app: ASGIApp, port: int = 0) -> Iterator[int]:
    """Serves ``app`` on loopback while the block runs; yields the port (a free one for 0)."""
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, ws="none", access_log=False, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def website_settings(rasa_port: int) -> Settings:
    """Settings of a website that finds Rasa at ``rasa_port``."""
    return Settings.read({"RASA_PORT": str(rasa_port), "SECRET_KEY": KEY, "DATABASE_URL": "sqlite://"})


class FakeRasa:
    """Answers like Rasa's REST channel.

    Attributes:
        replies: the list that is answered, by message; an unknown message is echoed.
        received: the requests' JSON, in order.
        status: HTTP status of the answers.
        silent: when set, a message is never answered.
    """

    def __init__(self) -> None:
        self.forget()
        self.app = Starlette(
            routes=[
                Route("/", lambda request: PlainTextResponse("Hello from Rasa: 3.6.21")),
                Route("/webhooks/rest/webhook", self._webhook, methods=["POST"]),
            ]
        )

    def forget(self) -> None:
        """Makes it as new."""
        self.replies: dict[str, Any] = {}
        self.received: list[dict[str, str]] = []
        self.status = 200
        self.silent = False

    async def _webhook(self, request: Request) -> Response:
        message = await request.json()
        self.received.append(message)
        if self.silent:
            await _until_the_client_leaves(request)
        echo = [{"recipient_id": message["sender"], "text": f"You said: {message['message']}"}]
        return JSONResponse(self.replies.get(message["message"], echo), self.status)


async def _until_the_client_leaves(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
