"""The report's first part: every set beside the aims, at first sight and today, and the history of first sights."""

from collections.abc import Mapping, Sequence

from tests.evaluation.counts import Count
from tests.evaluation.history import FirstSight
from tests.evaluation.measurement import Measurement
from tests.evaluation.measures import MEASURES, Measure
from tests.evaluation.tables import NOTHING, cells, percent, table

# The columns of the history, shorter.
SHORT = {
    "FAQ: right answer at once": "FAQ at once",
    "FAQ: right answer after one click at most": "one click",
    "Follow-ups: right answer at once": "follow-ups",
    "Near-domain: falsely answered": "near, falsely answered",
    "Emergencies and crises: recognised": "alarms recognised",
    "Look-alikes of both: treated normally": "look-alikes",
    "Off the subject: raise an alarm": "off the subject: alarm",
    "Off the subject: get a cited answer": "off the subject: cited",
    "Personal advice: deflected": "personal",
    "Personal look-alikes: answered": "look-alikes",
    "Enrollment or person: recognised": "requests",
    "Enrollment or person, look-alikes: answered": "look-alikes",
}


def aims_of_sets(measured: Sequence[Measurement], history: Sequence[FirstSight], public: Sequence[Measurement]) -> str:
    """A table a set: those seen first last come first, then those whose first sight nobody wrote down."""
    seen = {entry.set: entry for entry in history}
    by_date = sorted(measured, key=lambda each: (seen[each.name].date, each.name), reverse=True)
    parts = [_set(each.name, seen[each.name], each.figures) for each in by_date]
    gone = [entry for entry in reversed(history) if entry.set not in {each.name for each in measured}]
    parts += [_set(entry.set, entry, {}) for entry in gone]
    parts += [_set(each.name, None, each.figures) for each in public]
    return "\n\n".join(parts)


def history_table(history: Sequence[FirstSight]) -> str:
    """One line a first sight, the oldest first."""
    header = ["date", "set", "model", *SHORT.values()]
    known = [entry for entry in history if entry.figures]
    rows = [[e.date, e.set, e.model[:8], *(_short(e.figures.get(name)) for name in SHORT)] for e in known]
    return table(header, rows)


def _short(written: str | None) -> str:
    count = Count.read(written or "")
    return percent(count.share) if count else written or NOTHING


def _set(name: str, seen: FirstSight | None, today: Mapping[str, Count]) -> str:
    rows = []
    for measure in MEASURES:
        first = seen.figures.get(measure.name) if seen else None
        now = today.get(measure.name)
        if first or now:
            rows.append([measure.name, _aim(measure), *_first(measure, first), *cells(now), _reached(measure, now)])
    header = ["measure", "aim", "first sight", "share", "95 % interval", "", "today", "share", "95 % interval", ""]
    return f"### {name}\n\n{_preamble(seen)}{table(header, rows)}"


def _preamble(seen: FirstSight | None) -> str:
    if seen is None:
        return ""
    note = f" {seen.note.strip()}" if seen.note else ""
    return f"First sight: {seen.date}, model {seen.model}.{note}\n\n"


def _first(measure: Measure, written: str | None) -> list[str]:
    count = Count.read(written or "")
    if count is None:
        return [written or NOTHING, "", "", ""]
    return [*cells(count), _reached(measure, count)]


def _aim(measure: Measure) -> str:
    if measure.aim is None:
        return ""
    return f"{'at most ' if measure.at_most else ''}{measure.aim:.1%}".replace(".0%", "%")


def _reached(measure: Measure, count: Count | None) -> str:
    if count is None:
        return ""
    return {True: "reached", False: "**MISSED**", None: ""}[measure.is_reached(count)]
