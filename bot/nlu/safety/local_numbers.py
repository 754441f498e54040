"""Reads dangerous numbers in any language: a fever, low oxygen, low blood pressure.

English has a reading of its own (``vital_signs``), which knows its grammar. Here a number counts by the words around it
(data/languages/*/vital_signs.yml); whether it is past or supposed is left to the classifier.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.catalogue import ContentError, read_yaml
from bot.content.languages import LANGUAGES_FOLDER, VITALS_FILE

_CELSIUS, _FAHRENHEIT = (38.0, 43.5), (100.4, 110.0)
_LOW_OXYGEN, _LOW_SYSTOLIC = (40.0, 92.0), (40.0, 90.0)
# Characters between a number and the word that it belongs to, before and after it.
_BEFORE, _AFTER = 36, 16
_NUMBER = re.compile(r"(?<![\d.,:/])(\d{2,3})(?:[.,\u066b](\d{1,2}))?(?![\d/:-])\s*(\S*)")
_PAIR = re.compile(
    r"(?<![\d.,])(\d{1,3})\s*(?:/|\\|-|x|por|sur|на|على|ke|比|[bp]er|pe|bởi)\s*(\d{1,3})(?![\d.,])", re.I
)
_CHINESE = re.compile("([一二三四五六七八九])?十([一二三四五六七八九])?")
_CHINESE_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class VitalWords:
    """Words by which a number is known for what it is, in all languages.

    Attributes:
        temperature, oxygen, pressure: what it measures.
        counted: what it counts, written after it: years, days, kilograms.
    """

    temperature: re.Pattern[str]
    oxygen: re.Pattern[str]
    pressure: re.Pattern[str]
    counted: re.Pattern[str]

    @classmethod
    def read(cls, root: Path = Path()) -> "VitalWords":
        """Reads those of all languages.

        Raises:
            ContentError: a file lacks a key.
        """
        files = sorted((root / LANGUAGES_FOLDER).glob(f"*/{VITALS_FILE}"))
        try:
            return cls.of([read_yaml(file) for file in files])
        except (KeyError, TypeError) as error:
            raise ContentError(f"{VITALS_FILE} of a language lacks {error}.") from error

    @classmethod
    def of(cls, languages: Iterable[Mapping[str, Any]]) -> "VitalWords":
        """Those of some languages."""
        given = list(languages)
        temperature, oxygen, pressure, counted = (
            _pattern({str(word) for language in given for word in language[key]})
            for key in ("temperature", "oxygen", "pressure", "counted")
        )
        return cls(temperature, oxygen, pressure, counted)


def has_dangerous_number(text: str, words: VitalWords) -> bool:
    """Whether a text in any language gives a body temperature, oxygen or blood pressure that is dangerous."""
    text = _in_digits(text.lower())
    return _low_pressure(text, words) or any(_is_dangerous(text, found, words) for found in _NUMBER.finditer(text))


def _is_dangerous(text: str, found: re.Match[str], words: VitalWords) -> bool:
    value = float(f"{found[1]}.{found[2] or 0}")
    around = text[max(found.start() - _BEFORE, 0) : found.end(1)] + " " + text[found.end(1) :][:_AFTER]
    if _within(value, _LOW_OXYGEN) and words.oxygen.search(around):
        return True
    # "39 años", "40 %".
    if words.counted.match(found[3]) or found[3].startswith("%"):
        return False
    celsius = _CELSIUS[0] <= value <= _CELSIUS[1]
    if not celsius and not _FAHRENHEIT[0] <= value <= _FAHRENHEIT[1]:
        return False
    return bool((celsius and found[2]) or words.temperature.search(around))


def _low_pressure(text: str, words: VitalWords) -> bool:
    # In Brazil 70/40 is "7 por 4".
    pairs = ((float(found[1]), float(found[2])) for found in _PAIR.finditer(text))
    scaled = ((10 * upper, 10 * lower) if upper < 20 else (upper, lower) for upper, lower in pairs)
    return any(_within(upper, _LOW_SYSTOLIC) and lower < upper for upper, lower in scaled) and bool(
        words.pressure.search(text)
    )


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value < bounds[1]


def _in_digits(text: str) -> str:
    """Chinese numbers up to 99 in digits, and half degrees: "三十九度五" reads "39.5度"."""
    text = _CHINESE.sub(lambda found: str(10 * _digit(found[1]) + (_digit(found[2]) if found[2] else 0)), text)
    return re.sub(r"(\d{2})度([0-9一二三四五六七八九半])", lambda found: f"{found[1]}.{_tenth(found[2])}度", text)


def _digit(sign: str | None) -> int:
    return _CHINESE_DIGITS[sign] if sign else 1


def _tenth(sign: str) -> int:
    return 5 if sign == "半" else _CHINESE_DIGITS.get(sign) or int(sign)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Finds the beginnings of words; where words are not written apart, anywhere."""
    ways = [
        re.escape(word) if _UNSPACED.search(word) else rf"(?<![^\W\d_]){re.escape(word)}"
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(ways) or "(?!)", re.IGNORECASE)
