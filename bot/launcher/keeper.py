"""Keeps one program running: starts it again when it has ended or stands still, and leaves the others alone."""

import time
from contextlib import suppress

from bot.launcher.liveness import Liveness, Patience
from bot.launcher.logs import rotate
from bot.launcher.processes import Child, Processes
from bot.launcher.programs import Program


class Keeper:
    """One program and the process that it runs in, if it runs.

    Args:
        program: to be kept running.
        processes: starts it.
        child: its process, which is healthy.
        patience: how long it is waited for.
    """

    def __init__(self, program: Program, processes: Processes, child: Child, patience: Patience) -> None:
        self._program = program
        self._processes = processes
        self._patience = patience
        self._ends = 0
        self._start_at = 0.0
        self._child: Child | None
        self._liveness: Liveness
        self._silent: bool
        self._follow(child, healthy=True)

    def look(self) -> None:
        """Does what there is to do now; to be called often."""
        child = self._child
        if child is None:
            if time.monotonic() >= self._start_at:
                self._start()
            return
        if child.exit_code is not None:
            self._end(child, f"ended by itself (exit code {child.exit_code})")
        elif self._liveness.lost:
            self._end(child, "does not answer any more and was killed")
        else:
            rotate(child.log)
            if self._silent and self._liveness.answered:
                self._silent = False
                _say(f"{self._program.name} answers again.")

    def stop(self) -> None:
        """Asks no more."""
        self._liveness.stop()

    def _follow(self, child: Child, healthy: bool) -> None:
        self._child = child
        self._silent = not healthy
        self._started = time.monotonic()
        self._liveness = Liveness(self._program.liveness, self._patience, answered=healthy)

    def _end(self, child: Child, how: str) -> None:
        self._liveness.stop()
        self._processes.forget(child)
        self._child = None
        if time.monotonic() - self._started >= self._patience.recovered_after:
            self._ends = 0
        self._wait(how)

    def _start(self) -> None:
        program = self._program
        try:
            child = self._processes.start(program.name, program.command, **program.environment)
        except OSError as error:
            # No memory, a full disk: the others go on, and it is tried again.
            self._wait(f"cannot be started ({error.strerror})")
        else:
            self._follow(child, healthy=False)

    def _wait(self, why: str) -> None:
        pause = 0.0
        if self._ends:
            pause = min(self._patience.first_pause * 2 ** (self._ends - 1), self._patience.longest_pause)
        self._ends += 1
        self._start_at = time.monotonic() + pause
        when = f" in {pause:.0f} s" if pause >= 1 else ""
        _say(f"{self._program.name} {why}: starting it again{when}. Its log says more.")


def _say(line: str) -> None:
    # Whoever read this may be gone (a closed pipe): no reason to stop the product.
    with suppress(OSError):
        print(line, flush=True)
