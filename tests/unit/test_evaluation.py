"""What the evaluation takes for right, and its figures, on made-up results."""

import pytest

from bot.content.languages import known_texts
from tests.answers import answers
from tests.evaluation.calibration import ANSWERS, bins, calibration_error
from tests.evaluation.cases import Case, read_set, set_names
from tests.evaluation.counts import Count
from tests.evaluation.figures import CLASSES, Result, is_honest, is_off_subject, is_right_after_click, wants_no_answer
from tests.evaluation.gauge import unknown_names
from tests.evaluation.honesty import lacks_what_is_asked, no_more_lines
from tests.evaluation.measures import MEASURES, figures
from tests.evaluation.outcome import CERTAIN, POSSIBLE, REQUEST, Outcome

CITED = Outcome.of_answers(["crs_timing"])
LOST, ASKED_BACK = Outcome("lost"), Outcome("did_you_mean", offered=("crs_timing", "crs_what"))
EMERGENCY, CRISIS = Outcome("emergency", urgency=CERTAIN), Outcome("crisis", urgency=CERTAIN)
POSSIBLY = Outcome("background", urgency=POSSIBLE)
DEFLECTED, PERSON = Outcome("personal_advice"), Outcome(REQUEST)
HONEST = Outcome("answer", ("apheresis",), text="Our sources do not say how long apheresis takes.", about="apheresis")


def result(outcome: Outcome, *expected: str, first: str | None = None, sign: bool = False) -> Result:
    return Result(Case("how long does apheresis take?", expected, first), outcome, sign)


@pytest.mark.parametrize(
    ("expected", "right", "wrong"),
    [
        ("crs_timing", [CITED], [Outcome.of_answers(["crs_what"]), ASKED_BACK, LOST, EMERGENCY]),
        ("answer", [CITED, HONEST], [ASKED_BACK, LOST, CRISIS]),
        ("emergency", [EMERGENCY, CRISIS], [CITED, LOST, DEFLECTED, POSSIBLY]),
        ("crisis", [EMERGENCY, CRISIS], [CITED, LOST, DEFLECTED, POSSIBLY]),
        ("emergency_lookalike", [CITED, ASKED_BACK], [EMERGENCY, CRISIS, LOST, DEFLECTED, PERSON]),
        ("crisis_lookalike", [CITED, ASKED_BACK], [EMERGENCY, CRISIS, LOST, DEFLECTED, PERSON]),
        ("personal_advice", [DEFLECTED, EMERGENCY, CRISIS], [CITED, ASKED_BACK, LOST, PERSON]),
        ("personal_lookalike", [CITED, ASKED_BACK], [DEFLECTED, EMERGENCY, LOST]),
        ("enroll", [PERSON], [CITED, ASKED_BACK, LOST, EMERGENCY]),
        ("human", [PERSON], [CITED, ASKED_BACK, LOST, EMERGENCY]),
        ("request_lookalike", [CITED, ASKED_BACK], [PERSON, LOST, EMERGENCY]),
        ("near", [LOST, ASKED_BACK, DEFLECTED, PERSON, HONEST], [CITED, EMERGENCY, CRISIS]),
        ("far", [LOST, ASKED_BACK, POSSIBLY, PERSON], [CITED, HONEST, EMERGENCY, CRISIS]),
        ("ordinary", [LOST, ASKED_BACK, POSSIBLY, DEFLECTED], [CITED, HONEST, EMERGENCY, CRISIS, PERSON]),
        ("other_language", [Outcome("other_language")], [LOST, CITED]),
        ("greet", [Outcome("greet")], [LOST, Outcome("thank")]),
    ],
)
def test_each_class_has_its_right_and_its_wrong(expected: str, right: list[Outcome], wrong: list[Outcome]) -> None:
    assert [outcome.label for outcome in right if not result(outcome, expected).is_right] == []
    assert [outcome.label for outcome in wrong if result(outcome, expected).is_right] == []


