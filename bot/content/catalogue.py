"""The answers and sources as the editors wrote them (data/nlu), as typed objects.

The one reader of answer metadata: the content checks, the answer generator and the evaluation use it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML built without libyaml: the same result, more slowly
    from yaml import SafeLoader  # type: ignore[assignment]

FAQ = "faq"
SOURCES_FILE = Path("data/nlu/sources.yml")
TOPICS_FOLDER = Path("data/nlu/faq")
EXPLANATIONS_FILE = Path("data/nlu/explanations.yml")


class ContentError(Exception):
    """An editor's file cannot be used; the message says which, where and what to do."""


@dataclass(frozen=True)
class Source:
    """A section of one of the source documents."""

    document: str
    section: str

    def __str__(self) -> str:
        return f'{self.document}, "{self.section}"'


@dataclass(frozen=True)
class Answer:
    """One answer of the FAQ with everything that travels with it.

    Attributes:
        name: the intent without ``faq/``, for example ``crs_timing``.
        title: the question in plain words; label and payload of its button.
        subject: what "it" stands for after this answer.
        sources: the sections that the answer rests on, most important first.
        reviewed: ISO date of the last review.
        related: names of up to three answers worth reading next.
        cannot_wait: whether it speaks of what cannot wait, so that the reply has to say whom to call.
        page: name of the page of the guide that shows more (bot/content/pages.py); empty for none.
    """

    name: str
    text: str
    title: str
    subject: str
    sources: tuple[Source, ...]
    reviewed: str
    related: tuple[str, ...]
    cannot_wait: bool = False
    page: str = ""

    @property
    def in_short(self) -> str:
        """Its first paragraph, which answers alone (`make content`)."""
        return self.text.split("\n\n")[0]


@dataclass(frozen=True)
class Explanation:
    """What a hard word means, in plain ones.

    Attributes:
        term: as answers write it.
        also: other ways to write it, such as its abbreviation.
        text: one sentence.
        sources: the sections that it rests on.
    """

    term: str
    text: str
    sources: tuple[Source, ...]
    also: tuple[str, ...] = ()

    def stands_in(self, text: str) -> bool:
        """Whether a text uses the word, in the singular or the plural."""
        words = "|".join(map(re.escape, (self.term, *self.also)))
        return re.search(rf"\b(?:{words})s?\b", text, re.IGNORECASE) is not None


class _Loader(SafeLoader):
    """Refuses a key that is written twice: YAML itself would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: set[str] = set()
        for key, _ in node.value:
            if key.value in keys:
                problem = f"`{key.value}` is written twice: rename or delete one"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                keys.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> Any:
    """Reads a YAML file.

    Raises:
        ContentError: missing file, wrong encoding, broken YAML or a key written twice, with line and column.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise ContentError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ContentError(f"{path} is not UTF-8 text. Save it again with the encoding UTF-8.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "broken"
        raise ContentError(
            f"{path}{where}: not valid YAML ({problem}). "
            "Check the indentation and the quotes on this line and the lines above it."
        ) from error


def source_line(sources: Iterable[Source], word: str = "Source", glosses: Mapping[str, str] | None = None) -> str:
    """What ends an answer: each document once, with its sections.

    Args:
        word: for "Source", in another language.
        glosses: what the English names mean in it.
    """
    known = glosses or {}
    sections: dict[str, list[str]] = {}
    for source in sources:
        section = _with_gloss(f'"{source.section}"', known.get(source.section))
        sections.setdefault(_with_gloss(source.document, known.get(source.document)), []).append(section)
    return f"{word}: " + "; ".join(f"{document}, {', '.join(each)}" for document, each in sections.items())


def _with_gloss(name: str, gloss: str | None) -> str:
    return f"{name} ({gloss})" if gloss else name


def read_sources(path: Path = SOURCES_FILE) -> dict[str, Source]:
    """Source sections by id, in the order of the documents."""
    content = read_yaml(path)
    try:
        return {
            identifier: Source(document["title"], section)
            for document in content["sources"]
            for identifier, section in document["sections"].items()
        }
    except (TypeError, KeyError, AttributeError) as error:
        raise ContentError(
            f"{path}: expected `sources:` with `title` and `sections` of each document ({error!r})."
        ) from error


def read_explanations(path: Path = EXPLANATIONS_FILE, sources_path: Path = SOURCES_FILE) -> list[Explanation]:
    """The explained words, in the file's order: the most telling first.

    Raises:
        ContentError: when a key is missing or a source is unknown.
    """
    sources = read_sources(sources_path)
    explanations = []
    for entry in read_yaml(path)["explanations"]:
        missing = {"term", "text", "sources"} - set(entry)
        if missing:
            raise ContentError(f"{path}: an explanation lacks {', '.join(sorted(missing))}: {entry}.")
        _refuse_unknown(str(entry["term"]), "source", entry["sources"], sources)
        found = tuple(sources[identifier] for identifier in entry["sources"])
        also = tuple(map(str, entry.get("also", ())))
        explanations.append(Explanation(str(entry["term"]), str(entry["text"]).strip(), found, also))
    return explanations


def read_answers(responses: Mapping[str, list[dict[str, Any]]], sources: Mapping[str, Source]) -> dict[str, Answer]:
    """Answers by name, from Rasa's responses (a domain's or a content file's).

    Raises:
        ContentError: when a key is missing or names something unknown.
    """
    prefix = f"utter_{FAQ}/"
    names = {key.removeprefix(prefix) for key in responses if key.startswith(prefix)}
    return {name: _answer(name, responses[prefix + name][0], sources, names) for name in sorted(names)}


def _answer(name: str, response: dict[str, Any], sources: Mapping[str, Source], names: set[str]) -> Answer:
    metadata = response.get("metadata") or {}
    missing = {"title", "subject", "sources", "reviewed", "related"} - set(metadata)
    if missing or not response.get("text"):
        raise ContentError(
            f"utter_{FAQ}/{name}: missing {', '.join(sorted(missing)) or 'text'}. "
            "Copy the shape of another answer in the same file."
        )
    _refuse_unknown(f"utter_{FAQ}/{name}", "source", metadata["sources"], sources)
    _refuse_unknown(f"utter_{FAQ}/{name}", "related answer", metadata["related"], names)
    return Answer(
        name=name,
        text=response["text"].strip(),
        title=metadata["title"],
        subject=metadata["subject"],
        sources=tuple(sources[identifier] for identifier in metadata["sources"]),
        reviewed=str(metadata["reviewed"]),
        related=tuple(metadata["related"]),
        cannot_wait=bool(metadata.get("cannot_wait")),
        page=str(metadata.get("page") or ""),
    )


def _refuse_unknown(name: str, kind: str, given: Iterable[str], known: Iterable[str]) -> None:
    unknown = set(given) - set(known)
    if unknown:
        raise ContentError(f"{name}: unknown {kind} {', '.join(sorted(unknown))}.")
