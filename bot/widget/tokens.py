"""Who a visitor is: a signed, expiring token whose subject is the conversation."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from bot.widget.errors import NotAuthorized

# Staff may answer after a long weekend: the visitor has to be able to come back.
VALID = timedelta(days=14)
# A token that is in use is replaced by a fresh one when it is this old.
RENEWED_AFTER = timedelta(days=1)
CONVERSATION = re.compile(r"web-[0-9a-f]{32}")


@dataclass(frozen=True)
class Visitor:
    """Who sent a request.

    Attributes:
        conversation: Rasa's sender id.
        issued: when the token was issued, UTC.
    """

    conversation: str
    issued: datetime


class VisitorTokens:
    """Issues and reads the visitors' tokens.

    Args:
        key: what the tokens are signed with.
        clock: the time, UTC.
    """

    def __init__(self, key: str, clock: Callable[[], datetime]) -> None:
        self._serializer = URLSafeSerializer(key, salt="visitor")
        self._clock = clock

    def issue(self, conversation: str | None = None) -> str:
        """A token, good for ``VALID``: for a fresh conversation, or for one that goes on."""
        subject = conversation or f"web-{secrets.token_hex(16)}"
        expires = int((self._clock() + VALID).timestamp())
        return str(self._serializer.dumps({"sub": subject, "exp": expires}))

    def visitor(self, token: str) -> Visitor:
        """Whom a token was issued to.

        Raises:
            NotAuthorized: not our signature, or expired.
        """
        try:
            claims = self._serializer.loads(token)
        except BadData as error:
            raise NotAuthorized("The token is not valid: ask for a new one at /chat/session.") from error
        if claims["exp"] <= self._clock().timestamp():
            raise NotAuthorized("The token has expired: ask for a new one at /chat/session.")
        if not CONVERSATION.fullmatch(claims["sub"]):
            raise NotAuthorized("The token is not for a conversation on this website.")
        issued = datetime.fromtimestamp(claims["exp"], self._clock().tzinfo) - VALID
        return Visitor(claims["sub"], issued)

    def renewed(self, visitor: Visitor) -> str | None:
        """A fresh token for a visitor whose token is no longer new."""
        if self._clock() - visitor.issued < RENEWED_AFTER:
            return None
        return self.issue(visitor.conversation)
