"""What ``make content`` finds in translations, and the stamps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content.__main__ import main
from bot.content.languages import (
    ENGLISH,
    in_language,
    known_texts,
    plain,
    read_languages,
    read_originals,
    read_questions,
    read_translation,
    reply_in,
)
from bot.content.stamping import stamp
from bot.content.translations import find_translation_problems
from bot.widget.files import LANGUAGES
from bot.widget.files import read_languages as widget_words
from tests.languages import write_project

ROOT = Path(__file__).parents[2]
SPOKEN = [code for code, language in read_languages(ROOT).items() if language.is_spoken and code != ENGLISH]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Without problems."""
    write_project(tmp_path)
    questions = tmp_path / "data/languages/es/questions.yml"
    content = yaml.safe_load(questions.read_text())
    for entry in [*content["nlu"]]:
        entry["examples"] += "".join(f"- {entry['intent'].split('/')[-1]} {number}\n" for number in range(5))
    questions.write_text(yaml.safe_dump(content))
    (tmp_path / "data/languages/tr/questions.yml").write_text(yaml.safe_dump(content))
    assert stamp(["es"], tmp_path) == 0
    return tmp_path


def problems(project: Path) -> list[str]:
    return [f"{problem.name}: {problem.text}" for problem in find_translation_problems(project)]


def change(project: Path, path: str, alter: Callable[[Any], None]) -> None:
    file = project / path
    content = yaml.safe_load(file.read_text())
    alter(content)
    file.write_text(yaml.safe_dump(content, allow_unicode=True))


def test_a_complete_translation_has_no_problem(project: Path) -> None:
    assert problems(project) == []


REPLIES, ANSWERS = "data/languages/es/replies.yml", "data/languages/es/faq/costs.yml"


def _answer(content: Any) -> Any:
    return content["responses"]["utter_faq/costs"][0]


@pytest.mark.parametrize(
    ("path", "alter", "found"),
    [
        (REPLIES, lambda all: all["responses"].pop("utter_greet"), "utter_greet: no translation."),
        (REPLIES, lambda all: all["responses"].update(utter_old=[{"text": "Viejo."}]), "no original of this name"),
        (REPLIES, lambda all: all["responses"]["utter_greet"][0].update(text="¡Hola!"), "keep {name}"),
        (REPLIES, lambda all: all["responses"]["utter_greet"][0].pop("buttons"), "buttons: 0, the original has 1."),
        (REPLIES, lambda all: all["responses"]["utter_greet"].append({"text": "¿Sí {name}?"}), "texts: 2"),
        (
            ANSWERS,
            lambda all: _answer(all).update(text="Cuesta 500 dólares, dice una fuente."),
            "that are missing: 400",
        ),
        (ANSWERS, lambda all: _answer(all).update(text="Cuesta 400 o 500 dólares."), "does not have: 500"),
        (ANSWERS, lambda all: _answer(all).update(text="Cuesta 400 dólares.\n\nEn 400."), "paragraphs and list lines"),
        (ANSWERS, lambda all: _answer(all)["metadata"].pop("title"), "no `title`"),
        (ANSWERS, lambda all: _answer(all)["metadata"].update(title="¿Cuánto cuesta?"), "missing: CAR-T"),
        (ANSWERS, lambda all: _answer(all).update(text="Cuesta 400 " + "muy " * 40), "words a sentence"),
        ("data/languages/es/sources.yml", lambda all: all["sections"].clear(), "costs: say under `sections`"),
        ("data/languages/es/sources.yml", lambda all: all["documents"].clear(), "Guide: say under `documents`"),
        ("data/languages/es/language.yml", lambda all: all.update(state="checked"), "name who has checked it"),
        ("data/languages/es/questions.yml", lambda all: all["nlu"].clear(), "faq/costs: questions: 0"),
        ("data/languages/tr/questions.yml", lambda all: all["nlu"].clear(), "crisis: too few examples"),
        ("data/languages/tr/replies.yml", lambda all: all["responses"].pop("utter_crisis"), "utter_crisis: no text."),
    ],
)
def test_what_is_wrong_is_found(project: Path, path: str, alter: Callable[[Any], None], found: str) -> None:
    change(project, path, alter)
    assert [problem for problem in problems(project) if found in problem]


