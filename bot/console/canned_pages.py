"""Admins' pages about canned replies: list, add, change, preview, remove."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.console.context import Console
from bot.console.problems import status_of
from bot.console.reading import id_of
from bot.domain.errors import Invalid
from bot.handoff import canned_replies

PAGE = "/console/canned"
# A made-up visitor, for previews.
SOMEBODY = "Maria"


def routes(console: Console) -> list[BaseRoute]:
    """``/canned`` and one page for each of them."""
    pages = CannedPages(console)
    return [
        Route("/canned", pages.show),
        Route("/canned/new", pages.edit),
        Route("/canned/new", pages.save, methods=["POST"]),
        Route("/canned/{id:int}", pages.edit),
        Route("/canned/{id:int}", pages.save, methods=["POST"]),
        Route("/canned/{id:int}/remove", pages.remove, methods=["POST"]),
    ]


class CannedPages:
    """The pages' handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, request: Request) -> Response:
        """All of them, as a visitor would see them."""
        staff = self._console.admin(request)
        replies = [
            (reply, self._filled(reply.text, staff.name)) for reply in canned_replies.all_of(self._console.store)
        ]
        return self._console.render(request, "console/canned.html", replies=replies)

    def edit(self, request: Request) -> Response:
        """The form, empty for a new one."""
        self._console.admin(request)
        canned_id = _id(request)
        if canned_id is None:
            return self._form(request, "", "")
        reply = canned_replies.by_id(self._console.store, canned_id)
        return self._form(request, reply.title, reply.text)

    def save(self, request: Request) -> Response:
        """Keeps it, or only shows how it will look."""
        console = self._console
        staff, title, text = console.admin(request), console.field(request, "title"), console.field(request, "text")
        if console.field(request, "do") == "preview":
            return self._form(request, title, text, preview=self._filled(text, staff.name))
        canned_id = _id(request)
        try:
            canned_replies.save(console.store, console.staff_id(request), canned_id, title, text, console.clock())
        except Invalid as error:
            return self._form(request, title, text, status_of(error), errors={error.field: error.message})
        return console.redirect(PAGE, "The canned reply has been saved.")

    def remove(self, request: Request) -> Response:
        """Removes it."""
        console = self._console
        console.admin(request)
        canned_replies.remove(console.store, console.staff_id(request), id_of(request), console.clock())
        return console.redirect(PAGE, "The canned reply has been removed.")

    def _form(self, request: Request, title: str, text: str, status: int = 200, **context: object) -> Response:
        shown = {"id": _id(request), "title": title, "text": text, "errors": {}, **context}
        return self._console.render(request, "console/canned_edit.html", status, **shown)

    @staticmethod
    def _filled(text: str, staff: str) -> str:
        return canned_replies.fill(text, visitor=SOMEBODY, staff=staff)


def _id(request: Request) -> int | None:
    return id_of(request) if "id" in request.path_params else None
