"""Decisions on made-up interpretations: which matters first, and how sure the assistant is."""

from dataclasses import replace
from typing import Any

import pytest

from bot.nlu.safety.signals import Signals
from bot.nlu.understanding.decision import MAX_CANDIDATES, Decision, decide
from bot.nlu.understanding.interpretations import IN_CONTEXT, SEGMENT, WHOLE, Interpretation, Thresholds
from bot.nlu.understanding.ranking import Ranked

AT = Thresholds(
    known=0.1,
    hedge=0.05,
    sure=0.4,
    between=0.2,
    outside=0.8,
    echo=0.6,
    second=0.5,
    alarm=0.4,
    alarm_with_sign=0.05,
    alarm_trace=0.02,
    alarm_share=0.8,
    alarm_possible=0.2,
    personal=0.4,
    personal_with_sign=0.15,
    personal_trace=0.02,
    alone=0.95,
)
HAPPENING = frozenset({"red_flag", "now"})
NOTHING = Signals()
EVERYTHING = Signals(HAPPENING | {"crisis"}, dangerous_number=True)


def interpretation(
    signals: Signals = NOTHING, kind: str = WHOLE, text: str = "some words of mine", **probabilities: Any
) -> Interpretation:
    """A interpretation near to everything; an answer's name has a capital, the other intents are as they are."""
    rest = {"Filler": 0.001, **probabilities}
    ranked = [Ranked(f"faq/{name}" if name[0].isupper() else name, value, 1.0) for name, value in rest.items()]
    return Interpretation(text, kind, sorted(ranked, key=lambda item: -item.probability), signals)


def known(signals: Signals = NOTHING, **probabilities: Any) -> Interpretation:
    """A interpretation that is word for word a title or a training question."""
    return replace(interpretation(signals, **probabilities), known=True)


def whole(*meanings: str, number: bool = False, **probabilities: Any) -> Decision:
    return decide([interpretation(Signals(frozenset(meanings), number), **probabilities)], AT)


@pytest.mark.parametrize(
    ("signals", "probabilities", "intent"),
    [
        (EVERYTHING, {"personal_advice": 0.5, "crisis": 0.02}, "crisis"),
        (NOTHING, {"crisis": 0.45, "emergency": 0.4}, "crisis"),
        (NOTHING, {"emergency": 0.8, "personal_advice": 0.1}, "emergency"),
        (Signals(frozenset({"red_flag"})), {"emergency": 0.4, "personal_advice": 0.45}, "emergency"),
        # No sign of danger, and the question is as probable: "Should I stop my aspirin?"
        (NOTHING, {"emergency": 0.5, "personal_advice": 0.45}, "personal_advice"),
        (Signals(dangerous_number=True), {"personal_advice": 0.9, "emergency": 0.02}, "emergency"),
        (NOTHING, {"personal_advice": 0.4, "human": 0.5}, "personal_advice"),
        (NOTHING, {"human": 0.5, "Crs": 0.4}, "human"),
        (NOTHING, {"human": 0.4, "Crs": 0.5}, "faq/Crs"),
    ],
)
def test_what_matters_more_comes_first(signals: Signals, probabilities: dict[str, Any], intent: str) -> None:
    assert decide([interpretation(signals, **probabilities)], AT).intent == intent


@pytest.mark.parametrize(
    ("first", "second", "intent"),
    [
        (interpretation(kind=SEGMENT, emergency=0.9), interpretation(kind=SEGMENT, crisis=0.9), "crisis"),
        (interpretation(kind=SEGMENT, personal_advice=0.9), interpretation(kind=SEGMENT, emergency=0.9), "emergency"),
        (interpretation(kind=SEGMENT, Crs=0.9), interpretation(kind=SEGMENT, personal_advice=0.9), "personal_advice"),
        (
            interpretation(kind=SEGMENT, Crs=0.9),
            interpretation(Signals(frozenset({"crisis"})), SEGMENT, Crs=0.9),
            "crisis",
        ),
    ],
)
def test_safety_holds_for_every_part_of_a_message(first: Interpretation, second: Interpretation, intent: str) -> None:
    whole = interpretation(Crs=0.35, crisis=0.1, emergency=0.1, personal_advice=0.1)
    decision = decide([whole, first, second], AT)
    assert (decision.intent, decision.level) == (intent, "safety")


