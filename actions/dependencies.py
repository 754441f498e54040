"""What the actions work with: the store, the extractor of details, business hours and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache

from actions.extraction.extractor import Extractor
from bot.database.unit_of_work import Store
from bot.domain.business_hours import Hours
from bot.settings import Settings


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Dependencies:
    """The actions' collaborators; the action server has one of each.

    Attributes:
        now: the time, UTC.
    """

    store: Store
    extractor: Extractor
    hours: Hours
    now: Callable[[], datetime] = _utc_now


@cache
def dependencies() -> Dependencies:
    """The process's dependencies; actions/server.py makes them before the first message comes."""
    settings = Settings.read()
    return Dependencies(Store.open(settings.database_url), Extractor.load(), Hours.of(settings))
