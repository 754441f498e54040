"""Checks of the translations: complete, of today's originals, and with the same figures and names.

What a machine can hold; whether the words are right and plain, two people who speak the language say (language.yml).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.content.catalogue import FAQ, read_sources
from bot.content.languages import (
    ALARM_RESPONSES,
    CHECKED,
    ENGLISH,
    LANGUAGE_FILE,
    QUESTIONS_FILE,
    REPLIES_FILE,
    SOURCES_FILE,
    UNTRANSLATED,
    Responses,
    Translation,
    read_languages,
    read_originals,
    read_questions,
    read_translation,
    stamps_of,
)
from bot.content.length import count_words
from bot.content.problem import Problem

# These name the numbers of other countries than the originals.
OWN_NUMBERS = frozenset(
    {*ALARM_RESPONSES, "utter_cannot_wait", "utter_cannot_wait_crisis", "utter_in_emergency", "utter_feelings"}
)
LONGEST_TITLE = 100
# Words of a sentence on average, where no formula for the language's reading grade is at hand. The originals have 13.
LONGEST_SENTENCES = 24
FEWEST_QUESTIONS = 5
# Intents whose examples every language has, besides the answers'.
ALWAYS_ASKED = ("emergency", "crisis", "background", "out_of_scope")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:CD\d+|CLL-1|FLT3|CAR-T|CRS|ICANS|AML|DLBCL|TLS|NMPA|FDA|[a-z]+leucel|axi-cel|tocilizumab"
    r"|Yescarta|Kymriah|Carteyva|PlacidWay)(?![A-Za-z0-9])"
)
_THOUSANDS = re.compile(r"(?<=\d)[.,\u00a0\u202f ](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d+")
_LIST_LINE = re.compile(r"(?m)^\s*(?:-|\d+\.) ")
_NUMBER_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SENTENCE_END = re.compile(r"[.!?:;\u3002\uff01\uff1f\uff1a\uff1b\u061f\u06d4\u0964]+|\n+")


def find_translation_problems(root: Path = Path()) -> list[Problem]:
    """What the translators have to mend, language by language."""
    languages = [language for language in read_languages(root).values() if language.code != ENGLISH]
    originals = read_originals(root) if languages else {}
    found: list[Problem] = []
    for language in languages:
        translation = read_translation(language, root)
        checks = _CHECKS if language.is_spoken else _SAFETY_CHECKS
        found += [problem for check in checks for problem in check(translation, originals, root)]
    return sorted(found)


def _alarms_are_answered(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    for name in ALARM_RESPONSES:
        if name not in translation.responses:
            yield Problem(_file(translation, REPLIES_FILE), name, "no text. Nobody waits for an emergency's words.")


def _alarms_are_understood(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    count = Counter(intent for intent, _ in read_questions(translation.folder))
    for intent in ALWAYS_ASKED:
        if count[intent] < FEWEST_QUESTIONS:
            yield Problem(_file(translation, QUESTIONS_FILE), intent, "too few examples: nobody would be understood.")


def _all_is_translated(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    for name in originals:
        if name not in translation.responses:
            yield Problem(_file_of(translation, name), name, "no translation.")
    for name in translation.responses:
        if name not in originals and name not in UNTRANSLATED:
            yield Problem(_file_of(translation, name), name, "there is no original of this name. Delete it.")


def _each_is_of_todays_original(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    today = stamps_of(originals, translation.responses)
    for name, stamp in today.items():
        if translation.stamps.get(name) != stamp:
            yield Problem(
                _file_of(translation, name),
                name,
                "the original has changed since it was translated. Compare, mend, then: "
                f"python -m bot.content stamp {translation.language.code} {name}",
            )


def _each_says_the_same(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    for name, given in translation.responses.items():
        file, original = _file_of(translation, name), originals.get(name)
        if original is None:
            continue
        if len(given) != len(original):
            yield Problem(file, name, f"texts: {len(given)}, the original has {len(original)}.")
        for theirs, ours in zip(original, given, strict=False):
            for problem in _differences(name, theirs, ours):
                yield Problem(file, name, problem)


def _differences(name: str, original: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    theirs, ours = str(original["text"]), str(given["text"])
    if sorted(_PLACEHOLDER.findall(theirs)) != sorted(_PLACEHOLDER.findall(ours)):
        yield f"keep {', '.join(sorted(set(_PLACEHOLDER.findall(theirs)))) or 'no placeholder'}."
    if name not in OWN_NUMBERS:
        yield from _different_figures(theirs, ours)
    shapes = [(len(text.strip().split("\n\n")), len(_LIST_LINE.findall(text))) for text in (theirs, ours)]
    if name not in OWN_NUMBERS and shapes[0] != shapes[1]:
        yield "paragraphs and list lines: {} and {}, the original has {} and {}.".format(*shapes[1], *shapes[0])
    title, translated = (str((each.get("metadata") or {}).get("title") or "") for each in (original, given))
    for mine, yours in ((theirs, ours), (title, f"{translated} {ours}")):
        missing = set(_NAME.findall(mine)) - set(_NAME.findall(yours))
        if missing:
            yield f"names that are missing: {', '.join(sorted(missing))}."
    buttons = [len(each.get("buttons") or ()) for each in (original, given)]
    if buttons[0] != buttons[1]:
        yield f"buttons: {buttons[1]}, the original has {buttons[0]}."
    metadata = given.get("metadata") or {}
    if title and not translated:
        yield "no `title` under `metadata`."
    if len(str(metadata.get("title") or "")) > LONGEST_TITLE:
        yield f"the title has more than {LONGEST_TITLE} characters. Shorten it."


def _different_figures(theirs: str, ours: str) -> Iterator[str]:
    missing = _figures(theirs) - _figures(ours)
    added = _figures(ours) - _figures(theirs) - _figures_in_words(theirs)
    if missing:
        yield f"figures that are missing: {', '.join(sorted(missing))}."
    if added:
        yield f"figures that the original does not have: {', '.join(sorted(added))}."


def _figures(text: str) -> set[str]:
    """The numbers of a text; 1,000 may be written 1.000 or 1 000."""
    return set(_NUMBER.findall(_THOUSANDS.sub("", text)))


def _figures_in_words(text: str) -> set[str]:
    words = set(re.findall(r"[a-z]+", text.lower()))
    return {str(value) for value, word in enumerate(_NUMBER_WORDS, start=1) if word in words}


def _titles_differ(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, given in translation.responses.items():
        title = str((given[0].get("metadata") or {}).get("title") or "").casefold()
        if title and first.setdefault(title, name) != name:
            yield Problem(_file_of(translation, name), name, f"{first[title]} has the same title. Change one of them.")


def _sentences_are_short(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    for name, given in translation.responses.items():
        for text in (str(each["text"]) for each in given):
            lengths = [count_words(sentence) for sentence in _SENTENCE_END.split(text) if sentence.strip()]
            mean = sum(lengths) / len(lengths) if lengths else 0
            if mean > LONGEST_SENTENCES:
                yield Problem(
                    _file_of(translation, name),
                    name,
                    f"{mean:.0f} words a sentence, at most {LONGEST_SENTENCES}. Use shorter sentences.",
                )


def _all_sources_have_a_gloss(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    sources = read_sources(root / "data/nlu/sources.yml")
    file = _file(translation, SOURCES_FILE)
    for identifier in sources:
        if not translation.sections.get(identifier):
            yield Problem(file, identifier, "say under `sections` what this section's title means.")
    for title in dict.fromkeys(source.document for source in sources.values()):
        if not translation.documents.get(title):
            yield Problem(file, title, "say under `documents` what this title means.")


def _every_answer_is_asked_for(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    count = Counter(intent for intent, _ in read_questions(translation.folder))
    for name in originals:
        intent = name.removeprefix("utter_")
        if intent.startswith(f"{FAQ}/") and count[intent] < FEWEST_QUESTIONS:
            file = _file(translation, QUESTIONS_FILE)
            yield Problem(file, intent, f"questions: {count[intent]}, at least {FEWEST_QUESTIONS} are needed.")


def _who_has_checked_is_named(translation: Translation, originals: Responses, root: Path) -> Iterator[Problem]:
    language = translation.language
    if language.state == CHECKED and not (language.checked_by and language.checked_on):
        yield Problem(_file(translation, LANGUAGE_FILE), "state", "name who has checked it, and on which day.")


def _file_of(translation: Translation, name: str) -> Path:
    return _file(translation, FAQ if name.startswith(f"utter_{FAQ}/") else REPLIES_FILE)


def _file(translation: Translation, name: str) -> Path:
    return Path("data/languages") / translation.language.code / name


_SAFETY_CHECKS = (_alarms_are_answered, _alarms_are_understood)
_CHECKS = (
    *_SAFETY_CHECKS,
    _all_is_translated,
    _each_is_of_todays_original,
    _each_says_the_same,
    _titles_differ,
    _sentences_are_short,
    _all_sources_have_a_gloss,
    _every_answer_is_asked_for,
    _who_has_checked_is_named,
)