def test_thousands_are_written_as_people_write_them(project: Path) -> None:
    change(project, "data/nlu/faq/costs.yml", lambda all: _answer(all).update(text="It costs 1,400 dollars."))
    change(project, ANSWERS, lambda all: _answer(all).update(text="Cuesta 1.400 dólares."))
    stamp(["es"], project)
    assert problems(project) == []


def test_a_translation_is_stale_when_its_original_changes_until_somebody_has_compared(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(project, "data/nlu/faq/costs.yml", lambda all: _answer(all).update(text="It costs about 400 dollars."))
    (problem,) = problems(project)
    command = "python -m bot.content stamp es utter_faq/costs"
    assert problem.startswith("utter_faq/costs: the original has changed since it was translated.")
    assert problem.endswith(command)
    assert stamp(command.split()[4:], project) == 0
    assert problems(project) == []
    assert "1 stamped" in capsys.readouterr().out


def test_sources_and_dates_of_an_original_make_no_translation_stale(project: Path) -> None:
    change(project, "data/nlu/faq/costs.yml", lambda all: _answer(all)["metadata"].update(reviewed="2027-01-01"))
    assert problems(project) == []


@pytest.mark.parametrize("arguments", [[], ["xx"], ["es", "utter_unknown"]])
def test_what_is_not_there_is_not_stamped(project: Path, arguments: list[str]) -> None:
    assert stamp(arguments, project) == 2


def test_what_is_not_the_words_comes_from_the_original(project: Path) -> None:
    translation = read_translation(read_languages(project)["es"], project)
    (answer,) = in_language(read_originals(project), translation)["utter_faq/costs"]
    assert answer["text"] == "Cuesta 400 dólares, dice una fuente."
    assert answer["metadata"]["title"] == "¿Cuánto cuesta CAR-T?"
    assert answer["metadata"]["sources"] == ["costs"]
    assert answer["metadata"]["reviewed"] == "2026-11-21"


def test_a_button_sends_what_it_shows_and_means_its_original(project: Path) -> None:
    translation = read_translation(read_languages(project)["es"], project)
    (greeting,) = in_language(read_originals(project), translation)["utter_greet"]
    assert greeting["buttons"] == [{"title": "Sí, estoy de acuerdo", "payload": "Sí, estoy de acuerdo"}]
    assert known_texts(project)[plain("Sí, estoy de acuerdo")] == (("es", "Yes, I agree"),)


def test_one_reply_is_read_by_itself(project: Path) -> None:
    assert reply_in("es", "utter_crisis", project) == "Llame al 024."
    assert reply_in("es", "utter_unknown", project) is None
    assert reply_in("it", "utter_crisis", project) is None


def test_languages_that_are_not_spoken_have_no_known_texts(tmp_path: Path) -> None:
    write_project(tmp_path, spanish="safety")
    assert known_texts(tmp_path) == {}


# What is shipped.


def test_the_translations_have_no_problem() -> None:
    assert [str(problem) for problem in find_translation_problems(ROOT)] == []
    assert main(ROOT) == 0


@pytest.mark.parametrize("code", [code for code in read_languages(ROOT) if code != ENGLISH])
def test_no_example_is_given_for_two_intents_of_a_language(code: str) -> None:
    first: dict[str, str] = {}
    twice = [
        (text, intent, first[plain(text)])
        for intent, text in read_questions(ROOT / "data/languages" / code)
        if plain(text) and first.setdefault(plain(text), intent) != intent
    ]
    assert not twice


@pytest.mark.parametrize("code", SPOKEN)
def test_the_questions_of_the_widget_are_titles_of_answers(code: str) -> None:
    assert code in LANGUAGES
    answers = in_language(read_originals(ROOT), read_translation(read_languages(ROOT)[code], ROOT))
    titles = {(given[0].get("metadata") or {}).get("title") for given in answers.values()}
    assert set(widget_words()[code]["questions"].split("|")) <= titles


@pytest.mark.parametrize("code", SPOKEN)
def test_the_replies_to_an_alarm_name_the_numbers_first(code: str) -> None:
    responses = read_translation(read_languages(ROOT)[code], ROOT).responses
    assert "findahelpline.com" in responses["utter_crisis"][0]["text"]
    assert any(character.isdigit() for character in responses["utter_emergency"][0]["text"][:260])
