"""What every page of the console works with, and the few things that all of them do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot.accounts import own_account
from bot.accounts.passwords import Passwords
from bot.console.flash import Flashes
from bot.console.sessions import Session, Sessions
from bot.conversation.live_updates import LiveUpdates
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.domain.errors import NotAllowed
from bot.domain.staff import Role, Staff
from bot.settings import Settings


@dataclass(frozen=True)
class Console:
    """Handed to each module of pages: ``routes(console)``.

    Attributes:
        live: tells when a conversation changes; ``None`` watches all of them.
        clock: the time, UTC.
    """

    database: AsyncStore
    settings: Settings
    live: LiveUpdates
    clock: Callable[[], datetime]
    templates: Jinja2Templates
    sessions: Sessions
    flashes: Flashes
    passwords: Passwords

    @property
    def store(self) -> Store:
        """The database, for what runs in a thread: every page does."""
        return self.database.store

    def staff(self, request: Request) -> Staff:
        """Who is signed in; the middleware (bot/console/middleware.py) has let nobody else through."""
        staff: Staff = request.state.staff
        return staff

    def staff_or_none(self, request: Request) -> Staff | None:
        """Who is signed in, on the pages for everybody."""
        staff: Staff | None = getattr(request.state, "staff", None)
        return staff

    def staff_id(self, request: Request) -> int:
        """The id of who is signed in, for the services."""
        staff_id = self.staff(request).id
        if staff_id is None:
            raise RuntimeError("Somebody is signed in who is not in the database.")
        return staff_id

    def admin(self, request: Request) -> Staff:
        """Who is signed in, if it is an admin.

        Raises:
            NotAllowed: it is an agent; this is recorded.
        """
        staff = self.staff(request)
        if staff.role is not Role.ADMIN:
            own_account.record_refusal(self.store, "admin_page_refused", staff, self.clock(), page=request.url.path)
            raise NotAllowed("This page is for admins: ask one of them.")
        return staff

    def form(self, request: Request) -> FormData:
        """The fields of a form; empty for a GET. The middleware has read it and has checked its CSRF token."""
        form: FormData = request.state.form
        return form

    def field(self, request: Request, name: str) -> str:
        """One field of a form, without spaces around it; empty when it is missing."""
        return str(self.form(request).get(name, "")).strip()

    def csrf_token(self, request: Request) -> str:
        """For forms (hidden field ``csrf``) and fetch (header ``X-CSRF-Token``); empty where there is no session."""
        session: Session | None = getattr(request.state, "session", None)
        return self.sessions.csrf_token(session) if session else ""

    def render(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """A page: the template's context, and what the frame needs."""
        signed_in = self.staff_or_none(request)
        frame = {
            "staff": signed_in,
            "is_admin": signed_in is not None and signed_in.role is Role.ADMIN,
            "csrf": self.csrf_token(request),
            "flashes": self.flashes.read(request),
        }
        response = self.templates.TemplateResponse(request, template, {**frame, **context}, status)
        self.flashes.forget(request, response)
        return response

    def redirect(self, path: str, flash: str | None = None) -> Response:
        """To another page after a change; ``flash`` is shown there once."""
        response = RedirectResponse(path, 303)
        if flash:
            self.flashes.write(response, flash)
        return response
