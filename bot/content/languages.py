"""What translators wrote (data/languages), put together with the originals.

A translation holds words only: what an answer rests on, what it is related to and when it was reviewed is written once,
with the original. ``stamps.yml`` notes which words of the original were translated, so that a change shows.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.content.catalogue import FAQ, TOPICS_FOLDER, ContentError, Explanation, read_yaml

LANGUAGES_FOLDER = Path("data/languages")
DOMAIN_FILE = Path("domain.yml")
ENGLISH = "en"
LANGUAGE_FILE, STAMPS_FILE, REPLIES_FILE, QUESTIONS_FILE = "language.yml", "stamps.yml", "replies.yml", "questions.yml"
SOURCES_FILE, EXPLANATIONS_FILE, WORDS_FILE, VITALS_FILE = (
    "sources.yml",
    "explanations.yml",
    "words.yml",
    "vital_signs.yml",
)
# How far a translation is: emergencies only; read by nobody but its translator; read by a second person.
SAFETY, DRAFT, CHECKED = "safety", "draft", "checked"
STATES = (SAFETY, DRAFT, CHECKED)
DIRECTIONS = ("ltr", "rtl")
# What a language needs that has emergencies only.
ALARM_RESPONSES = ("utter_emergency", "utter_crisis")
# Said where a language is not spoken: no translation needs it.
UNTRANSLATED = frozenset({"utter_other_language"})
_LETTERS_OF_A_STAMP = 12

Variation = Mapping[str, Any]
Responses = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Language:
    """A language that visitors write.

    Attributes:
        code: ISO 639-1.
        name: what those who speak it call it.
        direction: ltr or rtl.
        state: safety, draft or checked.
        called: what it is called, in any language: "spanish", "español".
        asking: the other words of those who ask for a language: "please", "por favor".
        checked_by: who read the translation a second time, and ``checked_on`` when.
    """

    code: str
    name: str
    direction: str
    state: str
    called: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()
    checked_by: str = ""
    checked_on: str = ""

    @property
    def is_spoken(self) -> bool:
        """Whether everything is translated into it."""
        return self.state != SAFETY


@dataclass(frozen=True)
class Translation:
    """All that is translated into one language.

    Attributes:
        responses: by the names of the originals; text, title, titles of buttons.
        source: the word for "Source".
        sections: glosses of the documents' sections, by id.
        documents: glosses of the documents, by their titles.
        explanations: of hard words.
        stamps: what the translated originals were, by name.
    """

    language: Language
    folder: Path
    responses: Responses = field(default_factory=dict)
    source: str = "Source"
    sections: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    explanations: tuple[Explanation, ...] = ()
    stamps: Mapping[str, Any] = field(default_factory=dict)


def read_languages(root: Path = Path()) -> dict[str, Language]:
    """All languages that have a folder, by code.

    Raises:
        ContentError: a ``language.yml`` lacks a key, or says what means nothing.
    """
    files = sorted((root / LANGUAGES_FOLDER).glob(f"*/{LANGUAGE_FILE}"))
    return {file.parent.name: _language(file) for file in files}


def _language(file: Path) -> Language:
    given = read_yaml(file)
    try:
        language = Language(
            file.parent.name,
            str(given["name"]),
            str(given["direction"]),
            str(given["state"]),
            tuple(str(way).lower() for way in given.get("called") or ()),
            tuple(str(way).lower() for way in given.get("asking") or ()),
            str(given.get("checked_by") or ""),
            str(given.get("checked_on") or ""),
        )
    except (TypeError, KeyError) as error:
        raise ContentError(f"{file}: {error} is missing.") from error
    if language.direction not in DIRECTIONS or language.state not in STATES:
        raise ContentError(f"{file}: direction is one of {DIRECTIONS}, state one of {STATES}.")
    return language


def read_translation(language: Language, root: Path = Path()) -> Translation:
    """What there is in a language, complete or not.

    Raises:
        ContentError: a file cannot be read.
    """
    folder = root / LANGUAGES_FOLDER / language.code
    sources = _optional(folder / SOURCES_FILE)
    return Translation(
        language,
        folder,
        dict(_responses([*sorted((folder / FAQ).glob("*.yml")), folder / REPLIES_FILE])),
        str(sources.get("source") or "Source"),
        sources.get("sections") or {},
        sources.get("documents") or {},
        tuple(_explanations(folder / EXPLANATIONS_FILE)),
        _optional(folder / STAMPS_FILE),
    )


def reply_in(code: str, name: str, root: Path = Path()) -> str | None:
    """The words of one reply in a language; None where there are none."""
    given = _optional(root / LANGUAGES_FOLDER / code / REPLIES_FILE).get("responses") or {}
    return str(given[name][0]["text"]) if name in given else None


def read_originals(root: Path = Path()) -> Responses:
    """The English responses: answers and replies."""
    files = [*sorted((root / TOPICS_FOLDER).glob("*.yml")), root / DOMAIN_FILE]
    return {name: given for name, given in _responses(files) if name not in UNTRANSLATED}


def read_questions(folder: Path) -> list[tuple[str, str]]:
    """The examples of a language: (intent, message) each."""
    return [
        (str(entry["intent"]), line.strip().removeprefix("- ").strip())
        for entry in _optional(folder / QUESTIONS_FILE).get("nlu") or ()
        for line in str(entry["examples"]).splitlines()
        if line.strip()
    ]


def in_language(originals: Responses, translation: Translation) -> dict[str, list[dict[str, Any]]]:
    """The originals with the words of a translation; English where there are none."""
    return {name: _variations(given, translation.responses.get(name)) for name, given in originals.items()}


def _variations(originals: list[dict[str, Any]], given: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    if not given:
        return originals
    words = [*given, *[given[-1]] * len(originals)]
    return [_translated(original, each) for original, each in zip(originals, words, strict=False)]


def _translated(original: Variation, given: Variation) -> dict[str, Any]:
    translated = {**original, "text": given["text"]}
    own = original.get("metadata") or {}
    words = {key: value for key, value in (given.get("metadata") or {}).items() if key == "title" and key in own}
    if own:
        translated["metadata"] = {**own, **words}
    if original.get("buttons"):
        pairs = zip(original["buttons"], given.get("buttons") or original["buttons"], strict=False)
        translated["buttons"] = [_button(button, str(words["title"])) for button, words in pairs]
    return translated


def _button(original: Variation, title: str) -> dict[str, Any]:
    # What is shown is what is sent; ``meanings`` knows what it means.
    return {**original, "title": title, "payload": title}


def meanings(originals: Responses, translation: Translation) -> Iterator[tuple[str, str]]:
    """What is word for word a translated title or button, and the English words that mean the same."""
    for name, given in originals.items():
        for original, words in zip(given, translation.responses.get(name) or (), strict=False):
            title, translated = (each.get("metadata", {}).get("title") for each in (original, words))
            if title and translated:
                yield str(translated), str(title)
            for button, ours in zip(original.get("buttons") or (), words.get("buttons") or (), strict=False):
                yield str(ours["title"]), str(button.get("payload") or button["title"])


def plain(text: str) -> str:
    """A text without case, punctuation and surplus spaces, to find it again."""
    return " ".join(re.findall(r"\w+", text.lower()))


def known_texts(root: Path = Path()) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Titles and buttons of all spoken languages, made ``plain``: (language, English words) each."""
    spoken = [language for language in read_languages(root).values() if language.is_spoken and language.code != ENGLISH]
    originals = read_originals(root) if spoken else {}
    known: dict[str, dict[str, str]] = {}
    for language in spoken:
        for words, english in meanings(originals, read_translation(language, root)):
            known.setdefault(plain(words), {}).setdefault(language.code, english)
    return {words: tuple(found.items()) for words, found in known.items()}


