"""The dialogue that leads to a handoff: each message through the form's logic, with a real store and spaCy's model.

How a request ends, and what comes after it: test_handoff_ends.py.
"""

from pathlib import Path

import pytest
import yaml

from actions.request import ASIDES, PAUSED, PREFIX, STEPS
from bot.database.unit_of_work import Store
from bot.handoff import services
from tests.dialogue import ANSWERS, EVERYTHING, VISITOR, Talk, at_step, kept_contacts

FOUR_AND_A_NUMBER = {
    "patient": "my mother",
    "name": "Maria",
    "phone": "+442079460000",
    "country": "Peru",
    "condition": "AML",
}


# ------------------------------------------------------------------------------------------------ consent


@pytest.mark.parametrize(
    ("text", "intent", "kind"), [("I want to enroll", "enroll", "enrollment"), ("a human please", "human", "human")]
)
def test_a_request_begins_with_consent(talk: Talk, text: str, intent: str, kind: str) -> None:
    assert talk.say(text, intent).asks == "consent"
    assert talk.slots[f"{PREFIX}kind"] == kind


def test_before_consent_nothing_that_was_said_is_kept(talk: Talk, store: Store) -> None:
    talk.say(EVERYTHING, "background")
    talk.say(f"{EVERYTHING}, we want to enroll", "enroll")
    talk.say("maria@example.org", "lost")
    assert talk.details() == {}
    assert kept_contacts(store) == []
    assert services.standing(store, VISITOR).state is None


def test_without_a_yes_or_a_no_consent_is_asked_again(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    turn = talk.say("Maria Quispe", "chitchat")
    assert (turn.said, turn.asks) == (["utter_consent_first"], "consent")
    assert talk.details() == {}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("What is CRS?", "faq"),
        ("who reads this chat?", "data_privacy"),
        ("are you a robot?", "bot_identity"),
        ("tell me about the side effects first", "faq"),
    ],
)
def test_a_question_before_consent_is_answered_and_consent_asked_again(talk: Talk, text: str, intent: str) -> None:
    talk.say("I want to enroll", "enroll")
    turn = talk.say(text, intent)
    assert (turn.passed_on, turn.said, turn.asks) == (True, [], "consent")


@pytest.mark.parametrize(("text", "intent"), [("No, thank you", "deny"), ("nope", "lost"), ("cancel", "cancel")])
def test_who_refuses_consent_hears_what_else_can_be_done_and_leaves_nothing(
    talk: Talk, store: Store, text: str, intent: str
) -> None:
    talk.say(EVERYTHING, "background")
    talk.say("I want to enroll", "enroll")
    turn = talk.say(text, intent)
    assert (turn.said, turn.ended) == (["utter_consent_refused"], True)
    assert {"Maria", "+44 20 7946 0000"} <= set(turn.forgets)
    assert talk.details() == {}
    assert kept_contacts(store) == []


