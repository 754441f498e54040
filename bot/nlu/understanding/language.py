"""Which language a message is in, when it is not English (lingua)."""

import re
import unicodedata

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

# The languages that visitors are answered in, and the likeliest others.
_LANGUAGES = (
    Language.ENGLISH, Language.SPANISH, Language.CHINESE, Language.ARABIC, Language.RUSSIAN, Language.FRENCH,
    Language.GERMAN, Language.PORTUGUESE, Language.HINDI, Language.URDU, Language.TURKISH, Language.ITALIAN,
    Language.VIETNAMESE, Language.JAPANESE, Language.KOREAN, Language.POLISH, Language.UKRAINIAN, Language.DUTCH,
    Language.ROMANIAN, Language.THAI, Language.PERSIAN, Language.INDONESIAN, Language.GREEK, Language.HEBREW,
    Language.BENGALI,
)  # fmt: skip
# Names that are the same in all languages and would mislead the detector.
_INTERNATIONAL = re.compile(r"\b[Cc][Aa][Rr][- ]?[Tt]\b|\b(?:[A-Z]{2,}|CD\d+|CLL-1)\b")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
# For texts in Latin letters, found on held-out questions, typos included: with this share of English words it is
# English, with less than half of them it is not, and in between the detector has to be sure.
ENGLISH_FROM, FOREIGN_BELOW = 0.85, 0.5
SURE, UNLIKELY = 0.6, 0.08


def build_detector() -> LanguageDetector:
    """A detector for the languages that visitors are likely to write in; its models load at first use."""
    return LanguageDetectorBuilder.from_languages(*_LANGUAGES).with_low_accuracy_mode().build()


def in_other_script(text: str) -> bool:
    """Whether the text is not in Latin letters, apart from "CAR-T" and other names in it."""
    letters = [character for character in text if character.isalpha()]
    foreign = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return foreign >= max(2, len(letters) * 0.25)


def foreign_language(detector: LanguageDetector, text: str, english_share: float) -> str | None:
    """ISO 639-1 code of the language, or None when it is, or may well be, English.

    Args:
        detector: from ``build_detector``.
        text: the message.
        english_share: share of its words that are English, 0 to 1.
    """
    if in_other_script(text):
        own_script = _LATIN_WORD.sub(" ", text)
        return _code(detector.compute_language_confidence_values(own_script)[0].language)
    if english_share >= ENGLISH_FROM:
        return None
    own_words = _INTERNATIONAL.sub(" ", text)
    if not any(character.isalpha() for character in own_words):
        return None
    values = detector.compute_language_confidence_values(own_words)
    if values[0].language == Language.ENGLISH:
        return None
    english = next((value.value for value in values if value.language == Language.ENGLISH), 0.0)
    sure = values[0].value >= SURE and english <= UNLIKELY
    # A single odd word is more often a typo than another language.
    if sure or (english_share < FOREIGN_BELOW and len(text.split()) > 1):
        return _code(values[0].language)
    return None


def _code(language: Language) -> str:
    return str(language.iso_code_639_1.name.lower())
