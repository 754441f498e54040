"""All details of one message, or of several."""

import pytest

from actions.extraction import Details
from tests.dialogue import extractor


def test_one_message_says_everything_at_once() -> None:
    text = "call me on +44 20 7946 0000, I'm Maria from Peru, my mother has AML"
    assert extractor().details(text).found() == {
        "phone": "+442079460000",
        "name": "Maria",
        "country": "Peru",
        "patient": "my mother",
        "condition": "AML",
    }


def test_a_number_without_a_country_code_belongs_to_the_visitors_country() -> None:
    assert extractor().details("I live in the United Kingdom, 020 7946 0000").phone == "+442079460000"
    assert extractor().details("020 7946 0000", country="United Kingdom").phone == "+442079460000"
    assert extractor().details("020 7946 0000").phone is None


def test_of_several_messages_the_later_word_counts() -> None:
    said = ["I'm Maria from Peru", "maria@example.org", "no, it is quispe@example.org", "What is CRS?"]
    assert extractor().all_details(said) == Details(name="Maria", country="Peru", email="quispe@example.org")


def test_an_earlier_country_helps_to_read_a_later_number() -> None:
    assert extractor().all_details(["we are from the UK", "020 7946 0000"]).phone == "+442079460000"


@pytest.mark.parametrize(
    "text", ["", " ", "\U0001f64f", "@", "+", "my", "I'm", "from", "\u4e2d\u6587", "a" * 3000, "I'm " * 700]
)
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(extractor().details(text), Details)


def test_nothing_is_found_in_a_question() -> None:
    for text in ("What is CRS?", "How much does CAR-T cost in China?", "Is AML curable?"):
        assert extractor().details(text).found() == {}
