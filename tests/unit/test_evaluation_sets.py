"""The sets of the evaluation: their files, and what first sight means."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.evaluation.__main__ import main
from tests.evaluation.cases import Case, CaseError, read_set, untrained
from tests.evaluation.figures import Result
from tests.evaluation.gauge import Gauge, NotSeenYet
from tests.evaluation.history import AlreadySeen, History
from tests.evaluation.measurement import Measurement
from tests.evaluation.outcome import Outcome
from tests.evaluation.printing import print_counts, print_failures, print_first_sight
from tests.evaluation.report import write_report

SECRET = "how soon would the storm begin"
QUESTIONS = f"""
- text: {SECRET}
  expected: [crs_timing, crs_what]
  voice: nurse
- texts:
    - what is crs
    - tell me about it
  expected: crs_what
- first: What is CRS?
  then: and how long does that last?
  expected: crs_timing
"""
TRAINED = "nlu:\n- intent: faq/crs_what\n  examples: |\n    - What is CRS?\n"


class Asked:
    """Stands for the assistant: it is lost, and remembers what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, cases: Sequence[Case]) -> list[Result]:
        self.texts += [case.text for case in cases]
        return [Result(case, Outcome("lost", confidence=0.2)) for case in cases]


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.yml")


@pytest.fixture
def gauge(tmp_path: Path, history: History) -> Gauge:
    """With one set, ``spring``."""
    _write(tmp_path / "questions" / "spring" / "faq.yml", QUESTIONS)
    _write(tmp_path / "nlu" / "faq.yml", TRAINED)
    return Gauge(history, tmp_path / "questions", tmp_path / "nlu")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_set_is_fresh_until_it_was_measured_and_a_dev_set_from_then_on(gauge: Gauge) -> None:
    assert (gauge.fresh_sets(), gauge.dev_sets()) == (["spring"], [])
    gauge.first_sight("spring", Asked(), "2026-11-24", "abc")
    assert (gauge.fresh_sets(), gauge.dev_sets()) == ([], ["spring"])


def test_the_first_sight_is_written_down_with_date_model_and_figures(gauge: Gauge, history: History) -> None:
    gauge.first_sight("spring", Asked(), "2026-11-24", "abc")
    (entry,) = history.entries()
    assert (entry.set, entry.date, entry.model) == ("spring", "2026-11-24", "abc")
    assert entry.figures["FAQ: right answer at once"] == "0 of 2"
    assert entry.figures["Follow-ups: right answer at once"] == "0 of 1"
    assert entry.details["cases"] == {"asked": "3", "left out": "1"}
    assert set(entry.details) == {"cases", "voices", "urgency", "calibration_error", "distance of questions"}


def test_there_is_no_second_first_sight(gauge: Gauge, history: History, tmp_path: Path) -> None:
    entry = gauge.first_sight("spring", Asked(), "2026-11-24", "abc")
    written = (tmp_path / "history.yml").read_bytes()
    asked = Asked()
    with pytest.raises(AlreadySeen):
        gauge.first_sight("spring", asked, "2026-12-01", "def")
    with pytest.raises(AlreadySeen):
        history.write_down(entry)
    assert asked.texts == []
    assert (tmp_path / "history.yml").read_bytes() == written


def test_a_fresh_set_cannot_be_measured_in_passing(gauge: Gauge) -> None:
    asked = Asked()
    with pytest.raises(NotSeenYet):
        gauge.measure("spring", asked)
    assert asked.texts == []


def test_a_later_run_leaves_the_first_sight_as_it_is(gauge: Gauge, tmp_path: Path) -> None:
    gauge.first_sight("spring", Asked(), "2026-11-24", "abc")
    written = (tmp_path / "history.yml").read_bytes()
    assert len(gauge.measure("spring", Asked()).results) == 3
    assert (tmp_path / "history.yml").read_bytes() == written


def test_entries_are_added_and_those_before_them_stay_to_the_byte(
    gauge: Gauge, history: History, tmp_path: Path
) -> None:
    gauge.first_sight("spring", Asked(), "2026-11-24", "abc")
    written = (tmp_path / "history.yml").read_bytes()
    _write(tmp_path / "questions" / "summer" / "faq.yml", QUESTIONS)
    gauge.first_sight("summer", Asked(), "2026-12-01", "def")
    assert (tmp_path / "history.yml").read_bytes().startswith(written)
    assert [entry.set for entry in history.entries()] == ["spring", "summer"]


