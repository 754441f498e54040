"""Starts programs, waits until all are healthy, and keeps them running until the end."""

import time
from collections.abc import Iterable, Sequence

from bot.launcher.errors import ProgramFailed
from bot.launcher.keeper import Keeper
from bot.launcher.liveness import Patience
from bot.launcher.processes import POLL_SECONDS, Child, Processes
from bot.launcher.programs import Program
from bot.launcher.progress import Progress
from bot.launcher.signals import StopRequest
from bot.launcher.web import ask

HEALTHY_WITHIN_SECONDS = 300
LAST_LINES = 10
PATIENCE = Patience()


def start(programs: Sequence[Program], processes: Processes, stop: StopRequest) -> None:
    """Starts all programs and returns when each answers 200 at its health URL.

    Raises:
        ProgramFailed: one ended or is not healthy after five minutes.
        Interrupted: a stop was requested meanwhile.
    """
    progress = Progress(f"Starting {' and '.join(program.name for program in programs)}")
    try:
        for program in programs:
            processes.start(program.name, program.command, **program.environment)
        _wait(programs, processes, stop, progress)
    except BaseException:
        progress.broken_off()
        raise
    progress.done("ready")


def watch(programs: Sequence[Program], processes: Processes, stop: StopRequest, patience: Patience = PATIENCE) -> None:
    """Keeps the programs running until a stop is requested. One that ends takes no other with it."""
    children = {child.name: child for child in processes.children}
    keepers = [Keeper(program, processes, children[program.name], patience) for program in programs]
    while not stop.made:
        for keeper in keepers:
            keeper.look()
        time.sleep(POLL_SECONDS)
    for keeper in keepers:
        keeper.stop()


def _wait(programs: Iterable[Program], processes: Processes, stop: StopRequest, progress: Progress) -> None:
    waiting = list(programs)
    deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
    while waiting:
        stop.check()
        _refuse_ended(processes)
        progress.tick()
        status, body = ask(waiting[0].health)
        if status == 200:
            waiting.pop(0)
            continue
        if time.monotonic() > deadline:
            child = next(child for child in processes.children if child.name == waiting[0].name)
            raise ProgramFailed(_failure(child, f"does not become healthy ({body or 'no answer'})"))
        time.sleep(POLL_SECONDS)


def _refuse_ended(processes: Processes) -> None:
    child = processes.ended()
    if child:
        raise ProgramFailed(_failure(child, f"ended by itself (exit code {child.exit_code})"))


def _failure(child: Child, what: str) -> str:
    last = "\n".join(f"  {line}" for line in child.output()[-LAST_LINES:])
    return f"{child.name} {what}; everything was stopped. The end of {child.log}:\n{last or '  (empty)'}"
