"""Admins' page about staff: add, disable, enable, reset, change the role."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.accounts import administration
from bot.console.context import Console
from bot.console.problems import status_of
from bot.console.reading import id_of
from bot.database.unit_of_work import Store
from bot.domain.errors import IllegalMove, Invalid
from bot.domain.staff import Role, Staff

PAGE, HOME = "/console/staff", "/console/"
Change = Callable[[Store, int, int, datetime], Staff]


def routes(console: Console) -> list[BaseRoute]:
    """``/staff`` and what is done there."""
    pages = StaffPages(console)
    return [
        Route("/staff", pages.show),
        Route("/staff", pages.add, methods=["POST"]),
        Route("/staff/{id:int}/disable", pages.disable, methods=["POST"]),
        Route("/staff/{id:int}/enable", pages.enable, methods=["POST"]),
        Route("/staff/{id:int}/reset", pages.reset, methods=["POST"]),
        Route("/staff/{id:int}/role", pages.change_role, methods=["POST"]),
    ]


class StaffPages:
    """The pages' handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, request: Request) -> Response:
        """Everybody, and a form to add somebody."""
        return self._page(request)

    def add(self, request: Request) -> Response:
        """Adds somebody and shows their one-time link, this once."""
        console = self._console
        login, name = console.field(request, "login"), console.field(request, "name")
        role = Role.ADMIN if console.field(request, "role") == Role.ADMIN.value else Role.AGENT
        admin_id = self._admin_id(request)
        try:
            person, secret = administration.add(console.store, admin_id, login, name, role, console.clock())
        except Invalid as error:
            typed = {"login": login, "name": name, "role": role.value}
            return self._page(request, status_of(error), typed=typed, errors={error.field: error.message})
        return self._link(request, person, secret)

    def disable(self, request: Request) -> Response:
        """Ends somebody's access."""
        return self._change(request, administration.disable, "{} has been disabled.")

    def enable(self, request: Request) -> Response:
        """Gives it back."""
        return self._change(request, administration.enable, "{} has been enabled.")

    def change_role(self, request: Request) -> Response:
        """Makes somebody an admin or an agent."""
        role = Role.ADMIN if self._console.field(request, "role") == Role.ADMIN.value else Role.AGENT

        def change(store: Store, admin_id: int, staff_id: int, at: datetime) -> Staff:
            return administration.change_role(store, admin_id, staff_id, role, at)

        return self._change(request, change, "{} is now an " + f"{role.value}.")

    def reset(self, request: Request) -> Response:
        """Makes a new one-time link and shows it, this once."""
        admin_id, staff_id = self._admin_id(request), id_of(request)
        try:
            person, secret = administration.reset(self._console.store, admin_id, staff_id, self._console.clock())
        except IllegalMove as error:
            return self._page(request, status_of(error), errors={"": error.message})
        return self._link(request, person, secret)

    def _change(self, request: Request, change: Change, done: str) -> Response:
        admin_id, staff_id = self._admin_id(request), id_of(request)
        try:
            person = change(self._console.store, admin_id, staff_id, self._console.clock())
        except IllegalMove as error:
            return self._page(request, status_of(error), errors={"": error.message})
        # An admin who has just become an agent may not see this page any more.
        target = HOME if person.id == admin_id and person.role is not Role.ADMIN else PAGE
        return self._console.redirect(target, done.format(person.name))

    def _admin_id(self, request: Request) -> int:
        self._console.admin(request)
        return self._console.staff_id(request)

    def _page(self, request: Request, status: int = 200, **context: object) -> Response:
        self._console.admin(request)
        shown = {"people": administration.all_of(self._console.store), "errors": {}, "typed": {}, **context}
        return self._console.render(request, "console/staff.html", status, **shown)

    def _link(self, request: Request, person: Staff, secret: str) -> Response:
        link = administration.welcome_link(self._console.settings, secret)
        return self._page(request, link=link, invited=person)
