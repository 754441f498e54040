"""What a message means as an answer to the step that was asked."""

from dataclasses import replace
from typing import Any

import pytest

from actions.answers import LONGEST_NOTE, StepResult, agrees, declines, read
from actions.last_message import Said
from actions.request import (
    CONDITION,
    CONFIRMED,
    CONTACT,
    COUNTRY,
    NAME,
    NOTE,
    NOTHING,
    PATIENT,
    Request,
)
from bot.domain.handoff import Kind
from tests.dialogue import extractor

EMPTY = Request(Kind.ENROLLMENT, consent=True)
FULL = replace(
    EMPTY,
    patient="my mother",
    name="Maria",
    email="maria@example.org",
    country="Peru",
    condition="AML",
    note=NOTHING,
)


def answer(step: str, text: str, intent: str = "lost", request: Request = EMPTY) -> StepResult:
    return read(extractor(), request, step, Said(text, intent))


def learned(step: str, text: str, intent: str = "lost", request: Request = EMPTY) -> dict[str, Any]:
    """What a message changes in a request."""
    found = answer(step, text, intent, request).request
    return {name: value for name, value in vars(found).items() if value != getattr(request, name)}


@pytest.mark.parametrize(
    ("step", "text", "intent", "value"),
    [
        (PATIENT, "My mother", "lost", "my mother"),
        (PATIENT, "It's me", "lost", "myself"),
        (PATIENT, "a boy of eight", "background", "a boy of eight"),
        (NAME, "Maria Quispe", "chitchat", "Maria Quispe"),
        (NAME, "maria", "lost", "Maria"),
        (NAME, "i am maria", "lost", "Maria"),
        (NAME, "Wei", "greet", "Wei"),
        (COUNTRY, "peru", "lost", "Peru"),
        (COUNTRY, "we live in Cairo", "background", "Cairo"),
        (CONDITION, "AML", "faq", "AML"),
        (CONDITION, "ALL", "chitchat", "ALL"),
        (COUNTRY, "Jordan", "greet", "Jordan"),
        (CONDITION, "a rare sarcoma", "lost", "a rare sarcoma"),
        (NOTE, "Please call in the evening", "lost", "Please call in the evening"),
    ],
)
def test_a_short_answer_fills_the_step_that_was_asked(step: str, text: str, intent: str, value: str) -> None:
    assert learned(step, text, intent) == {step: value}
    assert answer(step, text, intent).understood


def test_an_address_or_a_number_answers_how_to_be_reached() -> None:
    assert learned(CONTACT, "maria@example.org") == {"email": "maria@example.org"}
    assert learned(CONTACT, "+44 20 7946 0000") == {"phone": "+442079460000"}
    both = learned(CONTACT, "maria@example.org or +44 20 7946 0000")
    assert both == {"email": "maria@example.org", "phone": "+442079460000"}


def test_an_answer_may_come_to_another_step_than_the_one_that_was_asked() -> None:
    assert learned(NAME, "my mother has AML") == {"patient": "my mother", "condition": "AML"}
    assert learned(PATIENT, "maria@example.org") == {"email": "maria@example.org"}
    assert learned(PATIENT, "AML") == {"condition": "AML"}
    assert learned(PATIENT, "Peru") == {"country": "Peru"}
    assert learned(CONTACT, "Peru") == {"country": "Peru"}


def test_one_message_fills_all_that_it_says() -> None:
    text = "call me on +44 20 7946 0000, I'm Maria from Peru, my mother has AML"
    assert learned(PATIENT, text, "enroll") == {
        "patient": "my mother",
        "name": "Maria",
        "phone": "+442079460000",
        "country": "Peru",
        "condition": "AML",
    }


@pytest.mark.parametrize("text", ["maria@example", "maria@@example.org", "it is maria@exa mple.org,com"])
def test_a_bad_address_is_told(text: str) -> None:
    found = answer(CONTACT, text)
    assert (found.problem, found.request) == ("utter_invalid_email", EMPTY)


@pytest.mark.parametrize("text", ["555-0142", "my number is 020 7946 0000"])
def test_a_bad_number_is_told(text: str) -> None:
    found = answer(CONTACT, text)
    assert (found.problem, found.request) == ("utter_invalid_phone", EMPTY)


def test_the_countrys_own_numbers_need_no_country_code() -> None:
    british = replace(EMPTY, country="United Kingdom")
    assert learned(CONTACT, "020 7946 0000", request=british) == {"phone": "+442079460000"}


def test_a_country_that_nobody_knows_is_asked_for_again_and_then_taken_as_it_stands() -> None:
    assert not answer(COUNTRY, "Atlantis").understood
    assert learned(COUNTRY, "Atlantis", request=replace(EMPTY, tries=1)) == {"country": "Atlantis"}


