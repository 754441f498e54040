from pathlib import Path

import pytest
import yaml

from actions.extraction.entities import People, is_question
from tests.dialogue import extractor


@pytest.fixture(scope="module")
def people() -> People:
    return extractor().people


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I'm Maria", "Maria"),
        ("I'm Maria from Peru", "Maria"),
        ("my name is ahmed khan", "Ahmed Khan"),
        ("Name: Luis Ortega. Country: Mexico.", "Luis Ortega"),
        ("Hi this is Daniel, father of Noah", "Daniel"),
        ("My name is Dr. Anna Kowalska and I live in Warsaw", "Dr. Anna Kowalska"),
        ("call me Sam", "Sam"),
        ("no, my name is Mara", "Mara"),
        ("my name is N'Golo Kante-Diallo", "N'Golo Kante-Diallo"),
    ],
)
def test_a_visitor_says_their_name(people: People, text: str, name: str) -> None:
    assert people.name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "I'm tired",
        "i am so scared",
        "I am from Peru",
        "I'm a nurse from Kenya",
        "this is urgent",
        "I'm not sure",
        "please call me back",
        "call me on +44 20 7946 0000",
        "I'm diagnosed with AML",
        "my mother has AML",
    ],
)
def test_what_is_no_name_is_not_taken_for_one(people: People, text: str) -> None:
    assert people.name(text) is None


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("I'm Maria from Peru", "Peru"),
        ("we live in the uk", "United Kingdom"),
        ("living in UAE", "United Arab Emirates"),
        ("Country: Mexico", "Mexico"),
        ("I'm calling from South Korea.", "South Korea"),
        ("we are in saudi arabia now", "Saudi Arabia"),
        ("I live in London", "London"),
    ],
)
def test_a_visitor_says_where_they_are(people: People, text: str, country: str) -> None:
    assert people.country(text) == country


@pytest.mark.parametrize("text", ["what does CAR-T cost in China?", "he is in remission", "from the beginning", "it"])
def test_a_country_that_nobody_is_from_is_no_detail(people: People, text: str) -> None:
    assert people.country(text) is None


@pytest.mark.parametrize(
    ("answer", "country"), [("peru", "Peru"), ("in Peru", "Peru"), ("Brasil", "Brazil"), ("USA", "United States")]
)
def test_a_short_answer_names_a_country(people: People, answer: str, country: str) -> None:
    assert people.place(answer) == country


@pytest.mark.parametrize("answer", ["Atlantis", "no", "it", "why"])
def test_a_short_answer_may_name_none(people: People, answer: str) -> None:
    assert people.place(answer) is None


@pytest.mark.parametrize(
    ("answer", "country"), [("Peru", "Peru"), ("hong kong", "Hong Kong"), ("uk", "United Kingdom")]
)
def test_an_answer_may_be_a_country_and_nothing_else(people: People, answer: str, country: str) -> None:
    assert people.is_country(answer) == country
    assert not any(map(people.is_country, ["my mother", "it's me", "myself", "rather not", "a woman", "AML", "in", ""]))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("my mother has AML", "AML"),
        ("my sister was diagnosed with acute myeloid leukaemia", "AML"),
        ("she has relapsed ALL", "ALL"),
        ("relapsed B-ALL", "ALL"),
        ("Diagnosis: DLBCL", "DLBCL"),
        ("What is CRS? My son has diffuse large b cell lymphoma.", "DLBCL"),
    ],
)
def test_somebody_has_a_disease(people: People, text: str, condition: str) -> None:
    assert people.condition(text) == condition


@pytest.mark.parametrize(
    "text", ["Is there CAR-T for AML?", "What is lymphoma", "we have all the papers", "she has it all", "AML trials"]
)
def test_a_question_about_a_disease_says_nothing_of_anybody(people: People, text: str) -> None:
    assert people.condition(text) is None


@pytest.mark.parametrize(
    ("text", "patient"),
    [
        ("my mother has AML", "my mother"),
        ("it's for my dad", "my dad"),
        ("our little daughter needs it", "my daughter"),
        ("my mother in law has AML", "my mother in law"),
        ("my mother-in-law has AML", "my mother-in-law"),
        ("I have AML", "myself"),
        ("I was diagnosed with lymphoma", "myself"),
        ("I have a question", None),
        ("what is CRS?", None),
    ],
)
def test_who_is_ill(people: People, text: str, patient: str | None) -> None:
    assert people.patient(text) == patient


@pytest.mark.parametrize("text", ["It's me.", "myself", "for me", "I am the patient"])
def test_a_visitor_is_the_patient(people: People, text: str) -> None:
    assert people.is_self(text)


def test_short_ways_to_say_yes_and_no(people: People) -> None:
    assert all(map(people.is_yes, ["Yes!", "ok", "Yes.", "that\u2019s right", "Yes, send it", "ok, go ahead please"]))
    assert all(map(people.is_no, ["No", "no thanks", "Nothing else.", "don\u2019t", "No, nothing else, thank you"]))
    assert not any(map(people.is_yes, ["no", "yesterday", "", "yes, no", "yes, but the country is wrong", "please"]))
    assert not any(map(people.is_no, ["yes", "nobody knows", "", "no, it is Peru"]))


@pytest.mark.parametrize("step", ["consent", "confirmed", "note"])
def test_the_form_understands_its_own_buttons_whatever_the_model_makes_of_them(people: People, step: str) -> None:
    domain = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    for response in domain["responses"][f"utter_ask_handoff_form_handoff_{step}"]:
        for button in response["buttons"]:
            words = button["payload"]
            assert people.is_yes(words) or people.is_no(words) or words == "Cancel my request"


@pytest.mark.parametrize(
    ("text", "asks"),
    [("what is CRS", True), ("It costs how much?", True), ("my name is Will", False), ("Howard", False), ("", False)],
)
def test_a_question_is_told_from_a_statement(text: str, asks: bool) -> None:
    assert is_question(text) is asks
