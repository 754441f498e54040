"""Admins' page about one visitor's data: what is kept, export, erasure."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.console.context import Console
from bot.console.reading import words
from bot.domain.errors import NotFound
from bot.privacy import export_and_erase

PAGE = "/console/privacy"
# Typed by hand, so that nobody erases by a slip.
CONFIRMATION = "erase"


def routes(console: Console) -> list[BaseRoute]:
    """``/privacy`` and what is done there."""
    pages = PrivacyPages(console)
    return [
        Route("/privacy", pages.show, methods=["GET", "POST"]),
        Route("/privacy/export", pages.export, methods=["POST"]),
        Route("/privacy/erase", pages.erase, methods=["POST"]),
    ]


class PrivacyPages:
    """The pages' handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, request: Request) -> Response:
        """Asks for a conversation, and shows how much is kept of it."""
        self._console.admin(request)
        return self._page(request, words(request, "conversation") or "")

    def export(self, request: Request) -> Response:
        """Everything that is kept of it, as a JSON file."""
        console, conversation = self._console, self._console.field(request, "conversation")
        admin = console.admin(request)
        if not export_and_erase.kept(console.store, conversation):
            raise NotFound("Nothing is kept of this conversation.")
        data = export_and_erase.export(console.store, conversation, admin.login, console.clock())
        headers = {"Content-Disposition": 'attachment; filename="visitor.json"'}
        return Response(json.dumps(data, ensure_ascii=False, indent=2), media_type="application/json", headers=headers)

    def erase(self, request: Request) -> Response:
        """Erases it, once it has been confirmed."""
        console, conversation = self._console, self._console.field(request, "conversation")
        admin = console.admin(request)
        if console.field(request, "confirmation").lower() != CONFIRMATION:
            problem = f"Nothing was erased. To erase, type the word {CONFIRMATION}."
            return self._page(request, conversation, 422, errors={"confirmation": problem})
        if not export_and_erase.erase(console.store, conversation, admin.login, console.clock()):
            raise NotFound("Nothing is kept of this conversation (any more).")
        return console.redirect(PAGE, "The visitor’s data has been erased.")  # noqa: RUF001

    def _page(self, request: Request, conversation: str, status: int = 200, **context: object) -> Response:
        kept = export_and_erase.kept(self._console.store, conversation) if conversation else {}
        shown = {"conversation": conversation, "kept": kept, "errors": {}, **context}
        return self._console.render(request, "console/privacy.html", status, **shown)
