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
# Texts in Latin letters count as foreign from here on; found on held-out questions, English typos included.
_SURE = 0.5
_UNLIKELY_ENGLISH = 0.12


def build_detector() -> LanguageDetector:
    """A detector for the languages that visitors are likely to write in; its models load at first use."""
    return LanguageDetectorBuilder.from_languages(*_LANGUAGES).with_low_accuracy_mode().build()


def foreign_language(detector: LanguageDetector, text: str) -> str | None:
    """ISO 639-1 code of the language, or None when it is, or may well be, English."""
    letters = [character for character in text if character.isalpha()]
    foreign = [letter for letter in letters if not unicodedata.name(letter, "").startswith("LATIN")]
    # Another script settles it, also around "CAR-T" and other Latin names.
    if len(foreign) >= max(2, len(letters) * 0.25):
        own_script = _LATIN_WORD.sub(" ", text)
        return _code(detector.compute_language_confidence_values(own_script)[0].language)
    values = detector.compute_language_confidence_values(_INTERNATIONAL.sub(" ", text))
    english = next((value.value for value in values if value.language == Language.ENGLISH), 0.0)
    if values[0].value >= _SURE and english <= _UNLIKELY_ENGLISH:
        return _code(values[0].language)
    return None


def _code(language: Language) -> str:
    return str(language.iso_code_639_1.name.lower())
