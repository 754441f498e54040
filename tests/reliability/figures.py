"""What came of it: who heard when, and what the database holds of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from bot.conversation import transcript
from bot.conversation.transcript import Speaker
from bot.database import tables
from bot.database.unit_of_work import Store
from tests.reliability.visitors import AppVisitor, Inbox, Visitor

SECONDS_TO_HEAR = 5
SECONDS_FOR_HEALTH = 2


@dataclass(frozen=True)
class Figures:
    """Of one run. Seconds are from a message's sending, and of the worst of them.

    Attributes:
        messages: sent by all visitors.
        during: of these, begun during the fault.
        silence: until anything was heard.
        emergency: until an emergency's full reply.
        answered: of those during the fault, answered at the first try.
        again: not stored at first, and sent again.
        lost: confirmed, and not in the transcript.
        doubled: in the transcript twice, or answered twice in the app.
        disordered: conversations whose messages are not in the order in which they were said.
        emergencies, alerts: said, and raised.
        health: seconds that the slowest look at Rasa's health took.
    """

    fault: str
    messages: int
    during: int
    silence: float
    emergency: float
    answered: int
    again: int
    lost: int
    doubled: int
    disordered: int
    emergencies: int
    alerts: int
    health: float

    def broken(self) -> list[str]:
        """Names of the promises that were not kept."""
        kept = {
            "silence": self.silence <= SECONDS_TO_HEAR,
            "emergency": self.emergency <= SECONDS_TO_HEAR,
            "lost": not self.lost,
            "doubled": not self.doubled,
            "disordered": not self.disordered,
            "alerts": self.alerts == self.emergencies,
            "health": self.health <= SECONDS_FOR_HEALTH,
        }
        return [name for name, is_kept in kept.items() if not is_kept]


def figures(
    fault: str,
    visitors: Sequence[Visitor],
    inbox: Inbox,
    begun: float,
    ended: float,
    health: float,
    store: Store,
) -> Figures:
    """Compares what visitors heard with what is stored."""
    said = [each for visitor in visitors for each in visitor.said]
    during = [each for each in said if begun <= each.begun <= ended]
    alarms = [each for each in said if each.is_emergency]
    lost = doubled = disordered = 0
    for visitor in visitors:
        lines = transcript.lines(store, visitor.conversation)
        stored = [line.text for line in lines if line.speaker is Speaker.VISITOR]
        confirmed = [each.text for each in visitor.said if each.stored]
        lost += len(set(confirmed) - set(stored))
        doubled += len(stored) - len(set(stored)) + _heard_twice(visitor, inbox)
        disordered += [text for text in stored if text in confirmed] != confirmed
    return Figures(
        fault,
        len(said),
        len(during),
        max(_or_never(each.heard) for each in said),
        max((_or_never(each.replied) for each in alarms), default=0),
        sum(each.tries == 1 for each in during),
        sum(each.tries > 1 for each in said),
        lost,
        doubled,
        disordered,
        len(alarms),
        _alerts(store),
        health,
    )


def table(runs: Sequence[Figures]) -> str:
    """Of all runs, in Markdown."""
    names = [field.name for field in fields(Figures)]
    rows = [[_shown(getattr(run, name)) for name in names] for run in runs]
    return "\n".join(f"| {' | '.join(row)} |" for row in [names, ["---"] * len(names), *rows])


def _shown(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _or_never(seconds: float | None) -> float:
    return float("inf") if seconds is None else seconds


def _heard_twice(visitor: Visitor, inbox: Inbox) -> int:
    if not isinstance(visitor, AppVisitor):
        return 0
    texts = [text for _, text in inbox.received[visitor.user] if inbox.kind(text) != "unavailable"]
    return sum(count - 1 for count in Counter(texts).values())


def _alerts(store: Store) -> int:
    with store.reading() as work:
        return int(work.execute(sa.select(sa.func.count()).select_from(tables.alerts)).scalar_one())
