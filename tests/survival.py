"""The whole product for tests that kill it: each process on a free port, all of them on one database."""

import json
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import psutil
import sqlalchemy as sa

from bot.database import tables
from bot.database.unit_of_work import Store
from bot.launcher.processes import Child, Processes, signal_group
from bot.launcher.programs import Program, programs
from bot.launcher.signals import StopRequest
from bot.launcher.training import ensure_model
from bot.launcher.web import ask
from bot.settings import Settings
from tests.servers import KEY, free_port

# Generous, for a slow machine: every wait ends as soon as its condition holds.
PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.1

Found = TypeVar("Found")


def until(look: Callable[[], Found]) -> Found:
    """What ``look`` finds once it finds something; fails when it does not for long."""
    pause, given_up = threading.Event(), threading.Event()
    guard = threading.Timer(PATIENCE_SECONDS, given_up.set)
    guard.start()
    try:
        while not (found := look()):
            assert not given_up.is_set(), "waited in vain"
            pause.wait(LOOK_SECONDS)
    finally:
        guard.cancel()
    return found


class Product:
    """The processes of the product, and what a visitor's browser and the website ask of them.

    Args:
        processes: starts them.
        database_url: of the one database.
        model: that Rasa loads.
        workers: names of the Rasa processes.
        environment: further settings.

    Attributes:
        settings: of the first worker and of all others.
        store: of the one database.
    """

    def __init__(
        self,
        processes: Processes,
        database_url: str,
        model: Path,
        workers: tuple[str, ...],
        environment: Mapping[str, str],
    ) -> None:
        ports = {name: str(free_port()) for name in ("ACTIONS_PORT", "WEB_PORT")}
        given = {**ports, "SECRET_KEY": KEY, "DATABASE_URL": database_url, **environment}
        self._processes = processes
        self._programs: dict[str, Program] = {}
        self._children: dict[str, Child] = {}
        for worker in reversed(workers):
            variables = {**given, "RASA_PORT": str(free_port())}
            self.settings = Settings.read(variables)
            for program in programs(self.settings, model):
                name = worker if program.name == "rasa" else program.name
                self._programs[name] = replace(program, environment={**program.environment, **variables})
        self.store = Store.open(database_url)

    def launch(self, *names: str) -> None:
        """Starts processes and does not wait for them."""
        for name in names:
            program = self._programs[name]
            self._children[name] = self._processes.start(name, program.command, **program.environment)

    def start(self, *names: str) -> None:
        """Starts processes, and waits until each is healthy."""
        self.launch(*names)
        for name in names:
            until(partial(self._is_healthy, name))

    def _is_healthy(self, name: str) -> bool:
        return self.health(name) == 200

    def health(self, name: str) -> int | None:
        """HTTP status of a process's health; None while nothing answers."""
        child = self._children[name]
        assert child.exit_code is None, f"{name} ended by itself: {child.output()[-5:]}"
        return ask(self._programs[name].health)[0]

    def pid(self, name: str) -> int:
        """Of a process that runs."""
        return self._children[name].group

    def kill(self, name: str) -> None:
        """``kill -9``."""
        self._processes.forget(self._children.pop(name))

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """The process stands still during the block: it takes connections, and answers none."""
        signal_group(self._children[name].group, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_group(self._children[name].group, signal.SIGCONT)

    def waits_for_actions(self, worker: str) -> bool:
        """Whether a worker is in the middle of a turn: it has asked the action server and has no answer yet."""
        connections = psutil.Process(self._children[worker].group).net_connections("tcp")
        return any(each.raddr and each.raddr.port == self.settings.actions_port for each in connections)

    def post(self, channel: str, content: dict[str, Any], worker: str = "rasa") -> httpx.Response | None:
        """Posts to a channel of Rasa; None when the connection breaks."""
        port = self._programs[worker].port.number
        headers = {"Authorization": f"Bearer {self.settings.internal_key()}"}
        url = f"http://127.0.0.1:{port}/webhooks/{channel}/webhook"
        try:
            return httpx.post(url, json=content, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS)
        except httpx.TransportError:
            return None

    def send(self, conversation: str, text: str, message_id: str | None = None, worker: str = "rasa") -> int | None:
        """A message through the web channel, as the website sends it; HTTP status, None when the connection breaks."""
        content = {"sender": conversation, "message": text, "message_id": message_id or uuid4().hex}
        response = self.post("web", content, worker)
        return response.status_code if response else None


@contextmanager
def a_product(
    folder: Path,
    database_url: str,
    workers: tuple[str, ...] = ("rasa",),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Product]:
    """A product of which nothing runs yet; what runs at the end of the block is stopped.

    Args:
        folder: for its logs.
        database_url: of a database with all tables.
        environment: further settings.
    """
    with Processes(folder) as processes:
        # A copy: whoever trains meanwhile may clear the old models away, and Rasa is started several times.
        model = shutil.copy(ensure_model(processes, StopRequest()), folder)
        product = Product(processes, database_url, Path(model), workers, environment)
        yield product
    product.store.engine.dispose()


def said(store: Store, conversation: str) -> list[str]:
    """The transcript in short: what the visitor and staff said, and the names of the bot's responses."""
    events = tables.events.c
    query = sa.select(events.data).where(events.sender_id == conversation, events.type_name.in_(("user", "bot")))
    with store.reading() as work:
        rows = work.execute(query.order_by(events.id)).scalars().all()
    return [_in_short(json.loads(row)) for row in rows]


def _in_short(event: dict[str, Any]) -> str:
    about = event.get("metadata") or {}
    if event["event"] == "user" or (about.get("metadata") or {}).get("kind") == "staff":
        return str(event["text"])
    return str(about["utter_action"])
