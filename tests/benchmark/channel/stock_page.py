"""A page with rasa-webchat, the usual widget for Rasa's socketio channel, as its README says to put it there."""

import base64
import hashlib
import io
import json
import tarfile
import urllib.request

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.benchmark.errors import WidgetMissing

NAME = "rasa-webchat 1.0.1"
PACKAGE = "https://registry.npmjs.org/rasa-webchat/-/rasa-webchat-1.0.1.tgz"
SHA512 = "Ld1zVJvTAaTrs6A5p8t70agNNrKYRyXlvqXZRgBoDvKKUXbA0jhJKECi5bdPGlaR6jsmqWtVylHS+YqIqo0x8w=="
SCRIPT = "package/lib/index.js"
SECONDS_TO_FETCH = 60
# By default it holds each part of an answer back for 0.8 to 3 seconds, so that it looks typed.
AT_ONCE = "customMessageDelay: () => 0,"

PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Stock widget</title></head>
<body>
<h1>Stock widget</h1>
<script src="/webchat.js"></script>
<script>WebChat.default({{ socketUrl: {url}, params: {{ storage: "session" }}, {options} }}, null);</script>
</body>
</html>
"""


def fetch_widget() -> bytes:
    """The widget's script, from the npm registry.

    Raises:
        WidgetMissing: the registry cannot be reached, or gives something else.
    """
    try:
        with urllib.request.urlopen(PACKAGE, timeout=SECONDS_TO_FETCH) as answer:
            package = answer.read()
    except OSError as error:
        raise WidgetMissing(f"{NAME} cannot be fetched ({type(error).__name__}): {PACKAGE}") from error
    return unpacked(package, SHA512)


def unpacked(package: bytes, sha512: str) -> bytes:
    """The script in a package with this checksum (base64, as npm writes it).

    Raises:
        WidgetMissing: another checksum.
    """
    if base64.b64encode(hashlib.sha512(package).digest()).decode() != sha512:
        raise WidgetMissing(f"{PACKAGE} is not what it was: its checksum differs.")
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        script = archive.extractfile(SCRIPT)
        assert script is not None
        return script.read()


def stock_page(script: bytes, url: str) -> Starlette:
    """A website with the widget for the Rasa server at ``url``: at ``/`` as it comes, at ``/fast`` without a delay."""

    def page(options: str) -> Response:
        return HTMLResponse(PAGE.format(url=json.dumps(url), options=options))

    def script_file(request: Request) -> Response:
        return Response(script, media_type="text/javascript")

    return Starlette(
        routes=[
            Route("/", lambda request: page("")),
            Route("/fast", lambda request: page(AT_ONCE)),
            Route("/webchat.js", script_file),
        ]
    )