def test_a_judgement_asked_for_in_a_part_is_deflected() -> None:
    part = interpretation(kind=SEGMENT, personal_advice=0.9)
    assert decide([interpretation(Crs=0.9, personal_advice=0.02), part], AT).intent == "personal_advice"


def test_is_it_safe_after_an_answer_asks_about_the_answer() -> None:
    in_context = interpretation(kind=IN_CONTEXT, Crs=0.9)
    assert decide([interpretation(personal_advice=0.9), in_context], AT).intent == "faq/Crs"


def test_a_reading_in_context_raises_no_alarm() -> None:
    decision = decide([interpretation(Crs=0.9), interpretation(EVERYTHING, IN_CONTEXT, emergency=0.9, Crs=0.1)], AT)
    assert decision.level != "safety"


@pytest.mark.parametrize("calming", [{"not_now"}, {"general"}])
def test_the_same_words_about_patients_or_the_past_get_the_answer(calming: set[str]) -> None:
    meanings = {"red_flag", "now", *calming} | ({"somebody"} if "not_now" in calming else set())
    assert whole(*meanings, number=True, emergency=0.2, Crs=0.7).intent == "faq/Crs"


def test_a_general_question_about_somebody_who_has_it_now_is_an_emergency() -> None:
    assert whole(*HAPPENING, "somebody", "general", emergency=0.1, Crs=0.7).intent == "emergency"


def test_a_known_question_is_no_alarm_whatever_its_words() -> None:
    assert decide([known(EVERYTHING, Crs=1.0, emergency=0.0)], AT).intent == "faq/Crs"


def test_a_text_that_is_only_very_probable_is_not_known() -> None:
    assert decide([interpretation(EVERYTHING, Crs=0.98, emergency=0.02)], AT).intent == "crisis"


@pytest.mark.parametrize("intent", ["crisis", "emergency", "personal_advice"])
def test_a_known_alarm_is_one(intent: str) -> None:
    probabilities: dict[str, Any] = {intent: 1.0}
    decision = decide([known(**probabilities)], AT)
    assert (decision.intent, decision.level) == (intent, "safety")


@pytest.mark.parametrize(
    ("score", "intent", "level", "echo"),
    [
        (0.6, "faq/Crs", "sure", False),
        (0.59, "faq/Crs", "sure", True),
        (0.4, "faq/Crs", "sure", True),
        (0.39, "did_you_mean", "between", False),
        (0.2, "did_you_mean", "between", False),
        (0.19, "lost", "lost", False),
    ],
)
def test_how_sure_decides_what_is_said(score: float, intent: str, level: str, echo: bool) -> None:
    decision = whole(Crs=score)
    assert (decision.intent, decision.level, decision.echo) == (intent, level, echo)


def test_a_probable_answer_that_is_far_away_is_not_given() -> None:
    far = Interpretation("a text of some words", WHOLE, [Ranked("faq/Crs", 0.9, 0.1)], NOTHING)
    assert decide([far], AT).intent == "lost"


def test_did_you_mean_offers_the_probable_answers_best_first() -> None:
    assert whole(A=0.3, B=0.2, C=0.1, D=0.1, human=0.29).candidates == ("A", "B", "C")
    assert MAX_CANDIDATES == 3


def test_did_you_mean_offers_two_even_when_one_is_probable() -> None:
    assert whole(A=0.3, B=0.01).candidates == ("A", "B")


def test_an_unsure_greeting_is_no_dialogue() -> None:
    assert whole(greet=0.19, Crs=0.1).intent == "lost"


