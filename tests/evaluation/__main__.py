"""Measures the assistant on held-out questions.

python -m tests.evaluation                     all dev sets and public data; writes docs/evaluation.md
python -m tests.evaluation SET ...             these dev sets, with all their failures; writes nothing
python -m tests.evaluation --first-sight SET   a fresh set, once: counts only, written down in history.yml
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from bot.content.catalogue import ContentError
from bot.launcher.errors import LauncherError
from bot.launcher.fingerprint import fingerprint
from bot.launcher.training import MODELS
from tests.assistant import running_rasa
from tests.evaluation.asking import Assistant
from tests.evaluation.cases import CaseError
from tests.evaluation.gauge import Gauge, NotSeenYet
from tests.evaluation.history import AlreadySeen, History
from tests.evaluation.measurement import Measurement
from tests.evaluation.pipeline import Pipeline
from tests.evaluation.printing import print_counts, print_failures, print_first_sight
from tests.evaluation.public_data import public_measurements, public_scores
from tests.evaluation.report import REPORT, write_report


def main(arguments: Sequence[str]) -> int:
    """Measures and reports.

    Returns:
        0, or 1 when a set may not be measured so or the assistant does not start.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tests.evaluation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", metavar="SET", help="dev sets; all of them unless told")
    parser.add_argument("--first-sight", metavar="SET", help="a set that was never measured")
    given = parser.parse_args(arguments)
    history = History()
    gauge = Gauge(history)
    try:
        if given.first_sight:
            _first_sight(gauge, given.first_sight)
        elif given.sets:
            _some(gauge, given.sets)
        else:
            _all(gauge, history)
    except (AlreadySeen, NotSeenYet, CaseError, ContentError, LauncherError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _first_sight(gauge: Gauge, name: str) -> None:
    gauge.check([name], fresh=True)
    with _assistant() as (assistant, _, model):
        entry = gauge.first_sight(name, assistant.ask, _today(), model)
    print_first_sight(entry)


def _some(gauge: Gauge, names: Sequence[str]) -> None:
    gauge.check(names, fresh=False)
    with _assistant() as (assistant, _, _):
        measured = [gauge.measure(name, assistant.ask, with_distances=False) for name in names]
    for each in measured:
        print_failures(each)
        print_counts(each)


def _all(gauge: Gauge, history: History) -> None:
    names = gauge.dev_sets()
    gauge.check(names, fresh=False)
    with _assistant() as (assistant, pipeline, model):
        measured = [_measured(gauge, name, assistant) for name in names]
        print("Asking the queries of public data ...", flush=True)
        public = public_measurements(pipeline, gauge.untrained)
    print("Training encoder and classifier on public data ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        scores = public_scores(Path(folder))
    for each in [*measured, *public]:
        print_failures(each)
    for each in [*measured, *public]:
        print_counts(each)
    write_report(_today(), model, measured, public, scores, history.entries(), gauge.fresh_sets())
    print(f"The report is {REPORT}.")


def _measured(gauge: Gauge, name: str, assistant: Assistant) -> Measurement:
    print(f"Asking the questions of {name} ...", flush=True)
    return gauge.measure(name, assistant.ask)


@contextmanager
def _assistant() -> Iterator[tuple[Assistant, Pipeline, str]]:
    """The running assistant, its pipeline alone, and the fingerprint of their model."""
    with tempfile.TemporaryDirectory() as folder, running_rasa(Path(folder)) as url:
        model = fingerprint()
        pipeline = Pipeline(MODELS / f"{model}.tar.gz")
        yield Assistant(url, pipeline), pipeline, model


def _today() -> str:
    return datetime.now(timezone.utc).date().isoformat()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
