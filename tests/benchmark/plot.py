"""Draws how long a message takes as a conversation grows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import matplotlib

from tests.benchmark.figures import Samples

matplotlib.use("Agg")
from matplotlib import pyplot

# Messages on either side of each point: single questions differ more than neighbours do.
REACH = 5


def draw(samples: Mapping[str, Samples], path: Path) -> None:
    """Writes the plot as PNG, one line for each side."""
    figure, axes = pyplot.subplots(figsize=(8, 4))
    for name, side in samples.items():
        smooth = running_median(side.conversations)
        axes.plot(range(1, len(smooth) + 1), smooth, label=name)
    axes.set_xlabel("message of the conversation")
    axes.set_ylabel("milliseconds until the reply")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def running_median(conversations: Sequence[Sequence[float]]) -> list[float]:
    """Median over the conversations and the neighbouring messages, message by message."""
    length = min(map(len, conversations))
    return [
        median(value for times in conversations for value in times[max(0, at - REACH) : at + REACH + 1])
        for at in range(length)
    ]
