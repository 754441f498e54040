"""The launcher as a test sees it: a project folder with a stand-in for Rasa, and ``python -m bot`` in it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120
READY = "Ctrl-C stops everything"


class Project:
    """A small project in a folder of its own, on free ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rasa_port, self.actions_port, self.web_port = free_port(), free_port(), free_port()
        self._running: list[subprocess.Popen[str]] = []
        shutil.copytree(ROOT / "tests/integration/fake_project", folder, dirs_exist_ok=True)
        for name in (
            "config.yml",
            "domain.yml",
            "endpoints.yml",
            "credentials.yml",
            "data/nlu/questions.yml",
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("version: '3.1'\n")

    def behave(self, how: str) -> None:
        """What the stand-in for Rasa does; see its source."""
        (self.folder / "behaviour").write_text(how)

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Starts ``python -m bot``."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "RASA_PORT": str(self.rasa_port),
                "ACTIONS_PORT": str(self.actions_port),
                "WEB_PORT": str(self.web_port),
                **environment,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.append(process)
        return process

    def run(self, *arguments: str, typed: str = "", **environment: str) -> tuple[int, str]:
        """Runs ``python -m bot`` to its end; returns exit code and output."""
        process = self.start(*arguments, **environment)
        output, _ = process.communicate(typed, timeout=PATIENCE_SECONDS)
        return process.returncode, output

    def start_until_ready(self) -> "tuple[subprocess.Popen[str], str]":
        """Starts everything; returns when the addresses are printed, with the output so far."""
        process = self.start("run")
        assert process.stdout is not None
        guard = threading.Timer(PATIENCE_SECONDS, process.kill)
        guard.start()
        lines = []
        for line in process.stdout:
            lines.append(line)
            if READY in line:
                break
        guard.cancel()
        output = "".join(lines)
        assert READY in output, output
        return process, output

    def trainings(self) -> int:
        """How often the stand-in was asked to train."""
        noted = self.folder / "trainings"
        return len(noted.read_text().splitlines()) if noted.exists() else 0

    def rasa_pids(self) -> list[int]:
        """The stand-in's process and its child."""
        wait_until(lambda: (self.folder / "pids").exists())
        pids: list[int] = json.loads((self.folder / "pids").read_text())
        return pids

    def clean_up(self) -> None:
        """Ends whatever a failed test left behind."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=PATIENCE_SECONDS)
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.strip().startswith("Z")


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds; fails when it does not for long."""
    pause, given_up = threading.Event(), threading.Event()
    guard = threading.Timer(PATIENCE_SECONDS, given_up.set)
    guard.start()
    while not condition():
        assert not given_up.is_set(), "waited in vain"
        pause.wait(0.05)
    guard.cancel()