@pytest.mark.parametrize(("outside", "intent"), [(0.8, "lost"), (0.1, "did_you_mean"), (0.09, "faq/Crs")])
def test_what_probably_lies_outside_the_documents_is_not_answered(outside: float, intent: str) -> None:
    assert whole(out_of_scope=outside, Crs=0.5).intent == intent


def test_a_clear_part_of_a_message_that_lies_outside_is_not_answered() -> None:
    segment = interpretation(kind=SEGMENT, Crs=0.9)
    assert decide([interpretation(out_of_scope=0.5, Crs=0.3), segment], AT).intent == "did_you_mean"


def test_a_follow_up_is_about_something_in_context_only() -> None:
    alone = interpretation(out_of_scope=0.7, Crs=0.2)
    assert decide([alone, interpretation(kind=IN_CONTEXT, Crs=0.9)], AT).intent == "faq/Crs"


@pytest.mark.parametrize("refused", ["crisis", "emergency", "personal_advice"])
def test_an_alarm_that_was_refused_is_no_dialogue(refused: str) -> None:
    far = Interpretation("some words of mine", WHOLE, [Ranked(refused, 0.3, 1.0), Ranked("faq/Crs", 0.1, 0.1)], NOTHING)
    assert decide([far], AT).intent == "lost"


def test_the_clearest_part_answers_for_an_unclear_message() -> None:
    parts = [interpretation(kind=SEGMENT, Costs=0.45), interpretation(kind=SEGMENT, Trials=0.7)]
    assert decide([interpretation(Crs=0.2), *parts], AT).intent == "faq/Trials"


def test_a_clear_message_is_answered_as_a_whole() -> None:
    assert decide([interpretation(Crs=0.5), interpretation(kind=SEGMENT, Costs=0.8)], AT).intent == "faq/Crs"


def test_a_follow_up_is_understood_in_context() -> None:
    interpretations = [interpretation(Costs=0.6), interpretation(kind=IN_CONTEXT, Crs=0.8)]
    assert decide(interpretations, AT).intent == "faq/Crs"


def test_ordinary_talk_after_an_answer_is_weighed_in_context_too() -> None:
    interpretations = [interpretation(chitchat=0.6), interpretation(kind=IN_CONTEXT, chitchat=0.6, Crs=0.3)]
    assert decide(interpretations, AT).intent == "chitchat"


def test_a_scrap_of_a_sentence_gives_no_answer() -> None:
    assert (
        decide([interpretation(Crs=0.1), interpretation(kind=SEGMENT, text="thank you", Costs=0.9)], AT).intent
        == "lost"
    )


def two_questions(second_score: float) -> Decision:
    parts = [interpretation(kind=SEGMENT, Crs=0.9), interpretation(kind=SEGMENT, Costs=second_score)]
    return decide([interpretation(Crs=0.5), *parts], AT)


def test_two_questions_get_two_answers() -> None:
    decision = two_questions(0.8)
    assert (decision.intent, decision.also) == ("faq/Crs", ("Costs",))


def test_an_unsure_second_question_is_left_out() -> None:
    assert two_questions(0.49).also == ()


def test_the_same_question_twice_gets_one_answer() -> None:
    assert decide([interpretation(Crs=0.9), interpretation(kind=SEGMENT, Crs=0.8)], AT).also == ()


def test_what_else_may_have_been_meant_is_offered_beside_the_answer() -> None:
    decision = decide([interpretation(Crs=0.6, Icans=0.2, Visa=0.01)], AT)
    assert (decision.intent, decision.candidates) == ("faq/Crs", ("Icans",))


@pytest.mark.parametrize(("outside", "hedge"), [(0.05, True), (0.04, False)])
def test_what_may_lie_outside_the_documents_in_part_is_answered_with_a_hedge(outside: float, hedge: bool) -> None:
    decision = whole(Crs=0.9, out_of_scope=outside)
    assert (decision.intent, decision.hedge) == ("faq/Crs", hedge)
