"""When staff are there: business hours in a time zone, right on the days when clocks change too."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.settings import Opening, Settings

DAY = timedelta(days=1)
# Any opening comes again within a week; two, for one that falls into the hour that a clock skips.
DAYS_TO_LOOK_AHEAD = 15


class Hours:
    """Business hours.

    Args:
        openings: of a week; none for always.
        zone: whose clocks they go by.
    """

    def __init__(self, openings: Sequence[Opening], zone: ZoneInfo) -> None:
        self.openings = tuple(openings)
        self.zone = zone

    @classmethod
    def of(cls, settings: Settings) -> "Hours":
        """Those of the settings."""
        return cls(settings.business_hours, settings.time_zone)

    def is_open(self, at: datetime) -> bool:
        """Whether staff are there."""
        return not self.openings or any(start <= at < end for start, end in self._spans(at, at + DAY))

    def next_opening(self, at: datetime) -> datetime | None:
        """When staff will be there again, UTC; None when they are there now."""
        if self.is_open(at):
            return None
        later = at + DAYS_TO_LOOK_AHEAD * DAY
        return next((start for start, _ in self._spans(at, later) if start > at), None)

    def open_time(self, since: datetime, until: datetime) -> timedelta:
        """How long staff were there between two moments."""
        if not self.openings:
            return max(until - since, timedelta())
        overlaps = (min(end, until) - max(start, since) for start, end in self._spans(since, until))
        return sum((overlap for overlap in overlaps if overlap > timedelta()), timedelta())

    def _spans(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The openings of all local days from one moment to another, in their order, UTC."""
        day, last = since.astimezone(self.zone).date(), until.astimezone(self.zone).date()
        while day <= last:
            for opening in self.openings:
                if opening.weekday == day.weekday():
                    start, end = self._moment(day, opening.start), self._moment(day, opening.end)
                    if start < end:
                        yield start, end
            day += DAY

    def _moment(self, day: date, minute: int) -> datetime:
        # By the clock on the wall, so through the local date: adding minutes to midnight goes wrong when clocks change.
        days, minute = divmod(minute, 24 * 60)
        local = datetime.combine(day + days * DAY, time(*divmod(minute, 60)), self.zone)
        return local.astimezone(timezone.utc)
