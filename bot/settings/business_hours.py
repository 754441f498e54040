"""When staff are there, as people write it: ``Mon-Fri 09:00-17:00; Sat 10:00-12:30``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.settings.errors import SettingsError
from bot.settings.values import Given, text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PART = re.compile(r"([a-z, -]+?)\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, order=True)
class Opening:
    """Staff are there on a weekday (0 is Monday) from a minute of the local day to another, which is excluded."""

    weekday: int
    start: int
    end: int


def business_hours(given: Given, name: str) -> tuple[Opening, ...]:
    """All openings of a week in their order, none touching another; empty for always.

    Raises:
        SettingsError: saying which part cannot be read.
    """
    parts = [part.strip() for part in text(given, name).split(";")]
    return tuple(_merged(sorted(opening for part in parts if part for opening in _openings(name, part))))


def _openings(name: str, part: str) -> list[Opening]:
    match = PART.fullmatch(part.lower())
    if not match:
        raise SettingsError(f"{name} must look like 'Mon-Fri 09:00-17:00; Sat 10:00-12:00', not {part!r}.")
    hours = [int(number) for number in match.groups()[1:]]
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or end > MINUTES_OF_A_DAY:
        raise SettingsError(f"{name}: {part!r} names a time that there is not; a day ends at 24:00.")
    if start >= end:
        raise SettingsError(
            f"{name}: {part!r} ends before it begins. Write a night as two: 'Mon 22:00-24:00; Tue 00:00-06:00'."
        )
    return [Opening(day, start, end) for day in _days(name, match.group(1))]


def _days(name: str, days: str) -> Iterator[int]:
    for group in days.replace(" ", "").split(","):
        first, _, last = group.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise SettingsError(f"{name}: {group!r} is no day; days are Mon, Tue, Wed, Thu, Fri, Sat and Sun.")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        # "Fri-Mon" goes over the weekend.
        yield from (day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))


def _merged(openings: list[Opening]) -> list[Opening]:
    merged: list[Opening] = []
    for opening in openings:
        last = merged[-1] if merged else None
        if last and last.weekday == opening.weekday and opening.start <= last.end:
            merged[-1] = Opening(last.weekday, last.start, max(last.end, opening.end))
        else:
            merged.append(opening)
    return merged
