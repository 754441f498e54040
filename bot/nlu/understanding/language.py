"""Which language a message is in: its script, its letters (``LanguageModel``), and for other languages lingua."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from lingua import Language as Detected
from lingua import LanguageDetector, LanguageDetectorBuilder

from bot.content.languages import ENGLISH, Language
from bot.content.length import count_words
from bot.nlu.understanding.language_model import LanguageModel

# The languages that visitors are answered in, and the likeliest others.
_DETECTED = (
    Detected.ENGLISH, Detected.SPANISH, Detected.CHINESE, Detected.ARABIC, Detected.RUSSIAN, Detected.FRENCH,
    Detected.GERMAN, Detected.PORTUGUESE, Detected.HINDI, Detected.URDU, Detected.TURKISH, Detected.ITALIAN,
    Detected.VIETNAMESE, Detected.JAPANESE, Detected.KOREAN, Detected.POLISH, Detected.UKRAINIAN, Detected.DUTCH,
    Detected.ROMANIAN, Detected.THAI, Detected.PERSIAN, Detected.INDONESIAN, Detected.GREEK, Detected.HEBREW,
    Detected.BENGALI,
)  # fmt: skip
# Names that are the same in all languages and would mislead the detector.
_INTERNATIONAL = re.compile(r"\b[Cc][Aa][Rr][- ]?[Tt]\b|\b(?:[A-Z]{2,}|CD\d+|CLL-1)\b")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
_WORD = re.compile(r"[^\W\d_]+")
LATIN, HAN, CYRILLIC, ARABIC = "LATIN", "CJK", "CYRILLIC", "ARABIC"
# Who writes in these letters is answered in the language that most of them read.
_OF_SCRIPT = {HAN: "zh", CYRILLIC: "ru", "DEVANAGARI": "hi"}
_KANA = frozenset({"HIRAGANA", "KATAKANA"})
_ARABIC_LETTERS = ("ar", "ur")
# All of these were found on one half of the examples, with the other half as training (English ones: 1 in 270 is taken
# for another language, most of them names or rightly).
# English words by the dictionary, in a text of Latin letters: with this share it is English unless its letters say no
# very clearly.
ENGLISH_FROM, CLEARLY_NOT = 0.85, 1e-4
# Probability of English up to which a text is foreign, and a single word.
NOT_ENGLISH, NOT_ENGLISH_WORD = 0.1, 0.002
# Letters of a text that is not English by its letters alone.
FEWEST_LETTERS = 5
# In a conversation in another language a text is English from here, and another language than before from here.
ENGLISH_AGAIN, ANOTHER = 0.9, 0.95
# Words of a text that changes a conversation's language: a name or two do not.
SENTENCE = 4
# lingua's confidence in a language that the model does not know.
SURE = 0.85
# Share of its letters from which another script is what a text is in, and the Latin letters that a Chinese sign counts.
FOREIGN_SHARE, LETTERS_OF_A_SIGN = 0.25, 3
_LONGEST_WISH = 60


@dataclass(frozen=True)
class Heard:
    """Which language a message is in.

    Attributes:
        code: ISO 639-1.
        is_evidence: whether it is enough to change the conversation's language.
        is_wish: whether the message only asks for that language.
        is_sentence: whether it is more than a name or two.
    """

    code: str
    is_evidence: bool = False
    is_wish: bool = False
    is_sentence: bool = False


class LanguageReader:
    """Reads the language of messages.

    Args:
        languages: those with a folder in data/languages.
        model: tells them apart; without one only scripts and lingua do.
        detector: makes lingua's detector, at first use.
    """

    def __init__(
        self,
        languages: Mapping[str, Language],
        model: LanguageModel | None = None,
        detector: Callable[[], LanguageDetector] | None = None,
    ) -> None:
        self._languages = languages
        self._model = model
        self._detector = detector or build_detector
        self._wishes = _wish_pattern(languages)

    def read(self, text: str, english_share: float, current: str | None = None) -> Heard:
        """The language of a message.

        Args:
            english_share: share of its words that the dictionary knows as English, 0 to 1.
            current: the conversation's language so far, if it is known.
        """
        if wished := self.wish(text):
            return Heard(wished, is_evidence=True, is_wish=True)
        script = _foreign_script(text)
        if script:
            return Heard(self._in_script(text, script, current), True, is_sentence=count_words(text) >= SENTENCE)
        before = current or ENGLISH
        words = _WORD.findall(_INTERNATIONAL.sub(" ", text))
        if not words:
            return Heard(before)
        found = self._latin(text, english_share, len(words), before)
        is_sentence = len(words) >= SENTENCE
        return Heard(found, found == before or is_sentence or not current, is_sentence=is_sentence)

    def wish(self, text: str) -> str | None:
        """The language that a message asks for, if it asks for nothing else: "in English please"."""
        said = " ".join(_words_of_wish(text))
        if not self._wishes or not said or len(text) > _LONGEST_WISH or not self._wishes.fullmatch(said):
            return None
        called = [
            (found.end(), found.end() - found.start(), language.code)
            for language in self._languages.values()
            for way in language.called
            for found in re.finditer(_way(way), said)
        ]
        # "From Spanish to English": the last one counts.
        return max(called)[-1] if called else None

    def _in_script(self, text: str, script: str, current: str | None) -> str:
        if script in _OF_SCRIPT:
            return _OF_SCRIPT[script]
        if script == ARABIC:
            if current in _ARABIC_LETTERS and len(text.split()) < SENTENCE:
                return str(current)
            probable = self._probabilities(text)
            ours = max(_ARABIC_LETTERS, key=lambda code: probable.get(code, 0.0))
            other = self._other(text) if len(text.split()) >= SENTENCE else None
            return other or ours
        return _code(self._detector().compute_language_confidence_values(_LATIN_WORD.sub(" ", text))[0].language)

    def _latin(self, text: str, english_share: float, words: int, before: str) -> str:
        probable = self._probabilities(text)
        if not probable:
            return self._by_dictionary(text, english_share, words, before)
        english = probable[ENGLISH]
        best = max(probable, key=lambda code: probable[code])
        if before != ENGLISH:
            return self._after_another(probable, best, english_share, words, before)
        if english > (NOT_ENGLISH if words > 1 else NOT_ENGLISH_WORD) or sum(map(str.isalpha, text)) < FEWEST_LETTERS:
            return ENGLISH
        if english_share >= ENGLISH_FROM and english > CLEARLY_NOT:
            return ENGLISH
        return (self._other(text) if words >= SENTENCE else None) or best

    def _after_another(
        self, probable: Mapping[str, float], best: str, english_share: float, words: int, before: str
    ) -> str:
        if best == ENGLISH:
            is_english = probable[ENGLISH] >= ENGLISH_AGAIN and english_share >= 0.5 and words >= SENTENCE - 1
            return ENGLISH if is_english else before
        return best if probable[best] >= ANOTHER and words >= SENTENCE else before

    def _by_dictionary(self, text: str, english_share: float, words: int, before: str) -> str:
        if english_share >= ENGLISH_FROM:
            return ENGLISH if words >= SENTENCE else before
        if english_share < 0.5 and words > 1:
            return _code(self._detector().compute_language_confidence_values(text)[0].language)
        return before

    def _other(self, text: str) -> str | None:
        """A language that the model does not know, where lingua is sure of it."""
        likeliest = self._detector().compute_language_confidence_values(_INTERNATIONAL.sub(" ", text))[0]
        code = _code(likeliest.language)
        return code if likeliest.value >= SURE and code not in self._languages else None

    def _probabilities(self, text: str) -> dict[str, float]:
        return self._model.probabilities(text) if self._model else {}


@cache
def build_detector() -> LanguageDetector:
    """A detector for the languages that visitors are likely to write in; its models load at first use."""
    return LanguageDetectorBuilder.from_languages(*_DETECTED).with_low_accuracy_mode().build()


def _foreign_script(text: str) -> str | None:
    """The script of a text that is not in Latin letters, apart from "CAR-T" and other names in it."""
    letters = [character for character in text if character.isalpha()]
    scripts = Counter(_script(letter) for letter in letters)
    foreign = len(letters) - scripts.pop(LATIN, 0)
    # A Chinese sign is half a word: beside a Latin word or two they are the sentence.
    few_latin = len(_LATIN_WORD.findall(text)) < SENTENCE - 1
    weight = LETTERS_OF_A_SIGN if few_latin and scripts[HAN] else 1
    if foreign < (1 if len(letters) == foreign else 2) or foreign * weight < len(letters) * FOREIGN_SHARE:
        return None
    if scripts.keys() & _KANA:
        return next(iter(scripts.keys() & _KANA))
    return scripts.most_common(1)[0][0] if scripts else None


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0].partition("-")[0]


def _words_of_wish(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _way(way: str) -> str:
    # Chinese has no spaces.
    escaped = re.escape(" ".join(_words_of_wish(way)))
    return escaped if _script(way[0]) == HAN else rf"\b{escaped}\b"


def _wish_pattern(languages: Mapping[str, Language]) -> re.Pattern[str] | None:
    ways = {way for language in languages.values() for way in (*language.called, *language.asking)}
    if not ways:
        return None
    return re.compile(rf"(?:(?:{'|'.join(map(_way, sorted(ways, key=len, reverse=True)))})\s*)+")


def _code(language: Detected) -> str:
    return str(language.iso_code_639_1.name.lower())
