"""How handoffs went over a period, with plots drawn on the server."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.console import words
from bot.console.context import Console
from bot.console.reading import day
from bot.handoff import statistics
from bot.handoff.statistics import Statistics

DAY = timedelta(days=1)
DAYS_SHOWN, MOST_DAYS = 30, 366
# Longer periods are drawn by week: a plot with a bar for each of 90 days says nothing.
DAYS_DRAWN = 31
# What a bar stands for, and how many.
Rows = list[tuple[str, int]]


def routes(console: Console) -> list[BaseRoute]:
    """``/statistics``."""

    def show(request: Request) -> Response:
        since, until = _period(request, console.clock())
        found = statistics.over(console.store, since, until)
        today = console.clock().date()
        shown: dict[str, Any] = {
            "found": found,
            "plots": plots(found),
            "over_time": over_time(found.days),
            "first": since.date(),
            "last": (until - DAY).date(),
            "periods": [(days, today - timedelta(days=days - 1), today) for days in (7, 30, 90, 365)],
        }
        return console.render(request, "console/statistics.html", **shown)

    return [Route("/statistics", show)]


def plots(found: Statistics) -> list[tuple[str, str, Rows]]:
    """(id, heading, bars) of each plot."""
    counted = [
        ("states", "State", {words.STATES[state]: count for state, count in found.states.items()}),
        ("kinds", "What visitors asked for", {words.KINDS[kind]: count for kind, count in found.kinds.items()}),
        ("outcomes", "Outcome", {words.OUTCOMES[outcome]: count for outcome, count in found.outcomes.items()}),
        ("ratings", "Rating by visitors", {f"{rating} of 5": count for rating, count in found.ratings.items()}),
    ]
    return [(id, heading, _bars(counts)) for id, heading, counts in counted]


def over_time(days: dict[date, int]) -> tuple[str, Rows]:
    """(heading, bars) of the plot over time."""
    heading, counts = _by_time(days)
    return heading, _bars(counts)


def _bars(counts: dict[str, int]) -> Rows:
    return list(counts.items()) if any(counts.values()) else []


def _by_time(days: dict[date, int]) -> tuple[str, dict[str, int]]:
    if len(days) <= DAYS_DRAWN:
        return "By day", {_written(one): count for one, count in days.items()}
    weeks: dict[date, int] = {}
    for one, count in days.items():
        monday = one - one.weekday() * DAY
        weeks[monday] = weeks.get(monday, 0) + count
    return "By week", {_written(monday): count for monday, count in weeks.items()}


def _written(one: date) -> str:
    return f"{one.day} {one:%b %Y}"


def _period(request: Request, now: datetime) -> tuple[datetime, datetime]:
    tomorrow = datetime.combine(now.date(), time(), timezone.utc) + DAY
    until = min(day(request, "to", 1) or tomorrow, tomorrow)
    since = day(request, "from") or until - DAYS_SHOWN * DAY
    if since >= until:
        since = until - DAY
    return max(since, until - MOST_DAYS * DAY), until
