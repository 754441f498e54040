"""The words of data/nlu/words.yml, and with them those of another language (data/languages/<code>/words.yml)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.content.catalogue import ContentError, read_yaml
from bot.content.languages import LANGUAGES_FOLDER
from bot.content.languages import WORDS_FILE as TRANSLATED

WORDS_FILE = Path("data/nlu/words.yml")
LISTS = ("self", "agree", "decline", "stop", "person")


@dataclass(frozen=True)
class Words:
    """How diseases and patients are called.

    Attributes:
        conditions: by how they are written, lower case: the name that staff read.
        capitals_only: names that are ordinary words unless written in capitals.
        relatives: who may be ill, after "my".
        self: ways to say that the visitor is the patient, lower case.
        agree: short ways to agree, lower case.
        decline: short ways to decline, lower case.
        stop: words that stop a request wherever they stand in a message, lower case.
        person: words for a member of staff, lower case.
        kin: relatives in another language, by how they are written, lower case: the English word.
        name_cues: what a name follows in another language, lower case.
        place_cues: what a country follows in another language, lower case.
        language: its code; None for English.
    """

    conditions: dict[str, str]
    capitals_only: frozenset[str]
    relatives: tuple[str, ...]
    self: frozenset[str]
    agree: frozenset[str]
    decline: frozenset[str]
    stop: frozenset[str]
    person: frozenset[str]
    kin: Mapping[str, str] = field(default_factory=dict)
    name_cues: frozenset[str] = frozenset()
    place_cues: frozenset[str] = frozenset()
    language: str | None = None


def read_words(path: Path = WORDS_FILE) -> Words:
    """Reads the file.

    Raises:
        ContentError: a key is missing.
    """
    content = read_yaml(path)
    try:
        return Words(
            _by_writing(content["conditions"]),
            frozenset(content["capitals_only"]),
            tuple(content["relatives"]),
            _lower(content["self"]),
            _lower(content["agree"]),
            _lower(content["decline"]),
            _lower(content["stop"]),
            _lower(content["person"]),
        )
    except KeyError as error:
        raise ContentError(f"{path}: {error} is missing.") from error


def with_language(english: Words, code: str, root: Path = LANGUAGES_FOLDER) -> Words:
    """The English words, and those of another language; only the English ones, if it has none.

    Raises:
        ContentError: its file lacks a key.
    """
    path = root / code / TRANSLATED
    if not path.exists():
        return english
    content = read_yaml(path)
    try:
        lists = {key: getattr(english, key) | _lower(content[key]) for key in LISTS}
        return Words(
            {**english.conditions, **_by_writing(content["conditions"])},
            english.capitals_only | frozenset(map(str, content["capitals_only"])),
            english.relatives,
            **lists,
            kin=_by_writing(content["relatives"], own=False),
            name_cues=_lower(content["name_cues"]),
            place_cues=_lower(content["place_cues"]),
            language=code,
        )
    except KeyError as error:
        raise ContentError(f"{path}: {error} is missing.") from error


def _by_writing(content: Mapping[str, Iterable[Any]], own: bool = True) -> dict[str, str]:
    return {str(way).lower(): name for name, others in content.items() for way in [*([name] if own else []), *others]}


def _lower(words: Iterable[Any]) -> frozenset[str]:
    return frozenset(str(way).lower() for way in words)
