"""Which sets are measured when, and what may be seen of them.

A set is at first sight until its first measurement is written down. That shows and keeps counts only. From then on it
is a dev set: measured with the others, its failures shown, its figures no longer a claim.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from tests.answers import answers
from tests.evaluation.cases import QUESTIONS, TRAINING, Case, CaseError, read_set, set_names, training_texts, untrained
from tests.evaluation.distance import Distances, Examples
from tests.evaluation.figures import CLASSES, Result, is_question
from tests.evaluation.history import AlreadySeen, FirstSight, History
from tests.evaluation.measurement import Measurement

Ask = Callable[[Sequence[Case]], list[Result]]


class NotSeenYet(Exception):
    """A set whose first sight is still to come cannot be measured in passing."""


class Gauge:
    """All sets, measured by the rules.

    Args:
        history: of first sights.
        questions: folder of the sets.
        training: folder of the training examples.
    """

    def __init__(self, history: History, questions: Path = QUESTIONS, training: Path = TRAINING) -> None:
        self._history = history
        self._questions = questions
        self._training_folder = training

    def dev_sets(self) -> list[str]:
        """The sets that were measured before."""
        return [name for name in set_names(self._questions) if self._history.knows(name)]

    def fresh_sets(self) -> list[str]:
        """The sets whose first sight is still to come."""
        return [name for name in set_names(self._questions) if not self._history.knows(name)]

    def check(self, names: Sequence[str], fresh: bool) -> None:
        """Whether sets may be measured so, before anything is started.

        Raises:
            AlreadySeen: one was measured before, where a fresh one is wanted.
            NotSeenYet: one is fresh, where a dev set is wanted.
            CaseError: there is no such set, or one expects what does not exist.
        """
        for name in names:
            if unknown := unknown_names(read_set(name, self._questions)):
                raise CaseError(f"{name} expects what does not exist: {', '.join(unknown)}.")
            if fresh and self._history.knows(name):
                raise AlreadySeen(f"{name} was measured before: its figures at first sight stand in the history.")
            if not fresh and not self._history.knows(name):
                raise NotSeenYet(f"{name} is fresh: measure it once and for all with --first-sight {name}.")

    def first_sight(self, name: str, ask: Ask, date: str, model: str) -> FirstSight:
        """Measures a fresh set, and writes it down before anybody sees it. Raises like ``check``."""
        self.check([name], fresh=True)
        entry = self._measured(name, ask, self._distances).first_sight(date, model)
        self._history.write_down(entry)
        return entry

    def measure(self, name: str, ask: Ask, with_distances: bool = True) -> Measurement:
        """Measures a dev set; without distances a minute sooner. Raises like ``check``."""
        self.check([name], fresh=False)
        return self._measured(name, ask, self._distances if with_distances else lambda asked: {})

    def untrained(self, cases: list[Case]) -> list[Case]:
        """Cases without those that stand word for word in the training data."""
        return untrained(cases, self._training)

    @cached_property
    def _training(self) -> list[str]:
        return training_texts(self._training_folder)

    @cached_property
    def _examples(self) -> Examples:
        return Examples(self._training)

    def _measured(
        self, name: str, ask: Ask, distances: Callable[[Sequence[Case]], dict[str, Distances]]
    ) -> Measurement:
        cases = read_set(name, self._questions)
        asked = self.untrained(cases)
        return Measurement(name, ask(asked), len(cases) - len(asked), distances(asked))

    def _distances(self, asked: Sequence[Case]) -> dict[str, Distances]:
        single = [case for case in asked if case.first is None]
        groups = {
            "questions": [case.text for case in single if is_question(case.expected[0])],
            "other messages": [case.text for case in single if not is_question(case.expected[0])],
        }
        return {group: self._examples.distances(texts) for group, texts in groups.items() if texts}


def unknown_names(cases: Sequence[Case]) -> list[str]:
    """What cases expect that is neither a class nor the name of an answer."""
    expected = {name for case in cases for name in case.expected}
    return sorted(expected - set(CLASSES) - set(answers()))
