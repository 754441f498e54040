"""Is healthy."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


port = int(sys.argv[sys.argv.index("--port") + 1])
ThreadingHTTPServer((os.environ["SANIC_HOST"], port), Handler).serve_forever()