def test_the_kind_of_request_may_change_before_consent(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    talk.say("maria@example.org", "human")
    assert talk.slots[f"{PREFIX}kind"] == "enrollment"
    talk.say("I want to talk to a person", "human")
    assert talk.slots[f"{PREFIX}kind"] == "human"


# ------------------------------------------------------------------------------------------------ the steps


def test_an_enrollment_asks_one_thing_after_the_other(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    asked = [talk.say(text).asks for text in ("yes", *ANSWERS, "no")]
    assert asked == ["patient", "name", "country", "condition", "contact", "note", "confirmed"]
    assert talk.say("yes").done


@pytest.mark.parametrize("when", ["before", "with", "after"])
def test_whatever_was_said_at_once_is_not_asked_again(talk: Talk, when: str) -> None:
    if when == "before":
        talk.say(EVERYTHING, "background")
    talk.say(f"{EVERYTHING}, we want to enroll" if when == "with" else "I want to enroll", "enroll")
    turn = talk.say("yes", "affirm")
    if when == "after":
        assert turn.asks == "patient"
        turn = talk.say(EVERYTHING, "background")
    assert turn.asks == "note"
    assert talk.details() == FOUR_AND_A_NUMBER


def test_what_comes_with_the_consent_counts(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    assert talk.say(f"Yes, {EVERYTHING}", "affirm").asks == "note"


def test_answers_may_come_in_any_order(talk: Talk) -> None:
    assert at_step(talk, "maria@example.org", "my mother has AML", "we live in Peru") == "name"
    assert talk.say("Maria").asks == "note"


def test_nothing_is_asked_twice(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    asked = [talk.say(text).asks for text in ("yes", "my mother has AML", "I'm Maria", "Peru", "maria@example.org")]
    assert asked == ["patient", "name", "country", "contact", "note"]


@pytest.mark.parametrize(
    ("known", "bad", "problem", "good"),
    [
        (4, "maria@example", "utter_invalid_email", "maria@example.org"),
        (4, "+999 123 456 789", "utter_invalid_phone", "+44 20 7946 0000"),
        (4, "on the moon", "utter_invalid_contact", "maria@example.org"),
        (2, "Atlantis", "utter_invalid_country", "Peru"),
        (1, "+", "utter_invalid_name", "Maria"),
    ],
)
def test_a_bad_value_gets_a_helpful_word_and_a_second_try(
    talk: Talk, known: int, bad: str, problem: str, good: str
) -> None:
    step = at_step(talk, *ANSWERS[:known])
    turn = talk.say(bad)
    assert (turn.said, turn.asks) == ([problem], step)
    assert talk.say(good).asks != step


def test_a_value_is_corrected_in_the_middle(talk: Talk) -> None:
    assert at_step(talk, *ANSWERS[:3]) == "condition"
    assert talk.say("sorry, my name is Mara Quispe", "background").asks == "condition"
    assert talk.details()["name"] == "Mara Quispe"


def test_a_value_is_corrected_at_the_summary_and_shown_again(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    assert talk.say("no, the mail is quispe@example.org", "deny").asks == "confirmed"
    assert talk.details()["email"] == "quispe@example.org"
    assert talk.slots[f"{PREFIX}contact"] == "quispe@example.org"


def test_no_at_the_summary_asks_what_to_change(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    assert talk.say("no", "deny").asks == "change"
    assert talk.say("I'm from Chile", "background").asks == "confirmed"
    assert talk.details()["country"] == "Chile"


def test_whoever_names_what_is_wrong_is_asked_for_it(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    assert talk.say("change the country", "lost").asks == "country"
    assert talk.say("Chile").asks == "confirmed"
    assert talk.details()["country"] == "Chile"


def test_only_a_yes_sends_the_request(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    turn = talk.say("hm", "chitchat")
    assert (turn.done, turn.asks) == (False, "confirmed")
    assert talk.say("Yes, send it", "affirm").done


# ------------------------------------------------------------------------------------------------ in the middle


@pytest.mark.parametrize("known", range(6))
def test_a_question_in_the_middle_is_answered_and_the_step_asked_again(talk: Talk, known: int) -> None:
    step = at_step(talk, *ANSWERS[:known])
    turn = talk.say("What is CRS?", "faq")
    assert (turn.passed_on, turn.said, turn.asks) == (True, [], step)


@pytest.mark.parametrize("alarm", ["emergency", "crisis"])
@pytest.mark.parametrize("known", range(6))
def test_an_alarm_in_the_middle_is_answered_with_nothing_beside_it(talk: Talk, known: int, alarm: str) -> None:
    step = at_step(talk, *ANSWERS[:known])
    turn = talk.say("he cannot breathe", alarm)
    # There is no response to ask for "paused": the form is silent.
    assert (turn.passed_on, turn.said, turn.asks) == (True, [], "paused")
    if step == "patient":
        assert talk.say("my mother").asks == "name"
    if step == "contact":
        assert talk.say("maria@example.org").asks == "note"


def test_an_alarm_before_consent_is_answered_and_consent_still_needed(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    turn = talk.say("he cannot breathe", "emergency")
    assert (turn.passed_on, turn.asks) == (True, "paused")
    assert talk.say("my mother").asks == "consent"
    assert talk.details() == {}


def test_an_alarm_with_the_wish_to_enroll_in_it_opens_no_form_of_its_own() -> None:
    rules = yaml.safe_load(Path("data/stories/rules.yml").read_text(encoding="utf-8"))["rules"]
    after = {rule["steps"][0].get("intent"): rule["steps"][1]["action"] for rule in rules if len(rule["steps"]) == 2}
    assert (after["emergency"], after["crisis"]) == ("utter_emergency", "utter_crisis")


@pytest.mark.parametrize("intent", ["lost", "chitchat", "greet", "affirm", "deny", "faq", "human", "enroll"])
def test_no_message_leaves_the_visitor_without_a_word(talk: Talk, intent: str) -> None:
    for known in range(len(ANSWERS)):
        talk.slots.clear()
        at_step(talk, *ANSWERS[:known])
        turn = talk.say("hm", intent)
        assert turn.asks or turn.done or turn.ended


# ------------------------------------------------------------------------------------------------ the domain agrees


def test_the_domain_has_every_step_slot_and_response_that_the_actions_name() -> None:
    domain = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    steps = {step for kind in STEPS.values() for step in kind}
    assert {f"{PREFIX}{step}" for step in steps} == set(domain["forms"]["handoff_form"]["required_slots"])
    asked = {f"utter_ask_handoff_form_{PREFIX}{step}" for step in steps | ASIDES}
    assert {f"{PREFIX}{step}" for step in steps | ASIDES | {PAUSED}} <= set(domain["slots"])
    invalid = {f"utter_invalid_{step}" for step in steps - {"consent", "note"}}
    assert asked | invalid <= set(domain["responses"])
    source = "".join(file.read_text(encoding="utf-8") for file in Path("actions").rglob("*.py"))
    named = {word for word in source.replace('"', " ").split() if word.startswith("utter_") and "{" not in word}
    # Rasa's own word for the response of a line.
    assert named - {"utter_action"} <= set(domain["responses"])
    assert f"utter_ask_handoff_form_{PREFIX}{PAUSED}" not in domain["responses"]
