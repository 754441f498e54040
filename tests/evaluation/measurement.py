"""A set measured: its results, and everything that is counted from them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.evaluation.calibration import calibration_error
from tests.evaluation.counts import Count
from tests.evaluation.distance import Distances
from tests.evaluation.figures import Result, is_no_alarm
from tests.evaluation.history import FirstSight
from tests.evaluation.measures import figures
from tests.evaluation.outcome import CERTAIN, NONE, POSSIBLE

# A voice that is heard less often is counted with the others of its kind.
HEARD = 8
OTHERS = "all others"
# What the history calls them.
DISTANCE = "distance of "


@dataclass(frozen=True)
class Measurement:
    """One set.

    Attributes:
        name: of the set.
        results: of its cases.
        left_out: how many of its cases stand word for word in the training data.
        distances: of its questions, and of its other messages, to the training examples.
    """

    name: str
    results: list[Result]
    left_out: int = 0
    distances: Mapping[str, Distances] = field(default_factory=dict)
    figures: dict[str, Count] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "figures", figures(self.results))

    @property
    def voices(self) -> dict[str, Count]:
        """What was right by voice."""
        heard = Counter(result.case.voice for result in self.results if result.case.voice)
        by_voice: dict[str, list[bool]] = {}
        for result in self.results:
            if result.case.voice:
                voice = result.case.voice if heard[result.case.voice] >= HEARD else OTHERS
                by_voice.setdefault(voice, []).append(result.is_right)
        ordered = sorted(by_voice, key=lambda voice: (voice == OTHERS, voice))
        return {voice: Count(sum(by_voice[voice]), len(by_voice[voice])) for voice in ordered}

    @property
    def urgency(self) -> dict[str, dict[str, int]]:
        """Of each kind of message, how many were certainly, possibly and not an alarm."""
        tiers: dict[str, dict[str, int]] = {}
        for result in self.results:
            counted = tiers.setdefault(_kind(result), {CERTAIN: 0, POSSIBLE: 0, NONE: 0})
            counted[result.outcome.urgency] += 1
        return {kind: tiers[kind] for kind in _KINDS if kind in tiers}

    def first_sight(self, date: str, model: str) -> FirstSight:
        """The entry for the history: counts only, no text."""
        details = {
            "voices": {voice: str(count) for voice, count in self.voices.items()},
            "urgency": {kind: _written(tiers) for kind, tiers in self.urgency.items()},
            "calibration_error": {name: f"{error:.3f}" for name, error in calibration_error(self.results).items()},
            **{f"{DISTANCE}{group}": each.as_dict() for group, each in self.distances.items()},
            "cases": {"asked": str(len(self.results)), "left out": str(self.left_out)},
        }
        counted = {name: str(count) for name, count in self.figures.items()}
        return FirstSight(self.name, date, model, counted, {key: rows for key, rows in details.items() if rows})


_REST = "everything else"
_KINDS = ("emergency", "crisis", "emergency_lookalike", "crisis_lookalike", _REST)


def _kind(result: Result) -> str:
    first = result.case.expected[0]
    return first if first in _KINDS else _REST


def _written(tiers: dict[str, int]) -> str:
    return ", ".join(f"{count} {tier}" for tier, count in tiers.items())


def together(measured: Iterable[Measurement]) -> list[Result]:
    """The results of several sets."""
    return [result for each in measured for result in each.results]


def no_alarms(results: Iterable[Result]) -> list[Result]:
    """Those of messages that are no alarm."""
    return [result for result in results if is_no_alarm(result.case)]