def test_nothing_is_asked_of_a_set_that_expects_what_does_not_exist(gauge: Gauge, tmp_path: Path) -> None:
    _write(tmp_path / "questions" / "spring" / "more.yml", "- text: hello\n  expected: no_such_answer\n")
    asked = Asked()
    with pytest.raises(CaseError, match="no_such_answer"):
        gauge.first_sight("spring", asked, "2026-11-24", "abc")
    assert asked.texts == []


def test_the_first_sight_shows_and_keeps_counts_and_no_text(
    gauge: Gauge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_first_sight(gauge.first_sight("spring", Asked(), "2026-11-24", "abc"))
    shown = capsys.readouterr().out
    assert "0 of 2" in shown
    for text in (shown, (tmp_path / "history.yml").read_text(encoding="utf-8")):
        assert SECRET not in text and "how long does that last" not in text


def test_a_dev_set_shows_its_failures(gauge: Gauge, capsys: pytest.CaptureFixture[str]) -> None:
    gauge.first_sight("spring", Asked(), "2026-11-24", "abc")
    measured = gauge.measure("spring", Asked())
    print_failures(measured)
    print_counts(measured)
    shown = capsys.readouterr().out
    assert f"crs_timing -> lost: {SECRET}" in shown
    assert "What is CRS? > and how long does that last?" in shown


def test_the_report_has_the_first_sight_beside_today_and_names_the_sets_that_wait(
    gauge: Gauge, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gauge.first_sight("spring", Asked(), "2026-11-24", "abc")
    _write(tmp_path / "questions" / "summer" / "faq.yml", "- text: a summer question\n  expected: crs_what\n")
    monkeypatch.setattr("tests.evaluation.report.REPORT", tmp_path / "evaluation.md")
    monkeypatch.setattr("tests.evaluation.report.PLOT", tmp_path / "calibration.png")
    today = [Result(Case(SECRET, ("crs_timing",)), Outcome.of_answers(["crs_timing"]))] * 2
    dev = Measurement("spring", today)
    write_report("2026-12-01", "def", [dev], [], [], history.entries(), gauge.fresh_sets())
    report = (tmp_path / "evaluation.md").read_text(encoding="utf-8")
    (line,) = [line for line in report.splitlines() if line.startswith("| FAQ: right answer at once")]
    assert line.count("0 of 2") == line.count("2 of 2") == 1
    assert line.index("**MISSED**") < line.index("2 of 2") < line.index("reached")
    assert "First sight: 2026-11-24, model abc." in report
    assert "`summer`" in report and "a summer question" not in report
    assert (tmp_path / "calibration.png").stat().st_size > 0


def test_a_question_that_stands_in_the_training_data_is_left_out() -> None:
    cases = [Case("What is CRS?", ("crs_what",)), Case("explain the storm", ("crs_what",)), Case("🚗", ("far",))]
    assert [case.text for case in untrained(cases, ["what is crs", "🙏"])] == ["explain the storm", "🚗"]


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ("text: hello\nexpected: far\n", "expected a list"),
        ("- hello\n", "entry 1: it needs keys"),
        ("- text: hello\n  expected: far\n- text: SECRET\n", "entry 2: `expected` is missing"),
        ("- text: SECRET\n  expect: far\n", "unknown key expect"),
        ("- expected: far\n", "either `text`, or `texts`"),
        ("- text: SECRET\n  then: SECRET\n  expected: far\n", "either `text`, or `texts`"),
        ("- then: SECRET\n  expected: far\n", "`first` and `then`"),
        ("- text: 39.4\n  expected: emergency\n", "put quotes around it"),
        ("- text: no\n  expected: far\n", "put quotes around it"),
        ("- texts: []\n  expected: far\n", "`texts` must be"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_without_quoting_a_question(
    entries: str, complaint: str, tmp_path: Path
) -> None:
    _write(tmp_path / "spring" / "faq.yml", entries)
    with pytest.raises(CaseError) as raised:
        read_set("spring", tmp_path)
    assert complaint in str(raised.value) and "SECRET" not in str(raised.value)


def test_a_set_that_was_seen_is_refused_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--first-sight", "hard"]) == 1
    assert "hard was measured before" in capsys.readouterr().err
