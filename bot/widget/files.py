"""What the website serves as it is: the widget, its interface words, and the demo page.

``widget.js`` is one file for the browser and a few for its readers: the parts in static/parts, in order, inside one
function, with the style sheet and the English words as constants. It is put together once, when the website starts.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGES = ("en", "es", "zh", "ar", "fr", "pt", "ru")
PARTS = (
    "options",
    "words",
    "dom",
    "memory",
    "network",
    "stream",
    "queue",
    "text",
    "lines",
    "asking",
    "shell",
    "panels",
    "talk",
    "element",
    "start",
)
DEMO_PAGE = "/"
SCRIPT = "text/javascript"
# Any page may load these; a change is seen at the next look.
FOR_ANY_PAGE = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300, stale-while-revalidate=86400",
}
FOR_OUR_PAGE = {"Cache-Control": "no-cache"}


def read_languages() -> dict[str, dict[str, str]]:
    """The words of the interface, by language."""
    return {code: json.loads((STATIC / "languages" / f"{code}.json").read_text("utf-8")) for code in LANGUAGES}


def widget_script(english: Mapping[str, str]) -> str:
    """The whole widget."""
    style = (STATIC / "widget.css").read_text("utf-8")
    constants = {"ENGLISH": english, "LANGUAGES": LANGUAGES, "STYLE": style}
    declared = "".join(
        f"const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in constants.items()
    )
    parts = "\n".join((STATIC / "parts" / f"{name}.js").read_text("utf-8") for name in PARTS)
    return f'(() => {{\n"use strict";\n{declared}\n{parts}}})();\n'


class File:
    """A file in memory: compressed once, and sent again only when it has changed."""

    def __init__(self, content: str, media_type: str, headers: Mapping[str, str]) -> None:
        self._plain = content.encode()
        self._compressed = gzip.compress(self._plain, mtime=0)
        self._media_type = media_type
        tag = hashlib.sha256(self._plain).hexdigest()[:32]
        self._headers = {**headers, "ETag": f'W/"{tag}"', "Vary": "Accept-Encoding"}

    def serve(self, request: Request) -> Response:
        """Answers a request for it."""
        if self._headers["ETag"] in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=self._headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers = {**self._headers, "Content-Encoding": "gzip"}
            return Response(self._compressed, media_type=self._media_type, headers=headers)
        return Response(self._plain, media_type=self._media_type, headers=self._headers)


def file_routes(languages: Mapping[str, Mapping[str, str]]) -> list[Route]:
    """The widget's files and the demo page."""
    script = File(widget_script(languages["en"]), SCRIPT, FOR_ANY_PAGE)
    words = [
        Route(
            f"/widget/languages/{code}.json",
            File(json.dumps(texts, ensure_ascii=False), "application/json", FOR_ANY_PAGE).serve,
        )
        for code, texts in languages.items()
    ]
    own = [
        (DEMO_PAGE, "demo.html", "text/html"),
        ("/demo.css", "demo.css", "text/css"),
        ("/demo.js", "demo.js", SCRIPT),
        ("/favicon.svg", "favicon.svg", "image/svg+xml"),
    ]
    pages = [
        Route(path, File((STATIC / name).read_text("utf-8"), media_type, FOR_OUR_PAGE).serve)
        for path, name, media_type in own
    ]
    return [Route("/widget.js", script.serve), *words, *pages]
