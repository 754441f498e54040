"""Writes the comparison as Markdown, into its place in docs/benchmarks.md."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmark.figures import Aim, Figure, Samples
from tests.benchmark.plan import Plan

REPORT = Path("docs/benchmarks.md")
PLOT = Path("docs/benchmarks/conversation.png")
COMMAND = "make bench"
MARK = "make bench"
HEADING = "# Benchmarks"

METHOD = """\
Stock Rasa is a project as `rasa init` makes it, with this project's domain, rules, questions and answers: Rasa's
default pipeline and policies (DIET, ResponseSelector, TED and UnexpecTED with {plan.epochs} epochs each), its REST
channel and its SQL tracker store on SQLite. It has one short story, which TED needs, and a reply for what it does not
understand. This assistant is the repository as it is, on SQLite as well. Each is one Rasa process, started as its own
project starts it: ours with the product's variables (`OMP_NUM_THREADS=1`), stock Rasa with none, so that TensorFlow
uses all cores. Both run on the same machine as the visitors who ask, over loopback, and take turns. Action server and
website, which no answer over the REST channel needs, do not run.

- Training: one run of `rasa train --force` each, with an empty cache. `rasa init` sets 100 epochs; where stock Rasa
  was trained with fewer, its training time is a lower bound. The speed of its answers does not depend on them.
- Start-up: median of {plan.starts} starts each, the other side stopped. Ready is the first 200 of the REST channel's
  health; until the first answer is that plus one message.
- New conversations: {plan.rounds} rounds of {plan.new_conversations} messages each, one at a time, every one from a
  new visitor.
- Long conversations: {plan.conversations} of {plan.length} messages each; early and late messages ask the same
  questions.
- Visitors at once: median of {plan.rounds} rounds; {plan.clients} visitors, each with a conversation of
  {plan.messages_each} messages.
- Memory: resident memory of the server's processes.

The questions are those of the set `early` in `tests/evaluation/questions`. {plan.warm_up} messages were sent to each
side before anything was timed. Answers were counted, not judged: `make evaluate` does that."""

QUICK_WARNING = "**Quick run: few messages, barely trained networks. It shows that the benchmark works, nothing else.**"


def render(
    rows: Mapping[str, Figure],
    aims: Sequence[Aim],
    machine: Mapping[str, str],
    samples: Mapping[str, Samples],
    plan: Plan,
) -> str:
    """The section of the report: aims, figures, method and machine."""
    silent = ", ".join(f"{name} {side.unanswered} of {side.asked}" for name, side in samples.items())
    parts = [
        "## Beside stock Rasa",
        QUICK_WARNING if plan.quick else f"Written by `{COMMAND}`. Do not edit.",
        _aims_table(aims),
        _figures_table(rows),
        f"Messages without a reply: {silent}.",
        "" if plan.quick else f"![Milliseconds a message in a long conversation]({PLOT.relative_to(REPORT.parent)})",
        f"### How it was measured\n\n{METHOD.format(plan=plan)}",
        "### Machine\n\n" + "\n".join(f"- {name}: {value}" for name, value in machine.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def placed(document: str, section: str, mark: str = MARK) -> str:
    """``document`` with ``section`` between the markers named ``mark``, or at its end when it has none yet."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    marked = f"{begin}\n\n{section.strip()}\n\n{end}"
    if begin in document:
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        return pattern.sub(lambda _: marked, document, count=1)
    return f"{document.strip() or HEADING}\n\n{marked}\n"


def write(section: str, report: Path = REPORT, mark: str = MARK) -> None:
    """Puts the section into the report, leaving the report's other sections alone."""
    report.parent.mkdir(parents=True, exist_ok=True)
    document = report.read_text(encoding="utf-8") if report.exists() else ""
    report.write_text(placed(document, section, mark), encoding="utf-8")


def _aims_table(aims: Sequence[Aim]) -> str:
    rows = ["| aim | measured | |", "|---|---|---|"]
    for aim in aims:
        times = f"{aim.value:.2f} times" if aim.at_most else f"{number(aim.value)} times better"
        rows.append(f"| {aim.name} | {times} | {'reached' if aim.reached else '**missed**'} |")
    return "\n".join(rows)


def _figures_table(rows: Mapping[str, Figure]) -> str:
    lines = ["| | this assistant | stock Rasa | times better |", "|---|---|---|---|"]
    for row in rows.values():
        ours, stock = (f"{number(value)} {row.unit}" for value in (row.ours, row.stock))
        lines.append(f"| {row.name} | {ours} | {stock} | {number(row.factor)} |")
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