@pytest.mark.parametrize("step", [PATIENT, NAME, COUNTRY, CONDITION, NOTE])
@pytest.mark.parametrize(("text", "intent"), [("rather not", "lost"), ("no", "deny")])
def test_what_a_visitor_does_not_want_to_say_is_left_out(step: str, text: str, intent: str) -> None:
    assert learned(step, text, intent) == {step: NOTHING}


def test_a_way_to_be_reached_cannot_be_left_out() -> None:
    assert not answer(CONTACT, "no", "deny").understood


@pytest.mark.parametrize("step", [PATIENT, NAME, COUNTRY, CONDITION, CONTACT])
@pytest.mark.parametrize(
    ("text", "intent"), [("hello", "greet"), ("thank you", "thank"), ("are you there", "chitchat")]
)
def test_small_talk_is_nobodys_detail(step: str, text: str, intent: str) -> None:
    found = answer(step, text, intent)
    assert (found.understood, found.request) == (False, EMPTY)


@pytest.mark.parametrize("step", [PATIENT, NAME, COUNTRY, CONDITION, CONTACT, CONFIRMED])
@pytest.mark.parametrize("text", ["What is CRS?", "how much does CAR-T cost in China", "is it curable?"])
def test_a_question_is_no_answer(step: str, text: str) -> None:
    found = answer(step, text, "faq")
    assert (found.understood, found.request) == (False, EMPTY)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("no, the mail is quispe@example.org", {"email": "quispe@example.org"}),
        ("sorry, typo: quispe@example.org", {"email": "quispe@example.org"}),
        ("actually I'm from Chile", {"country": "Chile"}),
        ("it's my father, not my mother", {"patient": "my father"}),
        ("no, my name is Mara", {"name": "Mara"}),
        ("correction: she has ALL", {"condition": "ALL"}),
    ],
)
@pytest.mark.parametrize("step", [NOTE, CONFIRMED])
def test_a_value_is_corrected_at_any_time(step: str, text: str, changed: dict[str, str]) -> None:
    assert learned(step, text, "deny", FULL) == changed


def test_a_note_may_name_people_without_changing_the_request() -> None:
    note = "my brother is from Chile and his name is Jose"
    assert learned(NOTE, note, "background", replace(FULL, note=None)) == {"note": note}


def test_what_is_known_is_not_changed_by_the_way() -> None:
    assert learned(CONTACT, "my aunt had lymphoma too, quispe@example.org", request=replace(FULL, email=None)) == {
        "email": "quispe@example.org"
    }


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("change the country", COUNTRY),
        ("the e-mail is wrong", CONTACT),
        ("my phone number is not right", CONTACT),
        ("I want to correct the name", NAME),
        ("the diagnosis is wrong", CONDITION),
        ("fix the patient", PATIENT),
    ],
)
def test_a_visitor_names_what_is_wrong(text: str, step: str) -> None:
    assert answer(CONFIRMED, text, "lost", FULL).go_to == step


def test_a_corrected_address_that_is_wrong_is_told_and_the_old_one_stays() -> None:
    found = answer(CONFIRMED, "no, the mail is quispe@example", "deny", FULL)
    assert (found.problem, found.go_to, found.request) == ("utter_invalid_email", CONTACT, FULL)


def test_a_note_is_kept_in_the_visitors_words_up_to_a_length() -> None:
    assert learned(NOTE, "  two\n\nparagraphs  ")["note"] == "two\n\nparagraphs"
    assert len(learned(NOTE, "long " * LONGEST_NOTE)["note"]) == LONGEST_NOTE


@pytest.mark.parametrize("step", [PATIENT, NAME, COUNTRY, CONDITION, CONTACT])
@pytest.mark.parametrize("text", ["?", "+", "...", "\U0001f64f", "12"])
def test_what_has_no_letter_is_no_answer(step: str, text: str) -> None:
    found = answer(step, text)
    assert (found.understood, found.request) == (False, EMPTY)


def test_an_essay_is_no_patient_and_no_country() -> None:
    essay = "we have waited so long and nobody tells us anything " * 4
    for step in (PATIENT, COUNTRY, CONDITION):
        assert not answer(step, essay).understood


@pytest.mark.parametrize(("text", "intent"), [("Yes, I agree", "affirm"), ("ok", "lost"), ("Send it", "lost")])
def test_a_yes(text: str, intent: str) -> None:
    assert agrees(extractor(), Said(text, intent))
    assert not declines(extractor(), Said(text, intent))


@pytest.mark.parametrize(("text", "intent"), [("No, thank you", "deny"), ("nope", "lost"), ("rather not", "lost")])
def test_a_no(text: str, intent: str) -> None:
    assert declines(extractor(), Said(text, intent))
    assert not agrees(extractor(), Said(text, intent))
