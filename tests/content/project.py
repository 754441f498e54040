"""A small project with correct content, to break in one place at a time."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

Files = dict[str, Any]
Change = Callable[[Files], None]

TOPIC = "data/nlu/faq/steps.yml"
SECOND_TOPIC = "data/nlu/faq/more.yml"
SMALL_TALK = "data/nlu/small_talk.yml"
SOURCES = "data/nlu/sources.yml"
GLOSSARY = "data/nlu/glossary.yml"
DOMAIN = "domain.yml"


def questions(intent: str, *lines: str, count: int = 15) -> dict[str, str]:
    """An intent with ``lines`` and enough further examples to make ``count``."""
    filling = [f"{intent.removeprefix('faq/')} wording {number}" for number in range(count - len(lines))]
    return {"intent": intent, "examples": "\n".join(f"- {line}" for line in [*lines, *filling])}


def response(title: str, text: str, source: str, related: str) -> list[dict[str, Any]]:
    """An answer with complete metadata."""
    metadata = {
        "title": title,
        "sources": [source],
        "reviewed": "2026-11-21",
        "related": [related],
    }
    return [{"text": text, "metadata": metadata}]


def files() -> Files:
    """Path and content of every file of a project without problems."""
    return {
        TOPIC: {
            "version": "3.1",
            "nlu": [questions("faq/collecting"), questions("faq/freezing")],
            "responses": {
                "utter_faq/collecting": response(
                    "How are cells collected?", "Apheresis takes them from the blood.", "first", "freezing"
                ),
                "utter_faq/freezing": response(
                    "Are the cells frozen?", "The cells are frozen.", "second", "collecting"
                ),
            },
        },
        SMALL_TALK: {"version": "3.1", "nlu": [questions("greet", "hi", count=1)]},
        SOURCES: {"sources": [{"title": "Guide", "sections": {"first": "Start", "second": "End"}}]},
        GLOSSARY: {
            "terms": ["apheresis"],
            "searched": ["frozen"],
            "figures": ["90 percent", "2023", "400", "CD19", "(800) 955-4572"],
        },
        DOMAIN: {
            "version": "3.1",
            "responses": {"utter_greet": [{"text": "Hello. What would you like to know?"}]},
        },
    }


def write(root: Path, *changes: Change) -> Path:
    """Writes the project into ``root``, with ``changes`` made first."""
    content = deepcopy(files())
    for change in changes:
        change(content)
    for name, data in content.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
    return root


def answer(text: str) -> Change:
    """Changes the text of the answer on collecting."""
    return lambda content: content[TOPIC]["responses"]["utter_faq/collecting"][0].update(text=text)


def metadata(**values: Any) -> Change:
    """Changes the metadata of the answer on collecting; None takes a key out."""

    def change(content: Files) -> None:
        given = content[TOPIC]["responses"]["utter_faq/collecting"][0]["metadata"]
        given.update(values)
        for key in [key for key, value in values.items() if value is None]:
            del given[key]

    return change


def asked(*lines: str, intent: str = "faq/collecting") -> Change:
    """Puts ``lines`` among the questions of an intent of the topic file."""

    def change(content: Files) -> None:
        for item in content[TOPIC]["nlu"]:
            if item["intent"] == intent:
                item["examples"] = questions(intent, *lines)["examples"]

    return change


def reply(text: str, **rest: Any) -> Change:
    """Changes the greeting."""
    return lambda content: content[DOMAIN].update(responses={"utter_greet": [{"text": text, **rest}]})


def replaced(file: str, data: Any) -> Change:
    """Writes something else into a file."""
    return lambda content: content.update({file: data})


def topic(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Changes the topic file."""

    def apply(content: Files) -> None:
        change(content[TOPIC])

    return apply
