"""The visitor's chat, below ``/chat``. Every request but the first carries the visitor's token.

POST   /session   a token for a new conversation
DELETE /session   ends the conversation and erases it
POST   /messages  takes a message; what is new in the conversation comes back
GET    /events    the conversation as it changes (server-sent events)
POST   /typing    the visitor types
POST   /received  replies that the page shows
POST   /feedback  thumbs up or down on an answer
GET    /download  the conversation as a text file
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.conversation import feedback, transcript, typing_indicator
from bot.conversation.live_updates import LiveUpdates
from bot.conversation.transcript import Speaker
from bot.database.async_store import AsyncStore
from bot.domain.audit import VISITOR
from bot.domain.errors import StoreUnavailable
from bot.outbox import delivery
from bot.privacy import export_and_erase
from bot.widget.incoming import Opinion, ShownReplies, VisitorMessage, bearer_token, newest_seen
from bot.widget.outgoing import Event, as_text, line_json
from bot.widget.rasa import Rasa
from bot.widget.rate_limits import RateLimiter
from bot.widget.stream import MOST_LINES, EventStream, Reader, check_goes_on
from bot.widget.tokens import Visitor, VisitorTokens

DONE = {"status": "ok"}
# What a message may wait for before it is handed over: of a visitor's patience the smaller part.
SECONDS_TO_CHECK = 1

Result = TypeVar("Result")


@dataclass(frozen=True)
class Chat:
    """The chat's endpoints.

    Attributes:
        longest: the most characters that a message may have.
        languages: words of the interface, by language.
        clock: the time, UTC.
    """

    database: AsyncStore
    live: LiveUpdates
    rasa: Rasa
    tokens: VisitorTokens
    limits: RateLimiter
    longest: int
    languages: Mapping[str, Mapping[str, str]]
    clock: Callable[[], datetime]

    def routes(self) -> list[Route]:
        """The routes below ``/chat``."""
        return [
            Route("/session", self.begin, methods=["POST"]),
            Route("/session", self.end, methods=["DELETE"]),
            Route("/messages", self.receive, methods=["POST"]),
            Route("/events", self.events, methods=["GET"]),
            Route("/typing", self.typing, methods=["POST"]),
            Route("/received", self.received, methods=["POST"]),
            Route("/feedback", self.feedback, methods=["POST"]),
            Route("/download", self.download, methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Starts a conversation: ``{"token": ...}``."""
        self.limits.take_session(_address(request))
        return JSONResponse({"token": self.tokens.issue()})

    async def end(self, request: Request) -> Response:
        """Erases everything about the conversation."""
        visitor = self._visitor(request)
        await self._run(export_and_erase.erase, visitor.conversation, VISITOR, self.clock())
        return JSONResponse(DONE)

    async def receive(self, request: Request) -> Response:
        """Hands a message over; what is new in the conversation comes back: ``{"lines": [...]}``."""
        conversation = self._known(request).conversation
        message = await VisitorMessage.read(request, self.longest)
        with self.limits.message(conversation):
            # A database that does not answer holds up no message: what needs none of it is answered all the same.
            with suppress(StoreUnavailable):
                await self.database.run(self._check_may_write, conversation, patience=SECONDS_TO_CHECK)
            await self.rasa.receive(conversation, message.text, message.id, _address(request), message.language)
            lines = await self._run(transcript.lines, conversation, message.after, MOST_LINES)
        return JSONResponse({"lines": [line_json(line) for line in lines]})

    async def events(self, request: Request) -> Response:
        """What the page does not have yet, and then what happens."""
        visitor = self._visitor(request)
        reader = Reader(self.database, visitor.conversation, self.clock, newest_seen(request))
        place = self.limits.stream(visitor.conversation, _address(request))
        token = self.tokens.renewed(visitor)
        return EventStream(reader, self.live, place, [Event("token", {"token": token})] if token else [])

    async def typing(self, request: Request) -> Response:
        """The visitor types right now."""
        visitor = self._visitor(request)
        await self._run(typing_indicator.mark_typing, visitor.conversation, Speaker.VISITOR, self.clock())
        return JSONResponse(DONE)

    async def received(self, request: Request) -> Response:
        """The page shows these replies."""
        visitor, shown = self._visitor(request), await ShownReplies.read(request)
        await self.database.run(self._mark_delivered, visitor.conversation, shown)
        return JSONResponse(DONE)

    async def feedback(self, request: Request) -> Response:
        """What the visitor thinks of an answer."""
        visitor, opinion = self._visitor(request), await Opinion.read(request)
        about = (opinion.line, opinion.helpful, self.clock(), opinion.comment)
        await self._run(feedback.store_opinion, visitor.conversation, *about)
        return JSONResponse(DONE)

    async def download(self, request: Request) -> Response:
        """The whole conversation as a text file, with headings in ``?language=``."""
        visitor = self._visitor(request)
        words = self.languages.get(request.query_params.get("language", ""), self.languages["en"])
        lines = await self._run(transcript.lines, visitor.conversation)
        headers = {"Content-Disposition": 'attachment; filename="chat.txt"'}
        return PlainTextResponse(as_text(lines, words), headers=headers)

    def _known(self, request: Request) -> Visitor:
        return self.tokens.visitor(bearer_token(request))

    def _visitor(self, request: Request) -> Visitor:
        visitor = self._known(request)
        self.limits.take_request(visitor.conversation)
        return visitor

    async def _run(self, use_case: Callable[..., Result], *arguments: Any) -> Result:
        return await self.database.run(use_case, self.database.store, *arguments)

    def _check_may_write(self, conversation: str) -> None:
        check_goes_on(self.database.store, conversation)
        self.limits.check_pace(conversation)

    def _mark_delivered(self, conversation: str, shown: ShownReplies) -> None:
        # What the transcript does not show cannot have been seen.
        lines = transcript.lines(self.database.store, conversation, limit=MOST_LINES)
        there = {line.reply_id for line in lines if line.reply_id}
        seen = sorted(there.intersection(shown.replies))
        delivery.mark_delivered(self.database.store, conversation, seen, self.clock())


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
