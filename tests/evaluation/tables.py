"""Markdown tables of counts."""

from collections.abc import Iterable, Sequence

from tests.evaluation.counts import Count

NOTHING = "-"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a cell may hold whatever text."""
    lines = [_line(header), "|" + "---|" * len(header), *(_line(row) for row in rows)]
    return "\n".join(lines)


def cells(count: Count | None) -> list[str]:
    """Count, share and interval: three cells."""
    if count is None:
        return [NOTHING] * 3
    low, high = count.interval
    return [str(count), percent(count.share), f"{percent(low)} to {percent(high)}"]


def percent(share: float) -> str:
    """A share of 0 to 1."""
    return f"{share:.1%}"


def counted(hits: int, total: int) -> str:
    """A count with its share in one cell."""
    return f"{hits} of {total} ({percent(hits / total)})" if total else NOTHING


def _line(row: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in row) + " |"
