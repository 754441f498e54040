"""What a visitor says while the action server is away is read when it is back."""

import pytest

from bot.database.unit_of_work import Store
from bot.handoff import services
from tests.dialogue import ANSWERS, VISITOR, Talk, at_step

STEPS = ["patient", "name", "country", "condition", "contact", "note", "confirmed"]


@pytest.mark.parametrize("known", range(5))
@pytest.mark.parametrize(
    ("later", "intent"),
    [("hello again", "greet"), ("Try again: I want to enroll", "enroll"), ("are you back", "chitchat"), ("", "")],
)
def test_an_answer_that_nobody_read_is_read_with_the_next_message(
    talk: Talk, known: int, later: str, intent: str
) -> None:
    assert at_step(talk, *ANSWERS[:known]) == STEPS[known]
    talk.say_unheard(ANSWERS[known])
    turn = talk.say(later or ANSWERS[known], intent or "lost")
    assert turn.asks == STEPS[known + 1]
    assert ANSWERS[known] in talk.details().values()


def test_the_answer_that_came_first_is_not_replaced_by_a_greeting(talk: Talk) -> None:
    at_step(talk, *ANSWERS)
    talk.say_unheard("Please call in the evening")
    talk.say_unheard("hello?", "greet")
    assert talk.say("hello again", "greet").asks == "confirmed"
    assert talk.details()["note"] == "Please call in the evening"


def test_everything_that_was_told_meanwhile_counts(talk: Talk) -> None:
    at_step(talk, "my mother")
    talk.say_unheard("Maria Quispe")
    talk.say_unheard("we live in Peru")
    talk.say_unheard("my mother has AML")
    assert talk.say("maria@example.org").asks == "note"


def test_a_question_that_was_answered_meanwhile_is_no_answer(talk: Talk) -> None:
    step = at_step(talk, *ANSWERS[:3])
    talk.say_unheard("tell me about the side effects of it", "faq")
    talk.say_unheard("What is CRS?", "faq")
    assert talk.say("hello", "greet").asks == step


@pytest.mark.parametrize("alarm", ["emergency", "crisis"])
def test_an_alarm_that_was_answered_meanwhile_is_no_answer(talk: Talk, alarm: str) -> None:
    step = at_step(talk)
    talk.say_unheard("he cannot breathe", alarm)
    assert talk.say("hello", "greet").asks == step


def test_a_question_comes_before_the_next_step(talk: Talk) -> None:
    at_step(talk, *ANSWERS[:2])
    talk.say_unheard("Peru")
    turn = talk.say("What is CRS?", "faq")
    assert (turn.passed_on, turn.asks) == (True, "condition")


@pytest.mark.parametrize(
    ("meanwhile", "asks"),
    [(["Yes, I agree"], "patient"), (["No, thank you", "yes"], "patient"), (["yes", "no"], "consent"), ([], "consent")],
)
def test_the_last_yes_or_no_to_consent_counts(talk: Talk, meanwhile: list[str], asks: str) -> None:
    talk.say("I want to enroll", "enroll")
    for text in meanwhile:
        talk.say_unheard(text)
    assert talk.say("hello", "greet").asks == asks


def test_nothing_is_sent_that_the_visitor_did_not_see_and_confirm(talk: Talk, store: Store) -> None:
    at_step(talk, *ANSWERS)
    talk.say_unheard("no")
    assert talk.say("yes").asks == "confirmed"
    talk.say_unheard("no, the mail is quispe@example.org", "deny")
    turn = talk.say("Yes, send it", "affirm")
    assert (turn.done, turn.asks) == (False, "confirmed")
    assert talk.details()["email"] == "quispe@example.org"
    assert services.standing(store, VISITOR).state is None
    assert talk.say("Yes, send it", "affirm").done


def test_what_was_read_is_not_read_again(talk: Talk) -> None:
    at_step(talk, "my mother")
    talk.say_unheard("Maria")
    talk.say("hello", "greet")
    assert talk.say("no, my name is Mara", "deny").asks == "country"
    assert talk.say("hello", "greet").asks == "country"
    assert talk.details()["name"] == "Mara"
