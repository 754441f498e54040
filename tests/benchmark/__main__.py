"""``python -m tests.benchmark``: compares with stock Rasa and writes docs/benchmarks.md."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.content.catalogue import ContentError
from bot.launcher.errors import LauncherError
from bot.launcher.processes import Processes
from bot.launcher.signals import StopRequest
from bot.launcher.training import LOGS, ensure_model
from tests.benchmark.channel import plan as channel_plan
from tests.benchmark.channel.report import MARK as CHANNEL_MARK
from tests.benchmark.channel.report import render_channels
from tests.benchmark.channel.run import compare_channels
from tests.benchmark.errors import BenchmarkError
from tests.benchmark.figures import aims, figures
from tests.benchmark.machine import machine
from tests.benchmark.measure import measure
from tests.benchmark.ours import copy_project
from tests.benchmark.plan import FULL, QUICK, Plan
from tests.benchmark.plot import draw
from tests.benchmark.report import MARK, PLOT, REPORT, render, write
from tests.benchmark.sides import Side
from tests.benchmark.stock import write_stock_project
from tests.evaluation.cases import read_set, training_texts, untrained
from tests.evaluation.figures import is_question

OURS, STOCK = "ours", "stock"
LABELS = ("this assistant", "stock Rasa")
PIPELINE, CHANNEL = "pipeline", "channel"


def main(arguments: Sequence[str]) -> int:
    """Measures and reports.

    Returns:
        0, or 1 when a side did not do its work, 130 when interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("part", nargs="?", choices=(PIPELINE, CHANNEL), help="only one part; both unless told")
    parser.add_argument("--quick", action="store_true", help="only try it out: few messages, nothing is written")
    parser.add_argument("--stock-epochs", type=int, metavar="N", help="train stock Rasa less than its 100 epochs")
    given = parser.parse_args(arguments)
    plan = QUICK if given.quick else FULL
    if given.stock_epochs:
        plan = replace(plan, epochs=given.stock_epochs)
    # Ended in whatever way, it stops the servers and removes its folder.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
            folder = Path(name).resolve()
            copy_project(Path.cwd(), folder / OURS)
            if given.part != CHANNEL:
                _compare_pipelines(plan, folder)
            if given.part != PIPELINE:
                _compare_channels(channel_plan.QUICK if given.quick else channel_plan.FULL, folder)
    except (BenchmarkError, ContentError, LauncherError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before it was done.", file=sys.stderr)
        return 130
    return 0


def _compare_pipelines(plan: Plan, folder: Path) -> None:
    described = machine()
    write_stock_project(folder / OURS, folder / STOCK, plan.epochs)
    sides = [Side(name, folder / name, folder / f"{name}-scratch", tuned=name == OURS) for name in (OURS, STOCK)]
    for side in sides:
        side.scratch.mkdir()
    ours, stock = measure(sides, plan, _questions())
    samples = dict(zip(LABELS, (ours, stock), strict=True))
    rows = figures(ours, stock, plan)
    section = render(rows, aims(rows, plan), described, samples, plan)
    if not plan.quick:
        draw(samples, PLOT)
    _report(section, MARK, plan.quick)


def _compare_channels(plan: channel_plan.ChannelPlan, folder: Path) -> None:
    with Processes(LOGS) as processes:
        model = ensure_model(processes, StopRequest()).resolve()
    described = machine()
    ours, stock = compare_channels(plan, folder / OURS, folder / CHANNEL, model, _questions())
    _report(render_channels(ours.samples, stock.samples, described, plan), CHANNEL_MARK, plan.quick)


def _questions() -> list[str]:
    cases = untrained(read_set("early"), training_texts())
    return [case.text for case in cases if case.first is None and is_question(case.expected[0])]


def _report(section: str, mark: str, quick: bool) -> None:
    print(f"\n{section}")
    if not quick:
        write(section, mark=mark)
        print(f"The report is {REPORT}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
