import pytest
from rasa.shared.core.events import Event

from bot.nlu.components.history import history_of
from bot.nlu.understanding.decision import Decision
from bot.nlu.understanding.expected import REMEMBERED_MESSAGES, after_alarm, in_its_place
from bot.nlu.understanding.history import History
from tests.events import answered, asked, conversation, replied

RESOLVED = replied("utter_handoff_resolved", kind="handoff_resolved")
OFFER = replied("utter_lost_again", offers="human")


def expected(text: str, intent: str, *before: Event) -> str:
    return in_its_place(text, Decision(intent), history_of(conversation(*before))).intent


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


def test_without_a_conversation_words_mean_what_they_say() -> None:
    assert in_its_place("yes", Decision("affirm"), History()).intent == "affirm"
    assert in_its_place("5", Decision("lost"), History()).intent == "lost"


ALARM = replied("utter_emergency", kind="emergency")


@pytest.mark.parametrize(("intent", "otherwise"), [("alarm_over", "background"), ("alarm_mistaken", "chitchat")])
def test_word_of_an_alarm_is_about_one_that_was_answered_just_now(intent: str, otherwise: str) -> None:
    assert expected("the ambulance is here", intent, ALARM) == intent
    assert expected("the ambulance is here", intent) == otherwise


def test_an_alarm_is_remembered_for_some_messages() -> None:
    later: list[Event] = [asked() for _ in range(REMEMBERED_MESSAGES)]
    assert after_alarm(history_of(conversation(ALARM, *later)))
    assert not after_alarm(history_of(conversation(ALARM, *later, asked())))


def test_the_same_question_again_is_noticed() -> None:
    def again(intent: str, *before: Event) -> bool:
        return in_its_place("what is CRS", Decision(intent), history_of(conversation(*before))).again

    assert again("faq/crs", asked(), answered("crs"))
    assert not again("faq/icans", asked(), answered("crs"))
    assert not again("faq/crs", asked(), answered("crs"), asked(), answered("icans"))
    assert not again("faq/crs")


def test_a_follow_up_that_the_last_answer_answers_is_not_the_same_question() -> None:
    history = history_of(conversation(asked(), answered("crs")))
    assert not in_its_place("how long does it last?", Decision("faq/crs", follow_up=True), history).again
