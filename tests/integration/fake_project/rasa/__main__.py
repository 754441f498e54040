"""Does what the file ``behaviour`` in the working folder says; notes it in ``trainings`` and ``pids``."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BEHAVIOUR = Path("behaviour").read_text() if Path("behaviour").exists() else ""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(200, {"status": "ok"})

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"]
        buttons = [{"title": "First", "payload": "one"}, {"title": "Second", "payload": "two"}]
        self._answer(200, [{"text": f"heard {message}", "buttons": buttons}])

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def option(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1]


def train() -> None:
    with Path("trainings").open("a") as file:
        file.write("trained\n")
    if BEHAVIOUR == "training fails":
        sys.exit("Traceback ...\nrasa.InvalidDomain: utter_x is \x1b[91mmissing\x1b[0m: an Error\nbye")
    if BEHAVIOUR == "training hangs":
        note_and_wait()
    Path(option("--out"), option("--fixed-model-name") + ".tar.gz").write_text("a model")


def note_and_wait() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    Path("pids.new").write_text(json.dumps([os.getpid(), child.pid]))
    Path("pids.new").rename("pids")
    child.wait()


def run() -> None:
    if BEHAVIOUR == "crash":
        sys.exit("the last words of rasa")
    server = ThreadingHTTPServer((option("-i"), int(option("-p"))), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    note_and_wait()


{"train": train, "run": run}[sys.argv[1]]()
