"""Whether the assistant is as often right as it is sure: its confidence beside the share that is right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.evaluation.counts import Count
from tests.evaluation.figures import Result
from tests.evaluation.outcome import DID_YOU_MEAN

BINS = 10
ANSWERS, OTHERS, NO_ANSWER = "answers", "other decisions", "did you mean, lost"


@dataclass(frozen=True)
class Bin:
    """Decisions of like confidence.

    Attributes:
        confidence: their mean, 0 to 1.
        right: how many of them were right.
    """

    confidence: float
    right: Count


def bins(results: Iterable[Result]) -> dict[str, list[Bin]]:
    """By kind of decision: its bins of equal width, the empty ones left out."""
    kinds: dict[str, list[Result]] = {}
    for result in results:
        if result.outcome.confidence is not None:
            kinds.setdefault(_kind(result), []).append(result)
    return {kind: _binned(kinds[kind]) for kind in (ANSWERS, OTHERS, NO_ANSWER) if kind in kinds}


def calibration_error(results: Iterable[Result]) -> dict[str, float]:
    """Expected calibration error by kind of decision: the mean gap, 0 to 1, weighed by the decisions of each bin."""
    return {kind: _error(each) for kind, each in bins(results).items()}


def _error(binned: Sequence[Bin]) -> float:
    total = sum(each.right.total for each in binned)
    return sum(abs(each.confidence - each.right.share) * each.right.total for each in binned) / total


def _binned(results: Sequence[Result]) -> list[Bin]:
    columns: dict[int, list[Result]] = {}
    for result in results:
        columns.setdefault(min(int((result.outcome.confidence or 0.0) * BINS), BINS - 1), []).append(result)
    return [_bin(columns[column]) for column in sorted(columns)]


def _bin(results: Sequence[Result]) -> Bin:
    confidence = sum(result.outcome.confidence or 0.0 for result in results) / len(results)
    return Bin(confidence, Count(sum(result.is_right for result in results), len(results)))


def _kind(result: Result) -> str:
    if result.outcome.is_cited:
        return ANSWERS
    return NO_ANSWER if result.outcome.kind in {DID_YOU_MEAN, "lost"} else OTHERS
