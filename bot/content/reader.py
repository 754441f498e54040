"""Everything the content checks look at, read from the editors' files as they are, complete or not.

The catalogue refuses the first faulty answer, which is right for a server; a check reads on and tells all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.catalogue import (
    FAQ,
    SOURCES_FILE,
    TOPICS_FOLDER,
    ContentError,
    Source,
    read_sources,
    read_yaml,
)
from bot.content.pages import PICTURES_FOLDER, Page, read_pages

NLU_FOLDER = Path("data/nlu")
DOMAIN_FILE = Path("domain.yml")
GLOSSARY_FILE = Path("data/nlu/glossary.yml")


@dataclass(frozen=True)
class Questions:
    """The examples of one intent.

    Attributes:
        intent: its full name, for example ``faq/crs_timing``.
        lines: the lines under ``examples``, without indentation, blank ones left out.
    """

    file: Path
    intent: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """One response of a topic file, complete or not.

    Attributes:
        key: its key in the file, for example ``utter_faq/crs_timing``.
        variations: how many texts the editor gave.
    """

    file: Path
    key: str
    text: str
    metadata: Mapping[str, Any]
    variations: int

    @property
    def intent(self) -> str:
        """The intent that it answers, with ``faq/``."""
        return self.key.removeprefix("utter_")

    @property
    def name(self) -> str:
        """The intent without ``faq/``, as `related` names it."""
        return self.intent.removeprefix(f"{FAQ}/")

    @property
    def title(self) -> str:
        """The question that it answers; empty when missing."""
        return str(self.metadata.get("title") or "")

    def names(self, key: str) -> tuple[str, ...]:
        """The list under ``key`` of the metadata; empty when missing or not a list."""
        value = self.metadata.get(key)
        return tuple(str(item) for item in value) if isinstance(value, list) else ()


@dataclass(frozen=True)
class Reply:
    """One English text of a response that is not an answer.

    Attributes:
        cannot_wait: what its metadata says; None when it says nothing (bot/nlg).
    """

    file: Path
    key: str
    text: str
    buttons: tuple[str, ...]
    cannot_wait: bool | None


@dataclass(frozen=True)
class Content:
    """All that the checks look at.

    Attributes:
        questions: the examples of every intent, file by file.
        answers: the responses of the topic files, file by file.
        replies: the English texts of the domain's responses.
        sources: sections by id.
        terms: unavoidable terms of the glossary.
        searched: terms that people search for, each of which an answer has to hold.
        figures: figures that an answer may hold.
        pages: of the guide.
        pictures: names of the drawings that its steps may have.
    """

    questions: tuple[Questions, ...]
    answers: tuple[Draft, ...]
    replies: tuple[Reply, ...]
    sources: Mapping[str, Source]
    terms: tuple[str, ...]
    searched: tuple[str, ...]
    figures: tuple[str, ...]
    pages: tuple[Page, ...]
    pictures: frozenset[str]

    @property
    def topics(self) -> list[Path]:
        """The topic files."""
        return sorted({draft.file for draft in self.answers} | {given.file for given in self.faq_questions})

    @property
    def faq_questions(self) -> list[Questions]:
        """The examples in the topic files."""
        return [given for given in self.questions if given.file.parent == TOPICS_FOLDER]


def read_content(root: Path = Path()) -> Content:
    """Reads the content of the project in ``root``.

    Raises:
        ContentError: a file cannot be read at all.
    """
    files = sorted(file.relative_to(root) for file in (root / NLU_FOLDER).rglob("*.yml"))
    read = {file: _mapping(root, file) for file in [*files, DOMAIN_FILE]}
    glossary = read.get(GLOSSARY_FILE, {})
    return Content(
        questions=tuple(questions for file in files for questions in _questions(file, read[file])),
        answers=tuple(draft for file in files if file.parent == TOPICS_FOLDER for draft in _drafts(file, read[file])),
        replies=tuple(_replies(DOMAIN_FILE, read[DOMAIN_FILE])),
        sources=read_sources(root / SOURCES_FILE),
        terms=tuple(glossary.get("terms") or ()),
        searched=tuple(glossary.get("searched") or ()),
        figures=tuple(str(figure) for figure in glossary.get("figures") or ()),
        pages=tuple(read_pages(root)),
        pictures=frozenset(file.stem for file in (root / PICTURES_FOLDER).glob("*.svg")),
    )


def _mapping(root: Path, file: Path) -> dict[str, Any]:
    content = read_yaml(root / file)
    if not isinstance(content, dict):
        raise ContentError(f"{file}: expected keys such as `nlu:` at the beginning of the lines.")
    return content


def _questions(file: Path, content: Mapping[str, Any]) -> Iterator[Questions]:
    for item in _list(file, "nlu", content.get("nlu")):
        if not isinstance(item, dict):
            raise ContentError(f"{file}: under `nlu:`, expected `- intent: ...`, not {item!r}.")
        if "intent" not in item:
            continue
        examples = item.get("examples")
        if not isinstance(examples, str):
            raise ContentError(
                f'{file}: {item["intent"]}: write `examples: |` (with the bar) and below it lines that begin with "- ".'
            )
        lines = tuple(line.strip() for line in examples.splitlines() if line.strip())
        yield Questions(file, str(item["intent"]), lines)


def _drafts(file: Path, content: Mapping[str, Any]) -> Iterator[Draft]:
    for key, variations in _responses(file, content):
        metadata = variations[0].get("metadata")
        yield Draft(
            file,
            key,
            str(variations[0].get("text") or "").strip(),
            metadata if isinstance(metadata, dict) else {},
            len(variations),
        )


_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


def _replies(file: Path, content: Mapping[str, Any]) -> Iterator[Reply]:
    for key, variations in _responses(file, content):
        for variation in variations:
            # A text that waits for a language (a condition on that slot) is not English.
            if any(condition.get("name") == "language" for condition in variation.get("condition") or []):
                continue
            buttons = tuple(str(button.get("payload") or "") for button in variation.get("buttons") or [])
            # What a slot puts in is checked where it comes from; here it reads as a name.
            text = _PLACEHOLDER.sub("Ann", str(variation.get("text") or ""))
            yield Reply(file, key, text, buttons, (variation.get("metadata") or {}).get("cannot_wait"))


def _responses(file: Path, content: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    responses = content.get("responses") or {}
    if not isinstance(responses, dict):
        raise ContentError(f"{file}: under `responses:`, expected lines such as `utter_faq/name:`.")
    for key, variations in responses.items():
        given = _list(file, key, variations)
        if not given or not all(isinstance(variation, dict) for variation in given):
            raise ContentError(f"{file}: {key}: expected `- text: |-` and the text below it.")
        yield str(key), given


def _list(file: Path, key: str, value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ContentError(f'{file}: {key}: expected a list, lines that begin with "- ".')
    return value
