import pytest
from rasa.shared.core.events import ActiveLoop, Event

from bot.nlu.understanding.expected import expected_intent
from tests.events import asked, conversation, replied

RESOLVED = replied("utter_handoff_resolved", kind="handoff_resolved")
OFFER = replied("utter_lost_again", offers="human")


def expected(text: str, intent: str, *before: Event) -> str:
    return expected_intent(text, intent, conversation(*before))


@pytest.mark.parametrize("text", ["5", " 1 ", "4.", "3/5", "4 out of 5", "5 stars", "5 \u2b50\u2b50"])
def test_a_number_after_how_helpful_was_it_is_a_rating(text: str) -> None:
    assert expected(text, "lost", RESOLVED) == "rate"


@pytest.mark.parametrize("text", ["6", "0", "55", "39.4", "5 mg", "day 5", ""])
def test_other_numbers_are_none(text: str) -> None:
    assert expected(text, "lost", RESOLVED) == "lost"


@pytest.mark.parametrize(
    "before", [[], [OFFER], [replied("utter_greet")], [RESOLVED, asked("what is CRS?")], [RESOLVED, replied("utter_x")]]
)
def test_a_number_elsewhere_is_no_rating(before: list[Event]) -> None:
    assert expected("5", "lost", *before) == "lost"


@pytest.mark.parametrize("text", ["Rating: 5", "rating 1", " RATING:3 "])
def test_a_rating_that_says_so_is_one_anywhere(text: str) -> None:
    assert expected(text, "lost") == "rate"
    assert expected(text, "lost", RESOLVED, asked("what is CRS?")) == "rate"


@pytest.mark.parametrize("text", ["Rating: 6", "Rating: 55", "rating", "what is the rating of the hospital?"])
def test_words_about_ratings_are_none(text: str) -> None:
    assert expected(text, "lost", RESOLVED) == "lost"


def test_yes_takes_up_an_offer() -> None:
    assert expected("yes", "affirm", OFFER) == "human"


def test_yes_means_nothing_more_without_an_offer_right_before() -> None:
    assert expected("yes", "affirm") == "affirm"
    assert expected("yes", "affirm", replied("utter_greet")) == "affirm"
    assert expected("yes", "affirm", OFFER, asked("what is CRS?")) == "affirm"
    assert expected("yes", "affirm", OFFER, replied("utter_greet")) == "affirm"


def test_an_offer_is_taken_up_by_yes_alone() -> None:
    assert expected("no", "deny", OFFER) == "deny"
    assert expected("What is CRS?", "faq/crs_what", OFFER) == "faq/crs_what"


@pytest.mark.parametrize("alarm", ["crisis", "emergency"])
def test_a_short_answer_to_a_form_is_no_alarm_by_a_guess(alarm: str) -> None:
    assert expected("Maria Quispe", alarm, ActiveLoop("handoff_form")) == "lost"


@pytest.mark.parametrize("alarm", ["crisis", "emergency"])
@pytest.mark.parametrize("before", [[], [ActiveLoop("handoff_form"), ActiveLoop(None)], [OFFER]])
def test_elsewhere_a_guess_is_enough_for_an_alarm(alarm: str, before: list[Event]) -> None:
    assert expected("Maria Quispe", alarm, *before) == alarm


def test_a_sentence_is_an_alarm_in_a_form_too() -> None:
    assert expected("she is not waking up", "emergency", ActiveLoop("handoff_form")) == "emergency"


def test_without_a_conversation_words_mean_what_they_say() -> None:
    assert expected_intent("yes", "affirm", None) == "affirm"
    assert expected_intent("5", "lost", None) == "lost"