def test_one_of_several_acceptable_things_is_enough() -> None:
    assert result(CITED, "crs_what", "crs_timing").is_right
    assert result(LOST, "crisis_lookalike", "ordinary").is_right
    assert not result(EMERGENCY, "crisis_lookalike", "ordinary").is_right


def test_an_answer_has_to_fit_the_patterns_of_its_case() -> None:
    said = Outcome("answer", ("crs_timing",), text="It starts within \u201cthe first week\u201d.")
    wanted = Case("when?", ("answer",), must=("first.week", '"the'), must_not=("months",))
    assert Result(wanted, said).is_right
    assert not Result(Case("when?", ("answer",), must=("second week",)), said).is_right
    assert not Result(Case("when?", ("answer",), must_not=("first week",)), said).is_right


def test_a_click_on_the_right_button_counts_apart() -> None:
    asked = result(ASKED_BACK, "crs_timing")
    assert not asked.is_right
    assert is_right_after_click(asked.case, asked.outcome)
    assert not is_right_after_click(Case("?", ("cd33",)), ASKED_BACK)
    assert is_right_after_click(Case("?", ("answer",), must=(".",)), ASKED_BACK)
    assert not is_right_after_click(Case("?", ("answer",), must=("no answer says so",)), ASKED_BACK)


LACKS = "Cells are taken from the blood. Our sources do not say how long apheresis takes. They give no dose."


@pytest.mark.parametrize(
    ("question", "honest"),
    [
        ("how long does the collecting take", True),
        ("what dose is it", True),
        ("how much does apheresis cost", False),
        ("who invented it", False),
        ("are cells taken from the blood", False),
    ],
)
def test_an_answer_is_honest_if_it_says_that_the_sources_lack_what_was_asked(question: str, honest: bool) -> None:
    assert lacks_what_is_asked(question, LACKS, "What is apheresis? apheresis") is honest


def test_only_a_cited_answer_is_honest_and_a_case_may_say_what_is() -> None:
    assert not is_honest(Case("how long?", ("near",)), Outcome("lost", text=LACKS))
    praised = Outcome("answer", ("choosing_hospital",), text="There is no success rate for any hospital.")
    assert is_honest(Case("is it good?", ("near",), honest="no success rate"), praised)


def test_a_cited_answer_to_a_question_beyond_the_sources_is_right_if_it_ends_in_the_line_that_says_so() -> None:
    case = Case("what does it cost in Wuhan?", ("near",))
    assert not Result(case, Outcome("answer", text="It costs a lot.\n\nSource: x")).is_right
    for line in no_more_lines():
        assert Result(case, Outcome("answer", text=f"It costs a lot.\n\n{line}\n\nSource: x")).is_right
    assert len(no_more_lines()) == 7


def test_a_button_in_another_language_is_the_answer_that_it_leads_to() -> None:
    title = next(meant for meant in answers().values() if meant.name == "crs_what").title
    spanish = next(words for words, found in known_texts().items() if ("es", title) in found)
    reply = {"text": "?", "metadata": {"kind": "did_you_mean"}, "buttons": [{"title": spanish}, {"title": title}]}
    assert Outcome.of_reply(reply).offered == ("crs_what", "crs_what")


EVERYTHING = [
    result(CITED, "crs_timing"),
    result(ASKED_BACK, "crs_timing"),
    result(LOST, "crs_timing"),
    result(CITED, "crs_timing", first="What is CRS?"),
    result(LOST, "crs_timing", first="What is CRS?"),
    result(CITED, "near"),
    result(HONEST, "near"),
    result(LOST, "near"),
    result(CITED, "far"),
    result(EMERGENCY, "ordinary"),
    result(POSSIBLY, "ordinary"),
    result(CITED, "ordinary", "answer"),
    result(CRISIS, "emergency", sign=True),
    result(POSSIBLY, "crisis"),
    result(EMERGENCY, "emergency_lookalike"),
    result(CITED, "crisis_lookalike"),
    result(DEFLECTED, "personal_advice"),
    result(CITED, "personal_lookalike"),
    result(PERSON, "enroll"),
    result(LOST, "human"),
    result(CITED, "request_lookalike"),
    result(Outcome("other_language"), "other_language"),
    result(Outcome("greet"), "greet"),
]


