"""The real assistant for tests and measurements: the trained model in a Rasa server of its own, over HTTP."""

import json
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.database.migrations import upgrade
from bot.launcher.processes import Processes
from bot.launcher.programs import programs
from bot.launcher.signals import StopRequest
from bot.launcher.supervise import start
from bot.launcher.training import ensure_model
from bot.settings import Settings

Reply = dict[str, Any]


class Conversation:
    """One visitor's conversation over the REST channel."""

    def __init__(self, url: str) -> None:
        self.sender = uuid4().hex
        self._url = url

    def say(self, text: str) -> Reply:
        """Sends a message; the bot's one reply (``text``, ``buttons``, ``metadata``)."""
        (reply,) = self.replies(text)
        return reply

    def replies(self, text: str) -> list[Reply]:
        """Sends a message; all replies."""
        status, body = post(self._url, json.dumps({"sender": self.sender, "message": text}).encode())
        assert status == 200, (status, body)
        return list(body)


def post(url: str, body: bytes) -> tuple[int, Any]:
    """Posts to the REST webhook: HTTP status and decoded JSON."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@contextmanager
def running_rasa(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """A Rasa server with the current model and its action server while the block runs; yields the webhook's URL.

    Args:
        folder: for its database and log.
        environment: settings besides port and database.
    """
    given = {
        "RASA_PORT": str(_free_port()),
        "ACTIONS_PORT": str(_free_port()),
        "DATABASE_URL": f"sqlite:///{folder}/assistant.db",
        **(environment or {}),
    }
    with Processes(folder) as processes:
        stop = StopRequest()
        model = ensure_model(processes, stop)
        settings = Settings.read(given)
        upgrade(settings.database_url)
        table = {program.name: program for program in programs(settings, model)}
        _start_with(given, lambda: start([table["actions"], table["rasa"]], processes, stop))
        yield table["rasa"].addresses["REST channel"]


def _start_with(given: Mapping[str, str], run: Any) -> None:
    before = dict(os.environ)
    os.environ.update(given)
    try:
        run()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
