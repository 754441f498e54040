"""The figures of the evaluation, on made-up results."""

from pathlib import Path

import pytest

from bot.content.catalogue import read_yaml
from tests.evaluation.cases import TRAINING, cases, follow_ups
from tests.evaluation.figures import Result, figures
from tests.evaluation.outcome import Outcome


def result(expected: str, kind: str, answers: tuple[str, ...] = (), offered: tuple[str, ...] = ()) -> Result:
    return Result("a question", expected, Outcome(kind, answers, offered))


EVERY_SET = [
    result("faq/crs_timing", "answer", ("crs_timing",)),
    result("faq/crs_timing", "did_you_mean", offered=("crs_timing", "crs_what")),
    result("faq/crs_timing", "answer", ("crs_what",)),
    result("faq/crs_timing", "lost"),
    result("out_of_scope_near", "answer", ("cd33",)),
    result("out_of_scope_near", "did_you_mean", offered=("cd33",)),
    result("out_of_scope_far", "lost"),
    result("emergency", "crisis"),
    result("crisis", "feelings"),
    result("emergency_lookalike", "emergency"),
    result("personal_advice", "personal_advice"),
    result("personal_lookalike", "answer", ("cure",)),
    result("enroll", "ask_handoff_form_handoff_consent"),
    result("human", "lost"),
    result("handoff_lookalike", "answer", ("lls",)),
    result("language_es", "other_language"),
    result("greet", "greet"),
]


@pytest.mark.parametrize(
    ("name", "hits", "total"),
    [
        ("FAQ: right answer at once", 1, 4),
        ("FAQ: right answer after one click at most", 2, 4),
        ("Out of scope, near: falsely answered", 1, 2),
        ("Out of scope, all: falsely answered", 1, 3),
        ("Emergencies and crises: recognized", 1, 2),
        ("Emergencies: told to call for help", 0, 1),
        ("Emergency look-alikes: answered", 0, 1),
        ("Personal advice: deflected", 1, 1),
        ("Enrollment or human: recognized", 1, 2),
    ],
)
def test_each_figure_counts_what_its_name_says(name: str, hits: int, total: int) -> None:
    (figure,) = [figure for figure in figures(EVERY_SET) if figure.measure.name == name]
    assert (figure.hits, figure.total) == (hits, total)


def test_the_interval_holds_the_share_and_narrows_with_the_count() -> None:
    few, many = (figures([*EVERY_SET, *[result("faq/cd33", "answer", ("cd33",))] * count])[0] for count in (10, 1000))
    for figure in (few, many):
        low, high = figure.interval
        assert 0 <= low <= figure.share <= high <= 1
    assert many.interval[1] - many.interval[0] < few.interval[1] - few.interval[0]


def test_a_question_that_stands_in_the_training_data_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = "nlu:\n- intent: faq/crs_what\n  examples: |\n    - What is CRS?\n    - explain the storm\n"
    trained = "nlu:\n- intent: faq/crs_what\n  examples: |\n    - what is crs\n"
    for folder, content in (("test", written), ("nlu", trained)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "faq.yml").write_text(content, encoding="utf-8")
    monkeypatch.setattr("tests.evaluation.cases.FOLDER", tmp_path)
    monkeypatch.setattr("tests.evaluation.cases.TRAINING", tmp_path / "nlu")
    assert [case.text for case in cases("test")] == ["explain the storm"]


@pytest.mark.parametrize("split", ["dev", "test"])
def test_every_answer_has_at_least_three_held_out_questions(split: str) -> None:
    names = {
        key.removeprefix("utter_") for path in (TRAINING / "faq").glob("*.yml") for key in read_yaml(path)["responses"]
    }
    asked = [case.expected for case in cases(split)]
    least = 3 if split == "test" else 2
    assert not [name for name in sorted(names) if asked.count(name) < least]
    assert {case.expected for case in follow_ups(split)} <= names