def stamp(variation: Variation) -> str:
    """What the words of an original are, in a few letters: other words, another stamp."""
    metadata = variation.get("metadata") or {}
    words = [
        str(variation.get("text") or "").strip(),
        metadata.get("title"),
        [button.get("title") for button in variation.get("buttons") or ()],
    ]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:_LETTERS_OF_A_STAMP]


def stamps_of(originals: Responses, names: Iterable[str]) -> dict[str, str]:
    """The stamps of the originals with these names."""
    return {name: " ".join(map(stamp, originals[name])) for name in names if name in originals}


def _explanations(file: Path) -> Iterator[Explanation]:
    for entry in _optional(file).get("explanations") or ():
        yield Explanation(str(entry["term"]), str(entry["text"]).strip(), (), tuple(map(str, entry.get("also") or ())))


def _responses(files: Iterable[Path]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for file in files:
        for name, given in (_optional(file).get("responses") or {}).items():
            if not isinstance(given, list) or not all(isinstance(each, dict) and each.get("text") for each in given):
                raise ContentError(f"{file}: {name}: expected `- text: |-` and the text below it.")
            yield str(name), given


def _optional(file: Path) -> dict[str, Any]:
    content = read_yaml(file) if file.exists() else {}
    if not isinstance(content, dict):
        raise ContentError(f"{file}: expected keys at the beginning of the lines.")
    return content
