"""How long a process that is killed (``kill -9``) is away, with the launcher watching.

.venv/bin/python -m tests.reliability.killed [TIMES]
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from uuid import uuid4

import httpx
import psutil

from tests.servers import KEY, free_port

READY = "Ctrl-C stops everything"
SECONDS_BETWEEN_LOOKS = 0.05
PORTS = {"rasa": "RASA_PORT", "actions": "ACTIONS_PORT", "website": "WEB_PORT"}


def main(times: int) -> None:
    """Kills each of the three processes so many times, and prints how long it took until it answered again."""
    ports = {name: free_port() for name in PORTS}
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            **{PORTS[name]: str(port) for name, port in ports.items()},
            "DATABASE_URL": f"sqlite:///{folder}/assistant.db",
            "SECRET_KEY": KEY,
        }
        command = [sys.executable, "-m", "bot", "run"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as launcher:
            assert launcher.stdout is not None
            for line in launcher.stdout:
                if READY in line:
                    break
            try:
                for name in [name for name in PORTS for _ in range(times)]:
                    _measure(name, launcher.pid, ports[name])
            finally:
                launcher.terminate()
                launcher.communicate()


def _measure(name: str, launcher: int, port: int) -> None:
    answers = {"rasa": _rasa, "actions": _actions, "website": _website}[name]
    _until(lambda: answers(port))
    begun = time.monotonic()
    _listener(launcher, port).kill()
    _until(lambda: answers(port))
    load = os.getloadavg()[0]
    print(f"{name}: answers {time.monotonic() - begun:.1f} s after kill -9 (load {load:.1f})", flush=True)


def _listener(launcher: int, port: int) -> psutil.Process:
    for child in psutil.Process(launcher).children():
        for each in child.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr.port == port:
                return child
    raise LookupError(port)


def _until(look: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not look():
        pause.wait(SECONDS_BETWEEN_LOOKS)


def _rasa(port: int) -> bool:
    message = {"sender": uuid4().hex, "message": "What is cytokine release syndrome?"}
    return _is_answered("POST", f"http://127.0.0.1:{port}/webhooks/rest/webhook", message)


def _actions(port: int) -> bool:
    return _is_answered("GET", f"http://127.0.0.1:{port}/health")


def _website(port: int) -> bool:
    return _is_answered("GET", f"http://127.0.0.1:{port}/livez")


def _is_answered(method: str, url: str, content: dict[str, str] | None = None) -> bool:
    try:
        return httpx.request(method, url, json=content, trust_env=False, timeout=60).is_success
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
