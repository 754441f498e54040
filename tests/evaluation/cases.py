"""The held-out questions: one folder of YAML files a set, in tests/evaluation/questions (see its README.md)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.catalogue import read_yaml

QUESTIONS = Path(__file__).parent / "questions"
TRAINING = Path("data/nlu")
KEYS = {"text", "texts", "first", "then", "expected", "voice", "fact", "must", "must_not", "honest"}


class CaseError(Exception):
    """A file of questions cannot be used; the message says where, and quotes no question."""


@dataclass(frozen=True)
class Case:
    """A message and what is right for it.

    Attributes:
        text: the message; of a follow-up the second one.
        expected: what is acceptable: names of answers, or classes (figures.py). The first is what the case counts for.
        first: the message before it, of a follow-up.
        voice: who writes, or how.
        must: patterns that an answer has to match, all of them.
        must_not: patterns that it must not match.
        honest: pattern of an answer that says that the sources lack what is asked for.
    """

    text: str
    expected: tuple[str, ...]
    first: str | None = None
    voice: str | None = None
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    honest: str | None = None


def set_names(questions: Path = QUESTIONS) -> list[str]:
    """The sets that there are."""
    return sorted(path.name for path in questions.iterdir() if path.is_dir())


def read_set(name: str, questions: Path = QUESTIONS) -> list[Case]:
    """All cases of a set.

    Raises:
        CaseError: an entry that is not as README.md says.
    """
    paths = sorted((questions / name).glob("*.yml"))
    if not paths:
        raise CaseError(f"There is no set {name}: {questions / name} has no YAML files.")
    return [case for path in paths for case in _cases(path)]


def _cases(path: Path) -> Iterator[Case]:
    entries = read_yaml(path)
    if not isinstance(entries, list):
        raise CaseError(f"{path}: expected a list of entries, each beginning with a dash.")
    for number, entry in enumerate(entries, 1):
        try:
            yield from _read(entry)
        except ValueError as error:
            raise CaseError(f"{path}, entry {number}: {error}") from error


def _read(entry: Any) -> Iterator[Case]:
    if not isinstance(entry, Mapping):
        raise ValueError("it needs keys, such as `text` and `expected`.")
    if unknown := set(entry) - KEYS:
        raise ValueError(f"unknown key {', '.join(sorted(map(str, unknown)))}.")
    given = [keys for keys in ({"text"}, {"texts"}, {"first", "then"}) if keys & set(entry)]
    if len(given) != 1 or not given[0] <= set(entry):
        raise ValueError("it needs either `text`, or `texts`, or `first` and `then`.")
    for text in _list(entry, "texts") or [_text(entry, "text") or _text(entry, "then")]:
        yield Case(
            text=text,
            expected=_list(entry, "expected"),
            first=_text(entry, "first") or None,
            voice=_text(entry, "voice") or None,
            must=_list(entry, "must"),
            must_not=_list(entry, "must_not"),
            honest=_text(entry, "honest") or None,
        )


def _list(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    values = tuple(value) if isinstance(value, list) else (value,)
    if not all(isinstance(each, str) and each.strip() for each in values) or (key in entry and not values):
        raise ValueError(f"`{key}` must be a text or a list of texts (put quotes around it).")
    if key == "expected" and not values:
        raise ValueError("`expected` is missing.")
    return values


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or (key in entry and not value.strip()):
        raise ValueError(f"`{key}` must be a text (put quotes around it).")
    return value


def training_texts(folder: Path = TRAINING) -> list[str]:
    """All examples that the model is trained on."""
    contents = [read_yaml(path) for path in sorted(folder.rglob("*.yml"))]
    return [text for content in contents for entry in content.get("nlu", []) for text in _examples(entry["examples"])]


def _examples(block: str) -> Iterator[str]:
    for line in block.splitlines():
        if line.strip().startswith("- "):
            yield line.strip()[2:].strip()


def untrained(cases: list[Case], training: list[str]) -> list[Case]:
    """Those that do not stand word for word in the training data.

    People who do not know of each other still both write "what is ICANS?". Such a question measures nothing.
    """
    trained = {_plain(text) for text in training}
    return [case for case in cases if case.first is not None or _plain(case.text) not in trained]


def _plain(text: str) -> str:
    # Two smileys are not the same for having no words.
    return " ".join(re.findall(r"\w+", text.lower())) or text
