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

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.conversation import feedback, transcript, typing_indicator
from bot.conversation.live_updates import LiveUpdates
from bot.conversation.transcript import Speaker
from bot.database.unit_of_work import Store
from bot.domain.audit import VISITOR
from bot.outbox import delivery
from bot.privacy import export_and_erase
from bot.widget.incoming import Message, Opinion, Receipt, bearer_token, newest_seen
from bot.widget.outgoing import Event, as_text, line_json
from bot.widget.rasa import Rasa
from bot.widget.rate_limits import RateLimiter
from bot.widget.stream import MOST_LINES, EventStream, Reader, check_goes_on
from bot.widget.tokens import Visitor, VisitorTokens

DONE = {"status": "ok"}


@dataclass(frozen=True)
class Chat:
    """The chat's endpoints.

    Attributes:
        longest: the most characters that a message may have.
        languages: words of the interface, by language.
        clock: the time, UTC.
    """

    store: Store
    live: LiveUpdates
    rasa: Rasa
    tokens: VisitorTokens
    guard: RateLimiter
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
        self.guard.session(_address(request))
        return JSONResponse({"token": self.tokens.issue()})

    async def end(self, request: Request) -> Response:
        """Erases everything about the conversation."""
        visitor = self._visitor(request)
        await asyncio.to_thread(export_and_erase.erase, self.store, visitor.conversation, VISITOR, self.clock())
        return JSONResponse(DONE)

    async def receive(self, request: Request) -> Response:
        """Hands a message over; what is new in the conversation comes back: ``{"lines": [...]}``."""
        conversation = self._known(request).conversation
        message = await Message.read(request, self.longest)
        with self.guard.message(conversation):
            await asyncio.to_thread(self._may_write, conversation)
            await self.rasa.receive(conversation, message.text, message.id, _address(request))
            lines = await asyncio.to_thread(
                transcript.lines, self.store, conversation, after=message.after, limit=MOST_LINES
            )
        return JSONResponse({"lines": [line_json(line) for line in lines]})

    async def events(self, request: Request) -> Response:
        """What the page does not have yet, and then what happens."""
        visitor = self._visitor(request)
        reader = Reader(self.store, visitor.conversation, self.clock, newest_seen(request))
        place = self.guard.stream(visitor.conversation, _address(request))
        token = self.tokens.renewed(visitor)
        return EventStream(reader, self.live, place, [Event("token", {"token": token})] if token else [])

    async def typing(self, request: Request) -> Response:
        """The visitor types right now."""
        visitor = self._visitor(request)
        await asyncio.to_thread(
            typing_indicator.mark_typing, self.store, visitor.conversation, Speaker.VISITOR, self.clock()
        )
        return JSONResponse(DONE)

    async def received(self, request: Request) -> Response:
        """The page shows these replies."""
        visitor, receipt = self._visitor(request), await Receipt.read(request)
        await asyncio.to_thread(self._mark_delivered, visitor.conversation, receipt)
        return JSONResponse(DONE)

    async def feedback(self, request: Request) -> Response:
        """What the visitor thinks of an answer."""
        visitor, opinion = self._visitor(request), await Opinion.read(request)
        await asyncio.to_thread(
            feedback.give,
            self.store,
            visitor.conversation,
            opinion.line,
            opinion.helpful,
            self.clock(),
            opinion.comment,
        )
        return JSONResponse(DONE)

    async def download(self, request: Request) -> Response:
        """The whole conversation as a text file, with headings in ``?language=``."""
        visitor = self._visitor(request)
        words = self.languages.get(request.query_params.get("language", ""), self.languages["en"])
        lines = await asyncio.to_thread(transcript.lines, self.store, visitor.conversation)
        headers = {"Content-Disposition": 'attachment; filename="chat.txt"'}
        return PlainTextResponse(as_text(lines, words), headers=headers)

    def _known(self, request: Request) -> Visitor:
        return self.tokens.visitor(bearer_token(request))

    def _visitor(self, request: Request) -> Visitor:
        visitor = self._known(request)
        self.guard.request(visitor.conversation)
        return visitor

    def _may_write(self, conversation: str) -> None:
        check_goes_on(self.store, conversation)
        self.guard.pace(conversation)

    def _mark_delivered(self, conversation: str, receipt: Receipt) -> None:
        # What the transcript does not show cannot have been seen.
        lines = transcript.lines(self.store, conversation, limit=MOST_LINES)
        shown = {line.reply_id for line in lines if line.reply_id}
        delivery.mark_delivered(self.store, conversation, sorted(shown.intersection(receipt.replies)), self.clock())


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
