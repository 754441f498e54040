"""The visitor's chat: ``POST /chat/session`` gives a token, ``POST /chat/messages`` takes messages."""

import json
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.console.errors import InvalidMessage, MessageTooLong, NotAuthorized, UnreadableBody
from bot.console.rasa import Rasa
from bot.console.tokens import SessionTokens

# A character outside the basic plane, escaped: \ud83d\ude42.
BYTES_PER_CHARACTER = 12
BYTES_AROUND = 1000


@dataclass(frozen=True)
class VisitorMessage:
    """What a visitor sent, checked."""

    text: str

    @classmethod
    def from_body(cls, body: bytes, longest: int) -> "VisitorMessage":
        """Reads a request's body; unknown fields are ignored.

        Args:
            body: the JSON ``{"text": ...}``.
            longest: the most characters that ``text`` may have.

        Raises:
            UnreadableBody: not JSON in UTF-8.
            InvalidMessage: no ``text``, or one that is empty or no text.
            MessageTooLong: more than ``longest`` characters.
        """
        try:
            content = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise UnreadableBody("The body must be JSON in UTF-8.") from error
        text = content.get("text") if isinstance(content, dict) else None
        if not isinstance(text, str) or not text.strip() or not _encodable(text):
            raise InvalidMessage('The body must be {"text": "..."} with a text that is not empty.')
        if len(text) > longest:
            raise MessageTooLong(f"The message must have at most {longest} characters.")
        return cls(text)


class Chat:
    """The chat's endpoints.

    Args:
        longest: the most characters that a message may have.
    """

    def __init__(self, tokens: SessionTokens, rasa: Rasa, longest: int) -> None:
        self._tokens = tokens
        self._rasa = rasa
        self._longest = longest

    def routes(self) -> list[Route]:
        """The routes below ``/chat``."""
        return [
            Route("/session", self.open_session, methods=["POST"]),
            Route("/messages", self.receive, methods=["POST"]),
        ]

    async def open_session(self, request: Request) -> Response:
        """Starts a conversation: ``{"token": ...}``."""
        return JSONResponse({"token": self._tokens.issue()})

    async def receive(self, request: Request) -> Response:
        """Passes a message on, always in the token's conversation, and returns the replies."""
        conversation = self._tokens.conversation(_bearer_token(request))
        body = await _read_body(request, self._longest * BYTES_PER_CHARACTER + BYTES_AROUND)
        message = VisitorMessage.from_body(body, self._longest)
        replies = await self._rasa.replies(conversation, message.text)
        return Response(replies, media_type="application/json")


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthorized("Send the token from /chat/session: `Authorization: Bearer <token>`.")
    return token.strip()


async def _read_body(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise MessageTooLong(f"The request must have at most {limit} bytes.")
    return bytes(body)


def _encodable(text: str) -> bool:
    # JSON can hold half of a surrogate pair, which no encoding can carry on.
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
