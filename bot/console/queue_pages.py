"""The queue, the alerts, and the search over past handoffs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.console import words
from bot.console.context import Console
from bot.console.reading import choice, day, id_of, page_number, whole
from bot.console.reading import words as words_of
from bot.console.views import transcript_view
from bot.conversation import transcript
from bot.domain.handoff import Kind, Outcome, State
from bot.handoff import alerts, queue, search, services
from bot.notifications.schedule import Failure, failures

# For so long the queue says that a notification could not be sent.
SHOWN_FOR = timedelta(days=1)


def routes(console: Console) -> list[BaseRoute]:
    """``/``, ``/past`` and the alerts."""
    pages = QueuePages(console)
    return [
        Route("/", pages.queue),
        Route("/past", pages.past, methods=["GET", "POST"]),
        Route("/alerts/{id:int}", pages.alert),
        Route("/alerts/{id:int}/seen", pages.see_alerts, methods=["POST"]),
    ]


@dataclass(frozen=True)
class QueuePages:
    """The handlers; each runs in a thread of its own, because it waits for the database."""

    console: Console

    def queue(self, request: Request) -> Response:
        """Who waits, who is talked to, what is alarming."""
        staff_id = self.console.staff_id(request)
        mine = request.query_params.get("mine") == "1"
        filters = queue.Filters(
            choice(request, "state", State),
            words_of(request, "channel"),
            choice(request, "kind", Kind),
            staff_id if mine else None,
            words_of(request, "language"),
        )
        store, person = self.console.store, self.console.staff(request)
        return self._render(
            request,
            "console/queue.html",
            page=queue.open_handoffs(store, filters, page_number(request), person.speaks),
            channels=[(name, words.channel(name)) for name in queue.channels(store)],
            languages=[(code, words.language(code)) for code in queue.languages(store)],
            filters=filters,
            failures=self._recent_failures(),
        )

    def past(self, request: Request) -> Response:
        """Finds handoffs again."""
        wanted = search.Search(
            words_of(request, "q"),
            choice(request, "state", State),
            choice(request, "outcome", Outcome),
            day(request, "since"),
            day(request, "until", days_later=1),
        )
        found = search.find(self.console.store, wanted, page_number(request))
        return self._render(request, "console/past.html", page=found, search=wanted)

    def alert(self, request: Request) -> Response:
        """The conversation of an alert, to read."""
        alert, handoff_id = alerts.by_id(self.console.store, id_of(request))
        lines = transcript.lines(self.console.store, alert.conversation)
        view = transcript_view(lines, [], whole="all" in request.query_params)
        return self._render(request, "console/alert.html", alert=alert, handoff_id=handoff_id, view=view)

    def see_alerts(self, request: Request) -> Response:
        """Somebody takes note of an alert, and of those that are shown with it."""
        until, handoff = self.console.field(request, "until"), self.console.field(request, "handoff")
        services.see_alerts(
            self.console.store,
            id_of(request),
            self.console.staff_id(request),
            self.console.clock(),
            whole(until) if until else None,
        )
        return self.console.redirect(f"/console/handoffs/{whole(handoff)}" if handoff else "/console")

    def _recent_failures(self) -> list[Failure]:
        since = self.console.clock() - SHOWN_FOR
        return [failure for failure in failures(self.console.store) if failure.at > since]

    def _render(self, request: Request, template: str, **context: Any) -> Response:
        desk = queue.staff_dashboard(self.console.store, self.console.staff_id(request))
        return self.console.render(
            request,
            template,
            words=words,
            now=self.console.clock(),
            desk=desk,
            alerts_page=queue.alerts_page(desk.alerts, page_number(request, "alerts")),
            page_link=lambda number, name="page": "?" + urlencode({**request.query_params, name: number}),
            **context,
        )
