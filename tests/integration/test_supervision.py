"""What happens to one program while the others go on: it ends, it stands still, it fills its log. Real processes."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from bot.database.migrations import upgrade
from bot.launcher.liveness import Patience
from bot.launcher.logs import KEPT_BYTES
from bot.launcher.ports import Port
from bot.launcher.processes import Child, Processes, signal_group
from bot.launcher.programs import Program, programs
from bot.launcher.signals import StopRequest
from bot.launcher.supervise import start, watch
from bot.settings import Settings
from tests.integration.launcher import answers, free_port, wait_until
from tests.servers import KEY

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status = 503 if self.path == "/sick" else 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

{before}
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
# Short waits, so that a test takes seconds; generous against a busy machine, where an answer takes its time.
PATIENCE = Patience(seconds=1.0, misses=3, first_pause=0.2, longest_pause=0.4)
# Some megabytes a second, for as long as it runs.
WRITES_A_LOT = """
import threading
pause = threading.Event()
def talk():
    while not pause.wait(0.001):
        print("x" * 9999)
threading.Thread(target=talk, daemon=True).start()
"""


def program(name: str, liveness: str = "/", before: str = "") -> Program:
    port = free_port()
    return Program(
        name=name,
        command=(sys.executable, "-c", SERVER.format(before=before), str(port)),
        health=f"http://127.0.0.1:{port}/",
        liveness=f"http://127.0.0.1:{port}{liveness}",
        port=Port("PORT", "127.0.0.1", port),
        environment={"PYTHONUNBUFFERED": "1"},
    )


Watched = Callable[..., dict[str, Child]]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """Starts programs and watches them until the end of the test; gives the processes that run now, by name."""

    @contextmanager
    def watching(programs: tuple[Program, ...]) -> Iterator[Processes]:
        stop = StopRequest()
        with Processes(tmp_path) as processes:
            start(programs, processes, stop)
            watcher = threading.Thread(target=watch, args=(programs, processes, stop, PATIENCE))
            watcher.start()
            try:
                yield processes
            finally:
                assert watcher.is_alive()
                stop.made = True
                watcher.join()

    running: list[Processes] = []
    contexts = []

    def by_name(*programs: Program) -> dict[str, Child]:
        if not running:
            contexts.append(watching(programs))
            running.append(contexts[0].__enter__())
        return {child.name: child for child in running[0].children}

    yield by_name
    contexts[0].__exit__(None, None, None)


def test_what_stands_still_is_started_again_and_the_other_goes_on(watched: Watched) -> None:
    first, second = program("first"), program("second")
    before = watched(first, second)
    signal_group(before["first"].group, signal.SIGSTOP)
    wait_until(lambda: "first" in watched() and watched()["first"].group != before["first"].group)
    wait_until(lambda: answers(first.port.number))
    assert before["first"].exit_code == -signal.SIGKILL
    assert watched()["second"].group == before["second"].group


def test_what_answers_that_it_is_sick_is_left_alone(watched: Watched) -> None:
    sick, ends = program("sick", liveness="/sick"), program("ends")
    before = watched(sick, ends)
    # As long as it takes to give another one up, which answers nothing at all.
    signal_group(before["ends"].group, signal.SIGSTOP)
    wait_until(lambda: "ends" in watched() and watched()["ends"].group != before["ends"].group)
    assert watched()["sick"].group == before["sick"].group


def _has_ended(child: Child) -> bool:
    return child.exit_code is not None


def _is_another(watched: Watched, child: Child) -> bool:
    return watched().get("dies") is not child


def test_six_deaths_in_a_row_stop_nothing(watched: Watched, capfd: pytest.CaptureFixture[str]) -> None:
    dies, lives = program("dies"), program("lives")
    before = watched(dies, lives)
    for _ in range(6):
        wait_until(lambda: "dies" in watched() and answers(dies.port.number))
        child = watched()["dies"]
        signal_group(child.group, signal.SIGKILL)
        wait_until(partial(_has_ended, child))
        wait_until(partial(_is_another, watched, child))
    wait_until(lambda: answers(dies.port.number))
    assert watched()["lives"].group == before["lives"].group
    assert capfd.readouterr().out.count("dies ended by itself (exit code -9)") == 6


def test_what_cannot_be_started_is_tried_again(watched: Watched, tmp_path: Path) -> None:
    dies = program("dies")
    child = watched(dies)["dies"]
    # The log is a folder: to start it is refused, as on a full disk.
    (tmp_path / "dies.log").unlink()
    (tmp_path / "dies.log").mkdir()
    signal_group(child.group, signal.SIGKILL)
    wait_until(lambda: not watched() and not answers(dies.port.number))
    (tmp_path / "dies.log").rmdir()
    wait_until(lambda: answers(dies.port.number))


def test_a_log_stays_small_while_its_process_writes(watched: Watched, tmp_path: Path) -> None:
    log, old = tmp_path / "talks.log", tmp_path / "talks.log.1"
    child = watched(program("talks", before=WRITES_A_LOT))["talks"]
    wait_until(lambda: old.exists() and 0 < log.stat().st_size < KEPT_BYTES)
    assert old.stat().st_size > KEPT_BYTES
    assert {file.stat().st_mode & 0o077 for file in (log, old)} == {0}
    assert child.output()
    assert child.exit_code is None


def test_a_rasa_server_that_cannot_load_its_model_ends(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path}/assistant.db"
    upgrade(database_url)
    (tmp_path / "model.tar.gz").write_text("no archive")
    given = {"RASA_PORT": str(free_port()), "DATABASE_URL": database_url, "SECRET_KEY": KEY}
    table = programs(Settings.read(given), tmp_path / "model.tar.gz")
    rasa = next(program for program in table if program.name == "rasa")
    with Processes(tmp_path) as processes:
        child = processes.start(rasa.name, rasa.command, **{**rasa.environment, **given})
        wait_until(lambda: child.exit_code is not None)
        assert child.exit_code == 1
        assert "RuntimeError: The model cannot be loaded: nobody would be answered." in child.output()
