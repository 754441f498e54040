"""Real local servers for tests: any ASGI application on a free port."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from bot.website.server import Server

KEY = "0123456789abcdef0123456789abcdef"


@contextmanager
def serving(app: ASGIApp, port: int = 0, http: type[asyncio.Protocol] | None = None) -> Iterator[int]:
    """Serves ``app`` on loopback while the block runs; yields the port (a free one for 0).

    Args:
        http: the protocol, uvicorn's own unless told.
    """
    listener = socket.create_server(("127.0.0.1", port))
    options: dict[str, Any] = {"http": http} if http else {}
    server = Server(
        uvicorn.Config(app, log_config=None, ws="none", access_log=False, timeout_graceful_shutdown=1, **options)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
