"""One handoff's page: the transcript, what is known of it, and the ways to see more."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.console import conversation_actions, live_pages, words
from bot.console.context import Console
from bot.console.reading import id_of, whole
from bot.console.views import transcript_view
from bot.conversation import transcript
from bot.conversation.transcript import Speaker
from bot.conversation.typing_indicator import who_is_typing
from bot.domain.handoff import Outcome, State
from bot.handoff import canned_replies, case_file, queue, services

VISITORS_NAME = "{visitor}"


def routes(console: Console) -> list[BaseRoute]:
    """``/handoffs/<id>`` and everything that staff do there."""
    pages = ConversationPages(console)
    return [
        Route("/handoffs/{id:int}", pages.show),
        Route("/handoffs/{id:int}/contact", pages.contact, methods=["POST"]),
        Route("/handoffs/{id:int}/canned", pages.canned, methods=["POST"]),
        *conversation_actions.routes(console),
        *live_pages.routes(console),
    ]


@dataclass(frozen=True)
class ConversationPages:
    """The handlers; each runs in a thread of its own, because it waits for the database."""

    console: Console

    def show(self, request: Request) -> Response:
        """The page."""
        return self._page(request)

    def contact(self, request: Request) -> Response:
        """The page with the contact card open. A POST, because every look is recorded."""
        card = services.see_contact(
            self.console.store, id_of(request), self.console.staff_id(request), self.console.clock()
        )
        return self._page(request, contact=card, contact_open=True)

    def canned(self, request: Request) -> Response:
        """A canned reply with its placeholders filled: ``{"text": ...}``."""
        reply = canned_replies.by_id(self.console.store, whole(self.console.field(request, "canned")))
        # The visitor's name is of the contact card, so that using it is a look at the card.
        name = self._visitors_name(request) if VISITORS_NAME in reply.text else None
        return JSONResponse(
            {"text": canned_replies.fill(reply.text, visitor=name, staff=self.console.staff(request).name)}
        )

    def _visitors_name(self, request: Request) -> str | None:
        card = services.see_contact(
            self.console.store, id_of(request), self.console.staff_id(request), self.console.clock()
        )
        return card.name if card else None

    def _page(self, request: Request, **context: Any) -> Response:
        store, at, staff_id = self.console.store, self.console.clock(), self.console.staff_id(request)
        about = case_file.load(store, id_of(request))
        handoff = about.handoff
        lines = transcript.lines(store, handoff.conversation)
        mine = handoff.state is State.ACTIVE and handoff.owner is not None and handoff.owner.id == staff_id
        desk = queue.staff_dashboard(store, staff_id)
        return self.console.render(
            request,
            "console/conversation.html",
            **context,
            words=words,
            now=at,
            desk=desk,
            about=about,
            handoff=handoff,
            alerts=[alert for alert in desk.alerts if alert.conversation == handoff.conversation],
            view=transcript_view(lines, about.replies, whole="all" in request.query_params),
            may_write=mine,
            typing=(handoff.conversation, Speaker.VISITOR) in who_is_typing(store, at, handoff.conversation),
            outcomes=list(Outcome),
            canned_replies=canned_replies.all_of(store),
            longest=services.LONGEST_REPLY,
            request_id=uuid4().hex,
        )
