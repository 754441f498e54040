from pathlib import Path

import pytest

from bot.content.catalogue import read_yaml
from tests.benchmark.figures import Aim, Figure, Samples, aims, figures, p95
from tests.benchmark.plan import EARLY, FULL, QUICK, Plan
from tests.benchmark.report import HEADING, placed, render, write
from tests.benchmark.stock import write_stock_project

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"


def samples(scale: float) -> Samples:
    """A side that takes ``scale`` times as long as one where message n of a conversation takes n ms."""
    return Samples(
        training=20 * scale,
        ready=[4 * scale, 5 * scale, 30 * scale],
        first_answer=[6 * scale],
        new=[10 * scale] * 19 + [50 * scale],
        conversations=[[number * scale for number in range(1, FULL.length + 1)]] * 2,
        throughput=[90 / scale, 100 / scale, 110 / scale],
        memory_loaded=300 * scale,
        memory_after=400 * scale,
        asked=200,
        unanswered=3,
    )


@pytest.mark.parametrize("plan", [FULL, QUICK])
def test_early_and_late_messages_ask_the_same_questions(plan: Plan) -> None:
    early, late = ([plan.question_number(message) for message in messages] for messages in (EARLY, plan.late))
    assert early == late
    assert len(set(early)) == len(early)
    assert plan.late[-1] == plan.length


def test_p95_is_not_exceeded_by_19_of_20() -> None:
    assert p95([float(value) for value in range(1, 101)]) == pytest.approx(95.05)
    assert p95([7.0]) == 7.0


def test_samples_are_found_by_the_number_of_the_message() -> None:
    assert samples(1).at(range(5, 8)) == [5, 6, 7, 5, 6, 7]


def test_figures_are_medians() -> None:
    rows = figures(samples(1), samples(8), FULL)
    assert (rows["ready"].ours, rows["ready"].stock) == (5, 40)
    assert (rows["new"].ours, rows["early"].ours, rows["late"].ours) == (10, 10, 495)
    assert (rows["throughput"].ours, rows["throughput"].stock) == (100, 12.5)


@pytest.mark.parametrize(
    ("ours", "stock", "more_is_better", "factor"), [(10, 60, False, 6), (60, 10, True, 6), (20, 10, False, 0.5)]
)
def test_the_factor_says_how_many_times_better_ours_is(
    ours: float, stock: float, more_is_better: bool, factor: float
) -> None:
    assert Figure("", "ms", ours, stock, more_is_better).factor == factor


def test_an_aim_is_reached_at_its_bound() -> None:
    assert Aim("", 6, 6).reached
    assert not Aim("", 5.99, 6).reached
    assert Aim("", 1.5, 1.5, at_most=True).reached
    assert not Aim("", 1.51, 1.5, at_most=True).reached


def test_each_aim_is_judged_by_its_own_figure() -> None:
    reached = [aim.reached for aim in aims(figures(samples(1), samples(8), FULL), FULL)]
    # Eight times better: enough for throughput, p50 and start-up, not for training; and message 500 takes 50 times
    # as long as message 10.
    assert reached == [True, True, False, False, True]


def test_the_report_shows_figures_misses_silence_and_machine() -> None:
    ours, stock = samples(1), samples(8)
    rows = figures(ours, stock, FULL)
    text = render(rows, aims(rows, FULL), {"processor": "abacus"}, {"ours": ours, "stock": stock}, FULL)
    assert "| training | 20.0 s | 160 s | 8.00 |" in text
    assert "| training: at most a tenth of stock | 8.00 times better | **missed** |" in text
    assert "ours 3 of 200, stock 3 of 200" in text
    assert "- processor: abacus" in text
    assert "Quick run" not in text
    assert "Quick run" in render(rows, [], {}, {}, QUICK)


def test_the_report_leaves_the_other_sections_alone(tmp_path: Path) -> None:
    report = tmp_path / "docs/benchmarks.md"
    write("first", report)
    report.write_text(f"{report.read_text()}\n## By hand\n")
    write(r"second \1", report)
    text = report.read_text()
    assert text == f"{HEADING}\n\n{BEGIN}\n\nsecond \\1\n\n{END}\n\n## By hand\n"


def test_a_document_without_the_section_gets_it_at_its_end() -> None:
    assert placed("# Mine\n\nText.\n", "new") == f"# Mine\n\nText.\n\n{BEGIN}\n\nnew\n\n{END}\n"


def test_the_stock_project_has_our_content_and_nothing_of_our_code(tmp_path: Path) -> None:
    write_stock_project(ROOT, tmp_path, epochs=7)
    ours, stock = (
        {path.relative_to(folder) for path in (folder / "data").rglob("*.yml")} for folder in (ROOT, tmp_path)
    )
    assert {path for path in ours if path.parts[1:3] == ("nlu", "faq")} <= stock
    assert stock - ours == {Path("data/stories/stock.yml")}
    assert not {"sources.yml", "glossary.yml", "safety_rules.yml"} & {path.name for path in stock}
    configuration = "".join(
        (tmp_path / name).read_text() for name in ("config.yml", "endpoints.yml", "credentials.yml")
    )
    assert "bot." not in configuration
    networks = [part["epochs"] for part in _parts(tmp_path) if "epochs" in part]
    assert networks == [7, 7, 7, 7]


def _parts(project: Path) -> list[dict[str, object]]:
    config = read_yaml(project / "config.yml")
    return [*config["pipeline"], *config["policies"]]
