"""Child processes that never outlive the launcher.

Each child leads a process group of its own, so that Ctrl-C reaches the launcher alone and a stop reaches
the child's children too. A watchdog ends the groups if the launcher itself is killed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from bot.launcher.logs import lines_since, open_log
from bot.settings import environment_with

GRACE_SECONDS = 10.0
POLL_SECONDS = 0.1
# Rasa's dependencies talk about each other at length; telemetry is nobody's business.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore::DeprecationWarning",
}
WATCHDOG = str(Path(__file__).with_name("watchdog.py"))


class Child:
    """A started process.

    Attributes:
        name: shown to the user; also names its log file.
        log: path of its log file.
    """

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", log: Path, log_start: int) -> None:
        self.name = name
        self.log = log
        self._process = process
        self._log_start = log_start

    @property
    def group(self) -> int:
        """Id of the process group that it leads."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def output(self) -> list[str]:
        """What it wrote since it was started."""
        return lines_since(self.log, self._log_start)


class Processes:
    """Starts children and, when left, stops every one of them.

    Args:
        logs: folder of the log files.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self.children: list[Child] = []

    def __enter__(self) -> "Processes":
        # Python does not hand the writing end on to children: it closes with the launcher.
        its_end, self._watchdog_input = os.pipe()
        self._watchdog = subprocess.Popen([sys.executable, WATCHDOG], stdin=its_end, start_new_session=True)
        os.close(its_end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        # With nothing left to end, the watchdog ends when its input does.
        os.close(self._watchdog_input)
        self._watchdog.wait()

    def start(self, name: str, command: Sequence[str], **environment: str) -> Child:
        """Starts a command in its own process group, its output going to ``<name>.log``.

        Args:
            name: of the process and its log.
            command: what to run.
            environment: variables besides this process's own.
        """
        with open_log(self._logs, name) as log:
            log_start = log.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment_with(**{**QUIET, **environment}),
                start_new_session=True,
            )
        self._tell_watchdog(f"+{process.pid}")
        child = Child(name, process, self._logs / f"{name}.log", log_start)
        self.children.append(child)
        return child

    def ended(self) -> Child | None:
        """The first child found to have ended, if any."""
        return next((child for child in self.children if child.exit_code is not None), None)

    def forget(self, child: Child) -> None:
        """Ends what is left of a child that has ended, so that it can be started anew."""
        signal_group(child.group, signal.SIGKILL)
        child._process.wait()
        self._tell_watchdog(f"-{child.group}")
        self.children.remove(child)

    def stop(self) -> None:
        """Asks every group to end and kills, after ten seconds, what has not."""
        for child in self.children:
            signal_group(child.group, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while any(child.exit_code is None for child in self.children) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        for child in list(self.children):
            self.forget(child)

    def _tell_watchdog(self, line: str) -> None:
        # A watchdog that was killed is no reason to stop the product.
        with suppress(BrokenPipeError):
            os.write(self._watchdog_input, line.encode() + b"\n")


def signal_group(group: int, number: signal.Signals) -> None:
    """Signals every process of a group; a group that is gone is no error."""
    try:
        os.killpg(group, number)
    # macOS answers PermissionError for a group of which only a zombie is left.
    except (ProcessLookupError, PermissionError):
        return
