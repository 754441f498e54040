"""What staff do with a conversation. Each is a form that leads back to its page, and works without a script too."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.console.context import Console
from bot.console.reading import clean, id_of, request_id, whole
from bot.conversation import typing_indicator
from bot.conversation.transcript import Speaker
from bot.domain.errors import Invalid, NotAllowed
from bot.domain.handoff import Outcome
from bot.domain.reply import Reply
from bot.handoff import read_marks, services
from bot.handoff.case_file import owns


def routes(console: Console) -> list[BaseRoute]:
    """The POST requests below ``/handoffs/<id>`` and ``/replies/<id>``."""
    actions = ConversationActions(console)
    handlers = {
        "take": actions.take,
        "release": actions.release,
        "transfer": actions.transfer,
        "resolve": actions.resolve,
        "notes": actions.add_note,
        "replies": actions.reply,
        "typing": actions.typing,
        "seen": actions.seen,
    }
    return [
        *(Route(f"/handoffs/{{id:int}}/{name}", handler, methods=["POST"]) for name, handler in handlers.items()),
        Route("/replies/{id:int}/retry", actions.retry, methods=["POST"]),
    ]


@dataclass(frozen=True)
class ConversationActions:
    """The handlers; each runs in a thread of its own, because it waits for the database."""

    console: Console

    def take(self, request: Request) -> Response:
        """Join the conversation."""
        services.take(self.console.store, id_of(request), self.console.staff_id(request), self.console.clock())
        return self._back(request)

    def release(self, request: Request) -> Response:
        """Give it back to the queue."""
        services.release(self.console.store, id_of(request), self.console.staff_id(request), self.console.clock())
        return self._back(request, "Released: the conversation waits in the queue again.")

    def transfer(self, request: Request) -> Response:
        """Hand it to a colleague."""
        handoff = services.transfer(
            self.console.store,
            id_of(request),
            self.console.staff_id(request),
            whole(self.console.field(request, "to")),
            self.console.clock(),
        )
        return self._back(request, f"Transferred to {handoff.owner.name if handoff.owner else 'a colleague'}.")

    def resolve(self, request: Request) -> Response:
        """End it with an outcome."""
        services.resolve(
            self.console.store,
            id_of(request),
            self.console.staff_id(request),
            _outcome(self.console.field(request, "outcome")),
            self.console.clock(),
        )
        return self._back(request, "Resolved: the assistant answers the visitor again.")

    def add_note(self, request: Request) -> Response:
        """Write something for colleagues."""
        services.add_note(
            self.console.store,
            id_of(request),
            self.console.staff_id(request),
            clean(self.console.field(request, "text")),
            self.console.clock(),
        )
        return self._back(request)

    def reply(self, request: Request) -> Response:
        """Write to the visitor."""
        written = services.reply(
            self.console.store,
            id_of(request),
            self.console.staff_id(request),
            clean(self.console.field(request, "text")),
            request_id(self.console.field(request, "request_id")),
            self.console.clock(),
        )
        return self._answer(request, written)

    def retry(self, request: Request) -> Response:
        """Try a reply again that was not delivered."""
        written = services.retry(
            self.console.store, id_of(request), self.console.staff_id(request), self.console.clock()
        )
        return self.console.redirect(f"/console/handoffs/{written.handoff.id}" if written.handoff else "/console")

    def typing(self, request: Request) -> Response:
        """Tell the visitor that a reply is being written."""
        conversation = owns(self.console.store, id_of(request), self.console.staff_id(request))
        if conversation is None:
            raise NotAllowed("Only who owns the conversation writes in it.")
        typing_indicator.mark_typing(self.console.store, conversation, Speaker.STAFF, self.console.clock())
        return Response(status_code=204)

    def seen(self, request: Request) -> Response:
        """Remember how far this member of staff has read."""
        line = whole(self.console.field(request, "line"))
        read_marks.mark_seen(self.console.store, id_of(request), self.console.staff_id(request), line)
        return Response(status_code=204)

    def _answer(self, request: Request, written: Reply) -> Response:
        if request.headers.get("Accept") == "application/json":
            return JSONResponse({"reply": written.id, "state": written.state.value})
        return self._back(request)

    def _back(self, request: Request, flash: str | None = None) -> Response:
        return self.console.redirect(f"/console/handoffs/{id_of(request)}", flash)


def _outcome(text: str) -> Outcome:
    try:
        return Outcome(text)
    except ValueError as error:
        raise Invalid("Choose how the conversation ended.") from error
