"""Signing in and out, and one's own account."""

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.accounts import own_account
from bot.accounts import sessions as staff_sessions
from bot.console import words
from bot.console.context import Console
from bot.console.problems import status_of
from bot.domain.errors import Invalid, NotAllowed, TooManyAttempts
from bot.domain.staff import Staff

HOME = "/console/"
# A page of the console: never another website.
OURS = re.compile(r"/console(/[^\\\s]*)?(\?[^\\\s]*)?")


def routes(console: Console) -> list[BaseRoute]:
    """``/sign-in``, ``/sign-out``, ``/welcome/<secret>`` and ``/account``."""
    pages = Auth(console)
    return [
        Route("/sign-in", pages.sign_in_page),
        Route("/sign-in", pages.sign_in, methods=["POST"]),
        Route("/sign-out", pages.sign_out, methods=["POST"]),
        Route("/welcome/{secret}", pages.welcome_page),
        Route("/welcome/{secret}", pages.welcome, methods=["POST"]),
        Route("/account", pages.account_page),
        Route("/account/name", pages.change_name, methods=["POST"]),
        Route("/account/languages", pages.choose_languages, methods=["POST"]),
        Route("/account/password", pages.change_password, methods=["POST"]),
        Route("/account/sign-out-everywhere", pages.sign_out_everywhere, methods=["POST"]),
    ]


class Auth:
    """The pages' handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def sign_in_page(self, request: Request) -> Response:
        """Asks for login and password; whoever is signed in already goes on."""
        target = _target(request.query_params.get("next", ""))
        if self._console.staff_or_none(request):
            return self._console.redirect(target)
        return self._sign_in_form(request, target, over="over" in request.query_params)

    def sign_in(self, request: Request) -> Response:
        """Checks them, and goes on to the page that was asked for."""
        console = self._console
        target = _target(console.field(request, "next"))
        login, password = console.field(request, "login"), str(console.form(request).get("password", ""))
        address = request.client.host if request.client else ""
        try:
            staff = own_account.sign_in(console.store, console.passwords, login, password, address, console.clock())
        except (NotAllowed, TooManyAttempts) as error:
            page = self._sign_in_form(request, target, status_of(error), login=login, errors={"login": error.message})
            if isinstance(error, TooManyAttempts):
                page.headers["Retry-After"] = str(error.seconds)
            return page
        return self._begin(request, staff, target)

    def sign_out(self, request: Request) -> Response:
        """Ends this browser's session, here and on the server."""
        staff_sessions.end(self._console.store, request.state.session.nonce)
        response = self._console.redirect("/console/sign-in", "You have signed out.")
        self._console.sessions.forget(response)
        return response

    def welcome_page(self, request: Request) -> Response:
        """A one-time link: asks for a name and a password."""
        staff = own_account.invited(self._console.store, request.path_params["secret"], self._console.clock())
        return self._console.render(request, "console/welcome.html", person=staff, name=staff.name, errors={})

    def welcome(self, request: Request) -> Response:
        """Sets them and signs in."""
        console, secret, now = self._console, request.path_params["secret"], self._console.clock()
        name, password = console.field(request, "name"), str(console.form(request).get("password", ""))
        try:
            _same(password, str(console.form(request).get("again", "")))
            staff = own_account.accept(console.store, console.passwords, secret, name, password, now)
        except Invalid as error:
            person = own_account.invited(console.store, secret, now)
            context = {"person": person, "name": name, "errors": {error.field: error.message}}
            return console.render(request, "console/welcome.html", status_of(error), **context)
        return self._begin(request, staff, HOME, f"Welcome, {staff.name}.")

    def account_page(self, request: Request) -> Response:
        """One's name and password."""
        return self._account(request)

    def change_name(self, request: Request) -> Response:
        """The name that visitors see."""
        console, name = self._console, self._console.field(request, "name")
        try:
            own_account.change_name(console.store, console.staff_id(request), name, console.clock())
        except Invalid as error:
            return self._account(request, status_of(error), name=name, errors={error.field: error.message})
        return console.redirect("/console/account", "Your name has been changed.")

    def choose_languages(self, request: Request) -> Response:
        """The languages that one speaks."""
        console, form = self._console, self._console.form(request)
        chosen = [code for code in words.LANGUAGES if form.get(f"speaks_{code}")]
        own_account.choose_languages(console.store, console.staff_id(request), chosen, console.clock())
        return console.redirect("/console/account", "Your languages have been changed.")

    def change_password(self, request: Request) -> Response:
        """A new password; this session goes on, the others end."""
        console, form = self._console, self._console.form(request)
        old, new = str(form.get("old", "")), str(form.get("password", ""))
        try:
            _same(new, str(form.get("again", "")))
            staff = own_account.change_password(
                console.store, console.passwords, console.staff_id(request), old, new, console.clock()
            )
        except (Invalid, TooManyAttempts) as error:
            field = error.field if isinstance(error, Invalid) else "old"
            return self._account(request, status_of(error), errors={field: error.message})
        return self._begin(request, staff, "/console/account", "Your password has been changed.")

    def sign_out_everywhere(self, request: Request) -> Response:
        """Ends all of one's sessions."""
        own_account.end_sessions(self._console.store, self._console.staff_id(request), self._console.clock())
        return self.sign_out(request)

    def _begin(self, request: Request, staff: Staff, target: str, flash: str | None = None) -> Response:
        response = self._console.redirect(target, flash)
        console, at = self._console, self._console.clock()
        session = console.sessions.new(at, staff)
        staff_sessions.begin(console.store, session.nonce, staff.id or 0, at)
        console.sessions.write(request, response, session)
        return response

    def _sign_in_form(self, request: Request, target: str, status: int = 200, **context: object) -> Response:
        return self._console.render(request, "console/sign_in.html", status, next=target, **context)

    def _account(self, request: Request, status: int = 200, **context: object) -> Response:
        shown = {"name": self._console.staff(request).name, "errors": {}, "languages": words.LANGUAGES, **context}
        return self._console.render(request, "console/account.html", status, **shown)


def _target(path: str) -> str:
    return quote(path, safe="/?&=%:,+-_.~@") if OURS.fullmatch(path) else HOME


def _same(password: str, again: str) -> None:
    if password != again:
        raise Invalid("The two passwords differ: type the same one twice.", "again")
