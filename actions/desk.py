"""What the actions work with: the store, the finder of details, business hours and the clock."""

from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache

from actions.details.finder import Finder
from bot.handoff.hours import Hours
from bot.handoff.store import Store
from bot.settings import Settings


@dataclass(frozen=True)
class Desk:
    """The actions' collaborators."""

    store: Store
    finder: Finder
    hours: Hours

    @staticmethod
    def now() -> datetime:
        """The time, UTC."""
        return datetime.now(timezone.utc)


@cache
def desk() -> Desk:
    """The process's desk, made when it is first needed: rasa_sdk makes actions without arguments."""
    settings = Settings.read()
    return Desk(Store.open(settings.database_url), Finder.load(), Hours.of(settings))
