"""The two sides: the same model behind our website, and behind Rasa's stock socketio channel."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import sqlalchemy as sa

from bot.database.engine import connect
from bot.database.migrations import upgrade
from bot.database.tables import events
from bot.launcher.processes import Processes, signal_group
from bot.launcher.programs import Program, programs
from bot.launcher.signals import StopRequest
from bot.launcher.supervise import start
from bot.launcher.training import LOGS
from bot.settings import Settings
from tests.benchmark.sides import in_folder
from tests.servers import KEY, free_port

STOCK_CREDENTIALS = "socketio:\n  user_message_evt: user_uttered\n  bot_message_evt: bot_uttered\n"


@dataclass(frozen=True)
class Servers:
    """The running processes of one side.

    Attributes:
        url: where visitors connect.
    """

    url: str
    _database: str
    _programs: list[Program]
    _processes: Processes

    def memory(self) -> dict[str, float]:
        """Resident memory in MB, by process."""
        return {name: sum(one.memory_info().rss for one in family) / 1e6 for name, family in self._families()}

    def processor_seconds(self) -> float:
        """What all processes have used so far."""
        used = (one.cpu_times() for _, family in self._families() for one in family)
        return sum(times.user + times.system for times in used)

    def stored(self) -> int:
        """Visitors' messages in the database."""
        engine = connect(self._database)
        try:
            with engine.connect() as connection:
                query = sa.select(sa.func.count()).where(events.c.type_name == "user")
                return int(connection.execute(query).scalar() or 0)
        finally:
            engine.dispose()

    def kill(self, name: str) -> None:
        """Ends one process without a warning, and starts it again as the launcher does; waits for neither."""
        child = next(child for child in self._processes.children if child.name == name)
        program = next(program for program in self._programs if program.name == name)
        signal_group(child.group, signal.SIGKILL)
        self._processes.forget(child)
        self._processes.start(program.name, program.command, **program.environment)

    def _families(self) -> Iterator[tuple[str, list[psutil.Process]]]:
        for child in self._processes.children:
            parent = psutil.Process(child.group)
            yield child.name.rpartition("-")[2], [parent, *parent.children(recursive=True)]


@contextmanager
def our_servers(project: Path, scratch: Path, model: Path) -> Iterator[Servers]:
    """Rasa and the website, started as ``make run`` starts them, while the block runs.

    Args:
        project: folder with the project's files.
        scratch: folder for the database.
    """
    variables = _variables(scratch)
    settings = Settings.read(variables)
    wanted = [_placed(one, project, variables) for one in programs(settings, model) if one.name != "actions"]
    with _running(wanted, settings) as processes:
        yield Servers(settings.website_url, settings.database_url, wanted, processes)


@contextmanager
def stock_servers(project: Path, scratch: Path, model: Path) -> Iterator[Servers]:
    """Rasa with its own socketio channel and nothing else, while the block runs; arguments as ``our_servers``."""
    variables = _variables(scratch)
    settings = Settings.read(variables)
    credentials = scratch / "credentials.yml"
    credentials.write_text(STOCK_CREDENTIALS, encoding="utf-8")
    rasa = next(one for one in programs(settings, model) if one.name == "rasa")
    command = [str(credentials) if part == "credentials.yml" else part for part in rasa.command]
    # A page of another origin: its owner has to allow it.
    stock = replace(rasa, command=(*command, "--cors", "*"), health=f"{settings.rasa_url}/webhooks/socketio/")
    wanted = [_placed(stock, project, variables)]
    with _running(wanted, settings) as processes:
        yield Servers(settings.rasa_url, settings.database_url, wanted, processes)


@contextmanager
def _running(wanted: list[Program], settings: Settings) -> Iterator[Processes]:
    upgrade(settings.database_url)
    with Processes(LOGS) as processes:
        start(wanted, processes, StopRequest())
        yield processes


def _variables(scratch: Path) -> dict[str, str]:
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        "RASA_PORT": str(free_port()),
        "WEB_PORT": str(free_port()),
        "DATABASE_URL": f"sqlite:///{scratch / 'conversations.db'}",
        "SECRET_KEY": KEY,
    }


def _placed(program: Program, project: Path, variables: dict[str, str]) -> Program:
    command = in_folder(project, variables, program.command)
    return replace(program, name=f"benchmark-channel-{program.name}", command=command)


def open_files(most: int) -> None:
    """Allows this process and its children so many open files, or as many as it may have.

    Each visitor is a socket here and one there.
    """
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