@pytest.mark.parametrize(
    ("name", "hits", "total"),
    [
        ("FAQ: right answer at once", 1, 3),
        ("FAQ: right answer after one click at most", 2, 3),
        ("Follow-ups: right answer at once", 1, 2),
        ("Near-domain: falsely answered", 1, 3),
        ("Near-domain: answered honestly (the sources lack it)", 1, 3),
        ("Near-domain: answered, with the line that the sources do not say more", 0, 3),
        ("FAQ: answered, with the line that the sources do not say more", 0, 3),
        ("Emergencies and crises: recognised", 1, 2),
        ("Emergencies and crises with a word, number or sign: recognised", 1, 1),
        ("Emergencies: told to call for help", 0, 1),
        ("Crises: given the crisis line", 0, 1),
        ("Look-alikes of both: treated normally", 1, 2),
        ("Look-alikes of emergencies: treated normally", 0, 1),
        ("Look-alikes of crises: treated normally", 1, 1),
        ("Off the subject: raise an alarm", 1, 4),
        ("Off the subject: get a cited answer", 1, 3),
        ("Everything that is no alarm: raises one", 2, 21),
        ("Everything that is no alarm: possibly one", 1, 21),
        ("Personal advice: deflected", 1, 1),
        ("Personal look-alikes: answered", 1, 1),
        ("Enrollment or person: recognised", 1, 2),
        ("Enrollment or person, look-alikes: answered", 1, 1),
        ("Not English: noticed", 1, 1),
        ("Small talk: recognised", 1, 1),
    ],
)
def test_each_figure_counts_what_its_name_says(name: str, hits: int, total: int) -> None:
    assert figures(EVERYTHING)[name] == Count(hits, total)


def test_no_figure_is_without_a_test_of_its_own() -> None:
    assert list(figures(EVERYTHING)) == [measure.name for measure in MEASURES]


def test_a_harmless_message_may_be_answered_where_its_case_says_so_but_never_be_an_alarm() -> None:
    harmless, answerable = Case("?", ("ordinary",)), Case("?", ("ordinary", "answer"))
    assert wants_no_answer(harmless) and not wants_no_answer(answerable)
    assert is_off_subject(harmless) and is_off_subject(answerable)


def test_the_interval_holds_the_share_and_narrows_with_the_count() -> None:
    few, many = Count(9, 10), Count(900, 1000)
    for count in (few, many):
        low, high = count.interval
        assert 0 <= low <= count.share <= high <= 1
    assert many.interval[1] - many.interval[0] < few.interval[1] - few.interval[0]


def test_the_calibration_error_is_the_gap_between_being_sure_and_being_right() -> None:
    sure = [
        Result(Case("?", (name,)), Outcome("answer", ("cd33",), confidence=0.9)) for name in ["cd33"] * 7 + ["cd19"] * 3
    ]
    unsure = [Result(Case("?", ("cd33",)), Outcome("answer", ("cd33",), confidence=0.5))] * 10
    assert calibration_error([*sure, *unsure]) == {ANSWERS: pytest.approx((0.2 * 10 + 0.5 * 10) / 20)}
    assert [each.right for each in bins([*sure, *unsure])[ANSWERS]] == [Count(10, 10), Count(7, 10)]


def test_every_set_expects_only_what_exists() -> None:
    assert {name: unknown_names(read_set(name)) for name in set_names()} == {name: [] for name in set_names()}
    assert not set(CLASSES) & set(answers())


def test_every_answer_has_at_least_four_held_out_questions() -> None:
    asked = [case.expected[0] for name in set_names() for case in read_set(name) if case.first is None]
    assert not [name for name in sorted(answers()) if asked.count(name) < 4]
