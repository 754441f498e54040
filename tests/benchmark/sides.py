"""The two sides: how each is trained and started, in the same way."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from bot.database.migrations import upgrade
from bot.launcher.blas import blas_environment
from bot.launcher.logs import most_telling
from bot.launcher.processes import POLL_SECONDS, Processes
from bot.launcher.programs import Program, programs
from bot.launcher.progress import Progress
from bot.launcher.signals import StopRequest
from bot.launcher.supervise import start
from bot.launcher.training import LOGS, train_command
from bot.settings import Settings
from tests.benchmark.errors import TrainingFailed
from tests.servers import KEY, free_port

MODEL = "benchmark"


@dataclass(frozen=True)
class Side:
    """One of the two assistants.

    Attributes:
        name: for people and log files.
        project: folder with its configuration and content; its processes run there.
        scratch: folder for its model, its training cache and its database.
        tuned: the server gets the variables that the product gives it, and the product's tables; else Rasa's defaults.
    """

    name: str
    project: Path
    scratch: Path
    tuned: bool

    def train(self) -> float:
        """Trains from scratch; seconds of the whole command.

        Raises:
            TrainingFailed: the message quotes Rasa's reason and names the log.
        """
        progress = Progress(f"Training {self.name}")
        with Processes(LOGS) as processes:
            started = time.perf_counter()
            command = self._run(*train_command(MODEL, self._models))
            child = processes.start(
                f"benchmark-{self.name}-train", command, **(blas_environment() if self.tuned else {})
            )
            while child.exit_code is None:
                progress.tick()
                time.sleep(POLL_SECONDS)
            seconds = time.perf_counter() - started
        progress.done()
        if child.exit_code != 0 or not self._model.exists():
            raise TrainingFailed(f"{self.name}: {most_telling(child.output())} (all of it: {child.log})")
        return seconds

    @contextmanager
    def serving(self) -> Iterator["Server"]:
        """A Rasa server with the trained model while the block runs, yielded once it is ready.

        Raises:
            ProgramFailed: it ended, or is not ready after five minutes.
        """
        program = self._program(free_port())
        if self.tuned:
            upgrade(self._database)
        with Processes(LOGS) as processes:
            started = time.perf_counter()
            start([program], processes, StopRequest())
            seconds = time.perf_counter() - started
            yield Server(self.name, f"{program.health}webhook", processes.children[0].group, seconds)

    @property
    def _models(self) -> str:
        return str(self.scratch / "models")

    @property
    def _database(self) -> str:
        return f"sqlite:///{self.scratch / 'conversations.db'}"

    @property
    def _model(self) -> Path:
        return self.scratch / "models" / f"{MODEL}.tar.gz"

    def _program(self, port: int) -> Program:
        settings = Settings.read({"RASA_PORT": str(port), "DATABASE_URL": self._database})
        rasa = next(program for program in programs(settings, self._model) if program.name == "rasa")
        environment = rasa.environment if self.tuned else {}
        command = self._run(*rasa.command)
        return replace(rasa, name=f"benchmark-{self.name}", command=command, environment=environment)

    def _run(self, *command: str) -> tuple[str, ...]:
        variables = {
            "DATABASE_URL": self._database,
            "SECRET_KEY": KEY,
            # A cache of its own, empty at first: nothing that was trained before makes this training shorter.
            "RASA_CACHE_DIRECTORY": str(self.scratch / "cache"),
        }
        return in_folder(self.project, variables, command)


def in_folder(folder: Path, variables: Mapping[str, str], command: Sequence[str]) -> tuple[str, ...]:
    """The command, run in a folder and with environment variables of its own."""
    given = (f"{name}={value}" for name, value in variables.items())
    return ("/bin/sh", "-c", 'cd "$1" && shift && exec env "$@"', "sh", str(folder), *given, *command)


@dataclass(frozen=True)
class Server:
    """A running Rasa server.

    Attributes:
        webhook: URL that takes messages.
        ready_seconds: from the start of its process until it said that it can serve.
    """

    name: str
    webhook: str
    process: int
    ready_seconds: float

    def memory(self) -> float:
        """Resident memory of the server and its children, in MB."""
        parent = psutil.Process(self.process)
        return sum(process.memory_info().rss for process in [parent, *parent.children(recursive=True)]) / 1e6
