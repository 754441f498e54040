"""What a run prints. Of a set at first sight nothing but counts; of a dev set its failures, too."""

from tests.evaluation.history import FirstSight
from tests.evaluation.measurement import Measurement
from tests.evaluation.sections import said
from tests.evaluation.tables import percent


def print_first_sight(entry: FirstSight) -> None:
    """Counts, from what was written down: there is no text in it."""
    print(f"{entry.set}, first sight: {entry.date}, model {entry.model}")
    for heading, rows in {"figures": entry.figures, **entry.details}.items():
        print(f"\n{heading}")
        for name, written in rows.items():
            print(f"  {name:66} {written}")


def print_counts(measured: Measurement) -> None:
    """The figures of a dev set."""
    print(f"\n{measured.name}: {len(measured.results)} messages, {measured.left_out} left out")
    for name, count in measured.figures.items():
        print(f"  {name:66} {count!s:>13}  {percent(count.share):>6}")


def print_failures(measured: Measurement) -> None:
    """Each failure of a dev set."""
    print(f"\n{measured.name}: failures")
    for result in measured.results:
        if not result.is_right:
            print(f"  {result.case.expected[0]} -> {result.outcome.label}: {said(result)}")
