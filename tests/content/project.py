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
PAGE = "data/pages/cells.yml"
PICTURE = "data/pages/pictures/drop.svg"


def questions(intent: str, *lines: str, count: int = 15) -> dict[str, str]:
    """An intent with ``lines`` and enough further examples to make ``count``."""
    filling = [f"{intent.removeprefix('faq/')} wording {number}" for number in range(count - len(lines))]
    return {"intent": intent, "examples": "\n".join(f"- {line}" for line in [*lines, *filling])}


def response(title: str, text: str, source: str, related: str, **rest: Any) -> list[dict[str, Any]]:
    """An answer with complete metadata."""
    metadata = {
        "title": title,
        "subject": "it",
        "sources": [source],
        "reviewed": "2026-11-21",
        "related": [related],
        **rest,
    }
    return [{"text": text, "metadata": metadata}]


def guide_page() -> dict[str, Any]:
    """A page of the guide with a section of every kind that has items."""
    return {
        "title": "The way of the cells",
        "lead": "They are taken out and given back.",
        "reviewed": "2026-11-21",
        "sections": [
            {
                "kind": "steps",
                "title": "In the lab",
                "items": [{"name": "Freeze", "picture": "drop", "text": "They are frozen.", "sources": ["first"]}],
            },
            {
                "kind": "table",
                "title": "What can happen",
                "columns": {"name": "What", "do": "What you do", "signs": "Signs"},
                "items": [
                    {
                        "name": "Cold",
                        "what": "It is cold.",
                        "do": "Tell the care team at once.",
                        "signs": ["ice", "snow"],
                        "sources": ["first", "second"],
                    }
                ],
            },
            {"kind": "checklist", "title": "Ask", "items": [{"text": "Is it cold?", "sources": ["second"]}]},
            {"kind": "notes", "title": "Know", "items": [{"text": "It is cold there.", "sources": ["second"]}]},
            {"kind": "fields", "title": "Write", "items": [{"text": "My number"}]},
        ],
    }


def files() -> Files:
    """Path and content of every file of a project without problems."""
    return {
        TOPIC: {
            "version": "3.1",
            "nlu": [questions("faq/collecting"), questions("faq/freezing")],
            "responses": {
                "utter_faq/collecting": response(
                    "How are cells collected?",
                    "Apheresis takes them from the blood.",
                    "first",
                    "freezing",
                    page="cells",
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
        PAGE: guide_page(),
        PICTURE: "<svg></svg>",
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
        _set(content[TOPIC]["responses"]["utter_faq/collecting"][0]["metadata"], values)

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


def page(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Changes the page of the guide."""

    def apply(content: Files) -> None:
        change(content[PAGE])

    return apply


def section(kind: str, /, **values: Any) -> Change:
    """Changes the page's section of one kind; None takes a key out."""
    return page(lambda given: _set(next(each for each in given["sections"] if each["kind"] == kind), values))


def item(kind: str, /, **values: Any) -> Change:
    """Changes the first item of the page's section of one kind; None takes a key out."""
    return page(
        lambda given: _set(next(each for each in given["sections"] if each["kind"] == kind)["items"][0], values)
    )


def _set(given: dict[str, Any], values: dict[str, Any]) -> None:
    given.update(values)
    for key in [key for key, value in values.items() if value is None]:
        del given[key]


def topic(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Changes the topic file."""

    def apply(content: Files) -> None:
        change(content[TOPIC])

    return apply
