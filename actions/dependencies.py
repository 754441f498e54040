"""What the actions work with: the store, the finder of details, business hours and the clock."""

from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache

from actions.extraction.extractor import Extractor
from bot.database.unit_of_work import Store
from bot.domain.business_hours import Hours
from bot.settings import Settings


@dataclass(frozen=True)
class Dependencies:
    """The actions' collaborators."""

    store: Store
    finder: Extractor
    hours: Hours

    @staticmethod
    def now() -> datetime:
        """The time, UTC."""
        return datetime.now(timezone.utc)


@cache
def dependencies() -> Dependencies:
    """The process's dependencies, made when it is first needed: rasa_sdk makes actions without arguments."""
    settings = Settings.read()
    return Dependencies(Store.open(settings.database_url), Extractor.load(), Hours.of(settings))
