"""What every request of the console passes: who it is, and that what changes something was sent by our own page.

Every request below /console passes it, so that no page can forget to ask.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.accounts import sessions
from bot.console.sessions import COOKIE, Session, Sessions
from bot.database.async_store import AsyncStore
from bot.domain.errors import StoreUnavailable
from bot.domain.staff import Staff

READING = ("GET", "HEAD")
MOST_BYTES, MOST_FIELDS = 100_000, 100
SIGN_IN = "/console/sign-in"
# What an open page sends without anybody.
BY_ITSELF = "/seen"
# Pages for people who are not signed in.
OPEN = (SIGN_IN, "/console/welcome/")


class AuthenticationMiddleware:
    """ASGI middleware: puts ``session``, ``staff`` (or None) and ``form`` into the request's state.

    Args:
        idle: after so long without use a session is over.
        clock: the time, UTC.
    """

    def __init__(
        self,
        app: ASGIApp,
        database: AsyncStore,
        sessions: Sessions,
        idle: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._database = database
        self._sessions = sessions
        self._idle = idle
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request.

        Raises:
            HTTPException: 403 for a change that our own page did not send, 413 for one that is too large.
            StoreUnavailable: nobody can be looked up.
        """
        if scope["type"] != "http":
            raise HTTPException(404)
        request = Request(scope, receive)
        state = request.state
        kept = self._sessions.read(request, self._clock())
        state.session = kept or self._sessions.new(self._clock())
        state.staff = await self._database.run(self._who, state.session, _is_use(request))
        state.form = FormData()
        if request.method not in READING:
            body = await _body(request)
            state.form = _form(request, body)
            receive = _again(body, receive)
        app = self._refusal(request) or self._app
        is_new = kept is None and _is_open(request)
        await app(scope, receive, self._with_cookie(request, send) if is_new else send)

    def _who(self, session: Session, uses: bool) -> Staff | None:
        if session.staff_id is None:
            return None
        store, at = self._database.store, self._clock()
        found = sessions.whose(store, session.nonce, at, self._idle)
        if found is None:
            return None
        staff, used_at = found
        if not staff.enabled or staff.id != session.staff_id or staff.session_epoch != session.epoch:
            return None
        if uses and at >= used_at + sessions.BETWEEN_NOTES:
            # Reading goes on while nothing can be written.
            with suppress(StoreUnavailable):
                sessions.mark_used(store, session.nonce, at)
        return staff

    def _refusal(self, request: Request) -> Response | None:
        if request.state.staff is None and not _is_open(request):
            return _sign_in_first(request)
        if request.method not in READING and not self._sent_by_our_page(request):
            raise HTTPException(403, "This page has become old. Please load it again, and then try once more.")
        return None

    def _sent_by_our_page(self, request: Request) -> bool:
        token = request.headers.get("X-CSRF-Token") or str(request.state.form.get("csrf", ""))
        return self._sessions.is_csrf_token(request.state.session, token)

    def _with_cookie(self, request: Request, send: Send) -> Send:
        # A browser that is new here: its sign-in form is protected from the first page on.
        fresh = Response()
        self._sessions.write(request, fresh, request.state.session)
        cookies = [value for name, value in fresh.headers.items() if name == "set-cookie"]

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # Signing in sets it too, to another session.
                if not any(value.startswith(COOKIE) for value in headers.getlist("set-cookie")):
                    headers.append("set-cookie", cookies[0])
            await send(message)

        return send_with_cookie


def _is_use(request: Request) -> bool:
    """Whether a person does something; an open page reads itself anew, and notes what it shows, all by itself."""
    if request.method in READING:
        return is_page(request)
    return not request.url.path.endswith(BY_ITSELF)


def is_page(request: Request) -> bool:
    """Whether a person's browser navigates, so that the answer must be a page and not JSON."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return mode == "navigate" and "text/html" in request.headers.get("Accept", "")


def _is_open(request: Request) -> bool:
    return request.url.path.startswith(OPEN)


def _sign_in_first(request: Request) -> Response:
    if not is_page(request):
        return JSONResponse({"error": "Your session is over: please sign in again.", "sign_in": SIGN_IN}, 401)
    if request.method not in READING:
        return RedirectResponse(f"{SIGN_IN}?over=1", 303)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': request.url.path + query})}", 303)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"A request may have at most {MOST_BYTES} bytes.")
    return bytes(body)


def _form(request: Request, body: bytes) -> FormData:
    if not request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return FormData()
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise HTTPException(400, "The form cannot be read.") from error
    # A database takes no zero byte.
    return FormData([(name, value.replace("\x00", "")) for name, value in fields])


def _again(body: bytes, receive: Receive) -> Receive:
    read = False

    async def receive_again() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
