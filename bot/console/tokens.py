"""Who a visitor is: a signed, expiring token whose subject is the conversation."""

import re
import secrets
import time
from collections.abc import Callable

from itsdangerous import BadData, URLSafeSerializer

from bot.console.errors import NotAuthorized

SECONDS_VALID = 24 * 60 * 60
CONVERSATION = re.compile(r"web-[0-9a-f]{32}")


class SessionTokens:
    """Issues and reads the visitors' tokens.

    Args:
        key: what the tokens are signed with.
        clock: seconds since the epoch.
    """

    def __init__(self, key: str, clock: Callable[[], float] = time.time) -> None:
        self._serializer = URLSafeSerializer(key, salt="chat-session")
        self._clock = clock

    def issue(self) -> str:
        """A token for a fresh conversation, good for 24 hours."""
        subject = f"web-{secrets.token_hex(16)}"
        expires = int(self._clock()) + SECONDS_VALID
        return str(self._serializer.dumps({"sub": subject, "exp": expires}))

    def conversation(self, token: str) -> str:
        """The conversation that a token was issued for.

        Raises:
            NotAuthorized: not our signature, or expired.
        """
        try:
            claims = self._serializer.loads(token)
        except BadData as error:
            raise NotAuthorized("The token is not valid: ask for a new one at /chat/session.") from error
        if claims["exp"] <= self._clock():
            raise NotAuthorized("The token has expired: ask for a new one at /chat/session.")
        if not CONVERSATION.fullmatch(claims["sub"]):
            raise NotAuthorized("The token is not for a conversation on this website.")
        return str(claims["sub"])
