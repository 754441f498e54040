"""Connections that do not come to the point, on real sockets."""

import asyncio
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.database.migrations import upgrade
from bot.website.connections import impatient_protocol
from tests.servers import free_port, serving

ROOT = Path(__file__).parents[2]
# Nothing waits so long: it is where a test fails instead of standing still.
SECONDS = 60
DESCRIPTORS = 200
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


APP = Starlette(routes=[Route("/", echo, methods=["POST"])])


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def is_closed(connection: socket.socket) -> bool:
    """Waits until the server ends the connection."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.fixture
def port() -> Iterator[int]:
    with serving(APP, http=impatient_protocol(10, seconds_for_head=0.2, seconds_for_body=0.2)) as port:
        yield port


@pytest.mark.parametrize("sent", [b"", b"POST / HT", HEAD, HEAD + b"\r\n", HEAD + b"\r\n12345"])
def test_a_request_that_does_not_end_is_ended(port: int, sent: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(sent)
        assert is_closed(connection)


def test_on_a_connection_that_is_kept_the_next_request_has_to_end_too(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(HEAD + b"\r\n1234567890")
        answer = b""
        while not answer.endswith(b"1234567890"):
            answer += connection.recv(1000)
        connection.sendall(b"POST / HT")
        assert is_closed(connection)


def test_an_answer_may_take_longer_than_a_request() -> None:
    async def think(request: Request) -> Response:
        await request.body()
        await asyncio.sleep(0.5)
        return PlainTextResponse("there")

    app = Starlette(routes=[Route("/", think, methods=["POST"])])
    with serving(app, http=impatient_protocol(10, seconds_for_head=0.1, seconds_for_body=0.1)) as port:
        assert httpx.post(f"http://127.0.0.1:{port}/", content=b"hello", trust_env=False).text == "there"


def test_of_too_many_requests_that_do_not_end_the_oldest_goes() -> None:
    protocol = impatient_protocol(2, seconds_for_head=SECONDS, seconds_for_body=SECONDS)
    with serving(APP, http=protocol) as port, ExitStack() as stack:
        oldest, *others = [stack.enter_context(connected(port)) for _ in range(3)]
        assert is_closed(oldest)
        for connection in others:
            connection.sendall(HEAD + b"\r\n1234567890")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_half_open_requests_beyond_the_descriptors_of_the_process_do_not_take_the_website_down(tmp_path: Path) -> None:
    port = free_port()
    upgrade(f"sqlite:///{tmp_path}/assistant.db")
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.website"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "WEB_PORT": str(port), "RASA_PORT": str(free_port())},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS // 2, DESCRIPTORS)),
    )
    with process, ExitStack() as stack:
        try:
            assert process.stderr is not None
            assert any("Uvicorn running" in line for line in process.stderr)
            for _ in range(DESCRIPTORS + 50):
                stack.enter_context(connected(port)).sendall(b"GET / HTTP/1.1\r\n")
            answer = httpx.post(f"http://127.0.0.1:{port}/chat/session", trust_env=False, timeout=SECONDS)
            assert answer.status_code == 200
            # As many as the system allows it, not as many as it was started with.
            limits = Path(f"/proc/{process.pid}/limits").read_text()
            assert f"Max open files            {DESCRIPTORS} " in limits
        finally:
            process.terminate()
        assert "Traceback" not in process.stderr.read()
