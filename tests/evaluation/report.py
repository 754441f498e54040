"""Writes docs/evaluation.md: report.md, the only hand-written text, with what was counted put in."""

from collections.abc import Sequence
from pathlib import Path
from string import Template

import matplotlib

from tests.evaluation import sections
from tests.evaluation.aims import aims_of_sets, history_table
from tests.evaluation.calibration import bins
from tests.evaluation.distance import FAR
from tests.evaluation.figures import Result
from tests.evaluation.history import FirstSight
from tests.evaluation.measurement import Measurement, together
from tests.evaluation.public_data import PublicScore

matplotlib.use("Agg")
from matplotlib import pyplot

TEMPLATE = Path(__file__).parent / "report.md"
DOCS = Path("docs")
REPORT = DOCS / "evaluation.md"
PLOT = DOCS / "evaluation-calibration.png"


def write_report(
    date: str,
    model: str,
    measured: Sequence[Measurement],
    public: Sequence[Measurement],
    scores: Sequence[PublicScore],
    history: Sequence[FirstSight],
    fresh: Sequence[str],
) -> None:
    """Writes the report and its plot.

    Args:
        date: of today.
        model: fingerprint of what was measured.
        measured: the dev sets.
        public: what the assistant does with the queries of public data, all of them off the subject.
        scores: of encoder and classifier on that data.
        history: all first sights.
        fresh: names of the sets that wait for theirs.
    """
    results = together(measured)
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        date=date,
        model=model,
        aims=aims_of_sets(measured, history, public),
        history=history_table(history),
        fresh=", ".join(f"`{name}`" for name in fresh) or "none",
        alarms=sections.alarms([*measured, *public]),
        cited=sections.cited([*measured, *public]),
        urgency=sections.urgency([*measured, *public]),
        voices=sections.voices(measured),
        plot=PLOT.name,
        calibration=sections.calibration(results),
        far=FAR,
        distances=sections.distances(measured),
        public=sections.public(scores),
        failures="\n\n".join(sections.failures(each) for each in [*measured, *public]),
    )
    REPORT.write_text(text, encoding="utf-8")
    _draw(results, PLOT)


def _draw(results: Sequence[Result], path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(6, 5))
    axes.plot([0, 1], [0, 1], color="black", linewidth=1, label="as often right as sure")
    for kind, binned in bins(results).items():
        axes.plot([each.confidence for each in binned], [each.right.share for each in binned], "o-", label=kind)
    axes.set_xlabel("confidence of the decision")
    axes.set_ylabel("share that is right")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
