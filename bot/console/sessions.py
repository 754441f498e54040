"""A browser's session: a signed cookie with a key. Whose it is, and whether it goes on, the server knows.

Before anybody has signed in it protects the sign-in form, and the server knows nothing of it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timezone

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from bot.accounts.sessions import LASTS
from bot.domain.staff import Staff

COOKIE = "staff_session"
PATH = "/console"


@dataclass(frozen=True)
class Session:
    """What the cookie says; true only once the account has been looked up.

    Attributes:
        nonce: random, a new one at each sign-in; the server's key to it, and the CSRF token is derived from it.
        issued: when it began.
        staff_id: None before sign-in.
        epoch: of the account at sign-in; the session is over when the account's has grown.
    """

    nonce: str
    issued: datetime
    staff_id: int | None = None
    epoch: int = 0


class Sessions:
    """Writes and reads the cookies.

    Args:
        key: what they are signed with.
        secure: the browser must send them over https only, whatever this request came by.
    """

    def __init__(self, key: str, secure: bool) -> None:
        self._serializer = URLSafeSerializer(key, salt="staff-session", signer_kwargs={"digest_method": hashlib.sha256})
        self._key = key.encode()
        self._secure = secure

    def new(self, at: datetime, staff: Staff | None = None) -> Session:
        """A session that begins now: of nobody, or of somebody who has just shown who they are."""
        nonce = secrets.token_urlsafe(16)
        return Session(nonce, at) if staff is None else Session(nonce, at, staff.id, staff.session_epoch)

    def read(self, request: Request, at: datetime) -> Session | None:
        """The request's session; None without a good cookie, and when it is over."""
        try:
            nonce, issued, staff_id, epoch = self._serializer.loads(request.cookies.get(COOKIE, ""))
        except (BadData, TypeError, ValueError):
            return None
        session = Session(nonce, datetime.fromtimestamp(issued, timezone.utc), staff_id, epoch)
        return session if at < session.issued + LASTS else None

    def write(self, request: Request, response: Response, session: Session) -> None:
        """Gives the browser its session."""
        value = [session.nonce, session.issued.timestamp(), session.staff_id, session.epoch]
        self._set(request, response, COOKIE, str(self._serializer.dumps(value)), int(LASTS.total_seconds()))

    def forget(self, response: Response) -> None:
        """Takes it away."""
        response.delete_cookie(COOKIE, path=PATH)

    def csrf_token(self, session: Session) -> str:
        """What a request of this session that changes something must carry."""
        return hmac.new(self._key, b"csrf" + session.nonce.encode(), hashlib.sha256).hexdigest()

    def is_csrf_token(self, session: Session, token: str) -> bool:
        """Whether ``token`` is this session's."""
        return hmac.compare_digest(self.csrf_token(session).encode(), token.encode())

    def _set(self, request: Request, response: Response, name: str, value: str, seconds: int) -> None:
        secure = self._secure or request.url.scheme == "https"
        response.set_cookie(name, value, seconds, path=PATH, secure=secure, httponly=True, samesite="lax")
