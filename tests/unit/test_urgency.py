"""Urgency of made-up interpretations: what is certain, what is possible, and what only sounds like an alarm."""

from typing import Any

import pytest

from bot.nlu.safety.signals import Signals
from bot.nlu.understanding.interpretations import IN_CONTEXT, SEGMENT, WHOLE, Interpretation, Thresholds
from bot.nlu.understanding.ranking import Ranked
from bot.nlu.understanding.urgency import WHOLE_WORDS, Assessment, Urgency, assess, assess_by_rules

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
NOTHING = Signals()
RED_FLAG = Signals(frozenset({"red_flag"}))
HAPPENING = Signals(frozenset({"red_flag", "now"}))
ALARMS = ["crisis", "emergency"]


def reads(
    signals: Signals = NOTHING,
    kind: str = WHOLE,
    text: str = "some words of mine",
    similarity: float = 1.0,
    **probabilities: float,
) -> Interpretation:
    """An interpretation with the same similarity to everything; an answer's name has a capital."""
    named = [(f"faq/{name}" if name[0].isupper() else name, value) for name, value in probabilities.items()]
    ranking = [Ranked(name, value, similarity) for name, value in sorted(named, key=lambda item: -item[1])]
    return Interpretation(text, kind, ranking or [Ranked("faq/Crs", 0.01, 0.1)], signals)


def share(name: str, probability: float) -> dict[str, Any]:
    return {name: probability}


def urgency(*interpretations: Interpretation) -> Urgency:
    return assess(interpretations, AT).urgency


@pytest.mark.parametrize("kind", ALARMS)
def test_what_the_classifier_finds_clearly_more_probable_is_certain(kind: str) -> None:
    assessment = assess([reads(Crs=0.1, **share(kind, 0.8))], AT)
    assert (assessment.urgency, assessment.kind) == (Urgency.CERTAIN, kind)


@pytest.mark.parametrize("kind", ALARMS)
def test_among_ordinary_talk_an_alarm_needs_a_similar_example(kind: str) -> None:
    assert urgency(reads(similarity=0.5, **share(kind, 0.8))) is Urgency.CERTAIN
    assert urgency(reads(similarity=0.49, **share(kind, 0.8))) is Urgency.POSSIBLE


def test_what_may_be_a_crisis_or_an_emergency_is_an_alarm_of_the_likelier_kind() -> None:
    assessment = assess([reads(crisis=0.25, emergency=0.3)], AT)
    assert (assessment.urgency, assessment.kind) == (Urgency.CERTAIN, "emergency")


def test_a_crisis_goes_before_an_emergency() -> None:
    segments = [reads(kind=SEGMENT, emergency=0.9), reads(kind=SEGMENT, crisis=0.8)]
    assert assess([reads(emergency=0.3, crisis=0.3), *segments], AT).kind == "crisis"


@pytest.mark.parametrize("kind", ALARMS)
def test_a_sign_of_danger_is_a_reason_as_well(kind: str) -> None:
    assert urgency(reads(RED_FLAG, similarity=0.1, **share(kind, 0.8))) is Urgency.CERTAIN


@pytest.mark.parametrize("ordinary", ["out_of_scope", "chitchat", "background", "greet"])
def test_an_alarm_that_ordinary_talk_leads_is_at_most_possible(ordinary: str) -> None:
    segment = reads(kind=SEGMENT, emergency=0.9)
    assert urgency(reads(**share(ordinary, 0.7)), segment) is Urgency.POSSIBLE
    assert urgency(reads(emergency=0.6, **share(ordinary, 0.3)), segment) is Urgency.CERTAIN


@pytest.mark.parametrize(("question", "tier"), [(0.5, Urgency.CERTAIN), (0.52, Urgency.POSSIBLE)])
def test_a_question_goes_before_an_alarm_that_is_less_than_half_as_probable(question: float, tier: Urgency) -> None:
    whole = reads(emergency=0.25, A=question / 2, B=question / 2)
    assert urgency(whole, reads(kind=SEGMENT, emergency=0.9)) is tier


def test_a_segment_of_a_message_too_long_to_be_seen_whole_counts_by_itself() -> None:
    story = reads(text="word " * (WHOLE_WORDS + 1), Crs=0.8)
    assert urgency(story, reads(kind=SEGMENT, emergency=0.9)) is Urgency.CERTAIN
    assert urgency(reads(text="word " * WHOLE_WORDS, Crs=0.9), reads(kind=SEGMENT, emergency=0.9)) is Urgency.POSSIBLE


def test_with_no_sign_of_danger_a_judgement_goes_before_an_emergency() -> None:
    assert urgency(reads(emergency=0.5, personal_advice=0.3)) is Urgency.POSSIBLE
    assert urgency(reads(RED_FLAG, emergency=0.5, personal_advice=0.3)) is Urgency.CERTAIN
    assert urgency(reads(emergency=0.5, personal_advice=0.2)) is Urgency.CERTAIN


