"""Whatever a visitor writes, little of it is read: counted in what the language model is given, not in seconds."""

from collections.abc import Iterator
from typing import Any

import pytest
from countryguess import guess_country

from actions.answers import read
from actions.extraction import contact_details, entities
from actions.extraction.bounds import LONGEST_PASSAGE, LONGEST_TOGETHER, MOST_CUES, MOST_TEXTS, both_ends
from actions.last_message import MOST_FORGOTTEN, Said, told_before, words_to_forget
from actions.request import STEPS, Request
from bot.database.unit_of_work import Store
from bot.domain.handoff import Kind
from tests.dialogue import VISITOR, Talk, dependencies_on, extractor
from tests.said import visitor_says

ATTACKS = [
    "from " * 600,
    "I am " * 580,
    "I'm Bo from " * 250,
    "my name is " * 270,
    "we live in Xqz, " * 180,
    "country: " + "a" * 2990,
    "I'm " + "b" * 2990,
    "@" * 3000,
    "a@b " * 750,
    "a" * 10000,
    "1-" * 5000,
    "12345678 " * 1100,
    "0044 20 7946 0000 " * 160,
    "no thanks " * 300 + "x",
    "my " * 1000,
]
# Of one text: itself, and two short sentences for each possible name.
MOST_DOCS = 2 * MOST_CUES + 2


class Counting:
    """The language model, and the texts that it was given."""

    def __init__(self, nlp: Any) -> None:
        self._nlp = nlp
        self.texts: list[str] = []

    def __call__(self, text: str) -> Any:
        self.texts.append(text)
        return self._nlp(text)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    counting = Counting(extractor().people._nlp)
    monkeypatch.setattr(extractor().people, "_nlp", counting)
    yield counting


@pytest.fixture
def countries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that were looked for among all countries."""
    looked: list[str] = []
    guess = guess_country

    def counting(name: str, **kwargs: Any) -> Any:
        looked.append(name)
        return guess(name, **kwargs)

    monkeypatch.setattr(entities, "guess_country", counting)
    return looked


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: text[:12])
@pytest.mark.parametrize("step", STEPS[Kind.ENROLLMENT])
def test_any_text_costs_a_few_short_documents_at_any_step(
    model: Counting, countries: list[str], text: str, step: str
) -> None:
    read(extractor(), Request(Kind.ENROLLMENT, consent=True), step, Said(text, "lost"))
    # The country of an answer is looked for once more.
    assert len(model.texts) <= 2 * MOST_DOCS
    assert all(len(each) <= LONGEST_PASSAGE + 20 for each in model.texts)
    assert len(countries) <= 4 * 4 * MOST_CUES
    assert all(len(each) <= 80 for each in countries)


def test_what_was_said_before_consent_does_not_multiply_it(store: Store, model: Counting) -> None:
    for attack in ATTACKS * 8:
        visitor_says(store, VISITOR, attack)
    talk = Talk(dependencies_on(store))
    talk.say("I want to enroll", "enroll")
    model.texts.clear()
    talk.say("Yes, I agree", "affirm")
    # Long texts fill the room at once.
    assert len(model.texts) <= (LONGEST_TOGETHER // LONGEST_PASSAGE + 1) * MOST_DOCS
    model.texts.clear()
    talk.say("cancel", "cancel")
    assert len(model.texts) <= (LONGEST_TOGETHER // LONGEST_PASSAGE + 1) * MOST_DOCS


def test_many_short_lines_are_read_as_far_back_as_there_is_room(model: Counting) -> None:
    extractor().all_details(["I am so tired of it"] * 500)
    assert len(model.texts) <= MOST_TEXTS * 2


def test_a_long_message_is_read_at_both_ends(model: Counting) -> None:
    story = "we have waited so long and nobody tells us anything " * 40
    found = extractor().details(f"I'm Maria from Peru, {story} my mail is maria@example.org")
    assert (found.name, found.country, found.email) == ("Maria", "Peru", "maria@example.org")
    assert extractor().details(f"Hello, {story}. I live in Peru").country == "Peru"


def test_both_ends_are_cut_between_words_and_do_not_become_one_sentence() -> None:
    assert both_ends("one two three four five six", 12) == "one . six"
    assert both_ends(" short ", 12) == "short"
    assert len(both_ends("a" * 5000, 300)) <= 303
    assert both_ends("", 300) == ""


@pytest.mark.parametrize("pattern", [contact_details._MEANT_AS_EMAIL, contact_details._MEANT_AS_PHONE])
@pytest.mark.parametrize("text", ["a" * 500_000, "1" * 500_000, "1-" * 250_000, "a@" * 250_000])
def test_the_patterns_for_addresses_take_a_text_of_any_length(pattern: Any, text: str) -> None:
    # From every character of a word it would be 125 thousand million steps.
    pattern.sub("", text)


def test_what_is_forgotten_is_bounded_and_newest_first(store: Store) -> None:
    for number in range(300):
        visitor_says(store, VISITOR, f"write to visitor{number}@example.org")
    talk = Talk(dependencies_on(store))
    talk.say("I'm Maria, cancel", "cancel")
    words = words_to_forget(talk.dependencies, talk.tracker())
    assert len(words) == MOST_FORGOTTEN
    assert {"Maria", "visitor299@example.org"} <= set(words)


def test_names_are_forgotten_however_long_ago_they_were_said(store: Store) -> None:
    visitor_says(store, VISITOR, "Hello, I'm Maria Quispe from Peru")
    for _ in range(100):
        visitor_says(store, VISITOR, "What is CRS?")
    talk = Talk(dependencies_on(store))
    talk.say("cancel", "cancel")
    assert "Maria Quispe" in words_to_forget(talk.dependencies, talk.tracker())
    assert told_before(talk.dependencies, talk.tracker()).name is None
