"""A sentence that the next page shows once ("Anna has been added."): a short-lived signed cookie."""

import hashlib

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "flash"
PATH = "/console"
SECONDS = 60


class Flashes:
    """Writes and reads the cookie.

    Args:
        key: what it is signed with.
    """

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeSerializer(key, salt="flash", signer_kwargs={"digest_method": hashlib.sha256})

    def write(self, response: Response, text: str) -> None:
        """Has the next page say it."""
        value = str(self._serializer.dumps(text))
        response.set_cookie(COOKIE, value, SECONDS, path=PATH, httponly=True, samesite="lax")

    def read(self, request: Request) -> list[str]:
        """What to say on this page."""
        try:
            return [str(self._serializer.loads(request.cookies[COOKIE]))]
        except (BadData, KeyError):
            return []

    def forget(self, request: Request, response: Response) -> None:
        """It has been said."""
        if COOKIE in request.cookies:
            response.delete_cookie(COOKIE, path=PATH)