def test_a_dangerous_symptom_that_somebody_has_now_needs_little_probability() -> None:
    assert urgency(reads(HAPPENING, emergency=0.05, Crs=0.9)) is Urgency.CERTAIN
    assert urgency(reads(HAPPENING, emergency=0.04, Crs=0.9)) is Urgency.POSSIBLE
    assert urgency(reads(RED_FLAG, emergency=0.05, Crs=0.9)) is Urgency.NONE


def test_a_dangerous_number_is_enough_unless_it_is_past_or_supposed() -> None:
    assert urgency(reads(Signals(dangerous_number=True), Crs=0.9, emergency=0.02)) is Urgency.CERTAIN
    assert urgency(reads(Signals(frozenset({"not_now"}), True), Crs=0.9)) is Urgency.NONE


@pytest.mark.parametrize("signals", [Signals(frozenset({"crisis"})), Signals(dangerous_number=True)])
def test_what_a_rule_sees_without_a_trace_of_an_alarm_is_possible(signals: Signals) -> None:
    assert urgency(reads(signals, chitchat=0.99, crisis=0.01)) is Urgency.POSSIBLE
    assert urgency(reads(signals, chitchat=0.98, crisis=0.02)) is Urgency.CERTAIN
    assert urgency(reads(signals, chitchat=0.99), reads(kind=SEGMENT, emergency=0.02)) is Urgency.CERTAIN


def test_a_very_clear_sentence_needs_no_support() -> None:
    assert urgency(reads(Crs=0.99), reads(kind=SEGMENT, crisis=0.95)) is Urgency.CERTAIN
    assert urgency(reads(Crs=0.99), reads(kind=SEGMENT, crisis=0.94)) is Urgency.POSSIBLE


def test_a_word_or_two_are_no_story_that_might_be_an_alarm() -> None:
    assert urgency(reads(text="restart", crisis=0.3)) is Urgency.NONE
    assert urgency(reads(text="start it again", crisis=0.3)) is Urgency.POSSIBLE


def test_words_of_a_crisis_are_enough() -> None:
    assessment = assess([reads(Signals(frozenset({"crisis", "red_flag", "now"}), True), emergency=0.9)], AT)
    assert (assessment.urgency, assessment.kind) == (Urgency.CERTAIN, "crisis")


@pytest.mark.parametrize(("probability", "tier"), [(0.2, Urgency.POSSIBLE), (0.19, Urgency.NONE)])
def test_a_little_probability_is_possible(probability: float, tier: Urgency) -> None:
    assert urgency(reads(emergency=probability / 2, crisis=probability / 2, chitchat=0.5)) is tier


def test_what_is_over_is_not_possible() -> None:
    assert urgency(reads(Signals(frozenset({"red_flag", "now", "not_now"})), emergency=0.3)) is Urgency.NONE


def test_the_words_that_we_put_in_do_not_count() -> None:
    ours = reads(Signals(frozenset({"crisis"}), True), kind=IN_CONTEXT, emergency=0.9)
    assert assess([reads(Crs=0.9), ours], AT) == Assessment()


def test_after_an_alarm_word_that_help_has_come_is_no_new_one() -> None:
    said = reads(HAPPENING, emergency=0.3, alarm_over=0.5)
    assert assess([said], AT, after_alarm=True) == Assessment()
    assert assess([said], AT).urgency is Urgency.CERTAIN


def test_after_an_alarm_a_new_one_is_one() -> None:
    assert assess([reads(HAPPENING, emergency=0.5, alarm_over=0.3)], AT, after_alarm=True).urgency is Urgency.CERTAIN
    fever = Signals(dangerous_number=True)
    assert assess([reads(fever, emergency=0.3, alarm_over=0.5)], AT, after_alarm=True).urgency is Urgency.CERTAIN


def test_the_rules_alone_see_words_and_numbers() -> None:
    assert assess_by_rules([reads(HAPPENING)]) == Assessment()
    assert assess_by_rules([reads(Signals(dangerous_number=True))]).kind == "emergency"
    assert assess_by_rules([reads(Signals(frozenset({"crisis"}), True))]).kind == "crisis"


@pytest.mark.parametrize(("talk", "certain"), [(0.1, True), (0.3, False)])
@pytest.mark.parametrize("kind", ALARMS)
def test_without_a_sign_an_alarm_has_to_outweigh_ordinary_talk(kind: str, talk: float, certain: bool) -> None:
    found = urgency(reads(chitchat=talk, **share(kind, 0.65)))
    assert found is (Urgency.CERTAIN if certain else Urgency.POSSIBLE)


def test_a_remark_that_is_more_like_remarks_than_like_alarms_is_none() -> None:
    ranking = [Ranked("crisis", 0.9, 0.6), Ranked("chitchat", 0.02, 0.7)]
    assert urgency(Interpretation("I could jump for joy", WHOLE, ranking, NOTHING)) is Urgency.POSSIBLE
    assert urgency(Interpretation("I could jump for joy", WHOLE, ranking, RED_FLAG)) is Urgency.CERTAIN
