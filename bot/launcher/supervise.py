"""Starts programs, waits until all are healthy, and watches them until the end."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.launcher.errors import ProgramFailed
from bot.launcher.processes import POLL_SECONDS, Child, Processes
from bot.launcher.programs import Program
from bot.launcher.progress import Progress
from bot.launcher.signals import StopRequest
from bot.launcher.web import ask

HEALTHY_WITHIN_SECONDS = 300
LAST_LINES = 10
# A process that ends this often within so many seconds is not started again.
MOST_RESTARTS = 5
RESTARTS_COUNT_SECONDS = 120


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


def watch(programs: Sequence[Program], processes: Processes, stop: StopRequest) -> None:
    """Starts again what ends by itself; returns when a stop is requested.

    Raises:
        ProgramFailed: a process ends again and again.
    """
    restarts: defaultdict[str, list[float]] = defaultdict(list)
    while not stop.made:
        child = processes.ended()
        if child:
            now = time.monotonic()
            recent = [at for at in restarts[child.name] if at > now - RESTARTS_COUNT_SECONDS]
            if len(recent) >= MOST_RESTARTS:
                raise ProgramFailed(_told(child, f"ended by itself (exit code {child.exit_code}) again and again"))
            restarts[child.name] = [*recent, now]
            print(f"{child.name} ended by itself (exit code {child.exit_code}): starting it again.", flush=True)
            program = next(program for program in programs if program.name == child.name)
            processes.forget(child)
            processes.start(program.name, program.command, **program.environment)
        time.sleep(POLL_SECONDS)


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
        hopeless = waiting[0].hopeless
        if (hopeless and hopeless in body) or time.monotonic() > deadline:
            child = next(child for child in processes.children if child.name == waiting[0].name)
            raise ProgramFailed(_told(child, f"does not become healthy ({body or 'no answer'})"))
        time.sleep(POLL_SECONDS)


def _refuse_ended(processes: Processes) -> None:
    child = processes.ended()
    if child:
        raise ProgramFailed(_told(child, f"ended by itself (exit code {child.exit_code})"))


def _told(child: Child, what: str) -> str:
    last = "\n".join(f"  {line}" for line in child.output()[-LAST_LINES:])
    return f"{child.name} {what}; everything was stopped. The end of {child.log}:\n{last or '  (empty)'}"
