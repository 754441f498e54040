"""Reads dangerous numbers in a message: body temperature, oxygen, blood pressure.

Sentence embeddings do not tell 38.2 from 37.2, so the numbers are read as numbers.
"""

import re
from collections.abc import Set

from spacy.tokens import Doc, Token


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FEVER_CELSIUS = 38.0
FEVER_FAHRENHEIT = 100.4
# Temperatures that a living person can have; other numbers are ages, prices, days, blood values.
_CELSIUS = (38.0, 43.5)
_FAHRENHEIT = (100.4, 110.0)
_LOW_OXYGEN = (40.0, 92.0)
_LOW_SYSTOLIC = (40.0, 90.0)

_NUMBER = re.compile(r"^(\d{2,3})(?:[.,:](\d{1,2}))?(?:°|º)?(c|f)?$", re.IGNORECASE)
_PRESSURE = re.compile(r"\b(\d{2,3})\s*(?:/|over)\s*(\d{2,3})(?!\d)", re.IGNORECASE)
_TEMPERATURE_WORDS = _words(
    "fever feverish febrile temp temps temperature thermometer degrees degree celsius fahrenheit ° °c °f º c f hot "
    "burning running spiked spiking"
)
_OXYGEN_WORDS = _words("oxygen o2 sat sats saturation spo2 oximeter ox")
_PRESSURE_WORDS = frozenset({"bp", "pressure"})
# What a number counts when it is no temperature.
_COUNTED = _words(
    "year years yo y yr yrs old day days week weeks month months hour hours minutes mins min times "
    "kg kilo kilos lbs pounds cm mg ml mcg % percent patients people trials hospitals studies cells questions cycles "
    "dollars usd euro euros k thousand platelets hb wbc anc crp ferritin hemoglobin creatinine"
)
# What a number belongs to that comes soon after one of these.
_MEASURED = _words(
    "age aged cost costs price $ € day room ward page weight cd platelets plt hb hgb hemoglobin wbc anc crp ferritin "
    "creatinine"
)
_HAVING = frozenset({"has", "have", "had", "got", "it", "now"})
_PERCENT = frozenset({"%", "percent"})


def fever(doc: Doc) -> float | None:
    """The highest body temperature of 38 °C (100.4 °F) or more that the text gives, in °C; None if it gives none."""
    readings = [reading for token in doc if (reading := _temperature(token)) is not None]
    return max(readings, default=None)


def low_oxygen(doc: Doc) -> bool:
    """Whether the text gives an oxygen saturation below 92 percent."""
    return any(
        _LOW_OXYGEN[0] <= value < _LOW_OXYGEN[1] and _near(token, _OXYGEN_WORDS, 4)
        for token in doc
        if (value := _value(token)) is not None and not _counts_something(token, _PERCENT)
    )


def low_blood_pressure(doc: Doc) -> bool:
    """Whether the text gives a systolic pressure below 90 mmHg, as in 80/40 or "80 over 40"."""
    return any(
        _LOW_SYSTOLIC[0] <= float(found[1]) < _LOW_SYSTOLIC[1] and float(found[2]) < float(found[1])
        for found in _PRESSURE.finditer(doc.text)
        if any(token.lower_ in _PRESSURE_WORDS for token in doc)
    )


def _temperature(token: Token) -> float | None:
    match = _NUMBER.match(token.text)
    if not match or token.like_url:
        return None
    value = float(f"{match[1]}.{match[2] or 0}")
    # "39F" is a woman of 39 in a doctor's note.
    unit = (match[3] or "").lower()
    celsius = unit != "f" and _CELSIUS[0] <= value <= _CELSIUS[1]
    fahrenheit = unit != "c" and _FAHRENHEIT[0] <= value <= _FAHRENHEIT[1]
    if not (celsius or fahrenheit):
        return None
    if not match[3] and _counts_something(token):
        return None
    if not (match[2] or match[3] or _near(token, _TEMPERATURE_WORDS, 4) or _is_bare(token)):
        return None
    return value if celsius else round((value - 32) / 1.8, 1)


def _value(token: Token) -> float | None:
    match = _NUMBER.match(token.text.rstrip("%"))
    return float(f"{match[1]}.{match[2] or 0}") if match else None


def _near(token: Token, words: Set[str], distance: int) -> bool:
    window = token.doc[max(token.i - distance, 0) : token.i + distance + 1]
    return any(other.lower_ in words for other in window if other.i != token.i)


def _counts_something(token: Token, allowed: frozenset[str] = frozenset()) -> bool:
    after = token.doc[token.i + 1].lower_ if token.i + 1 < len(token.doc) else ""
    before = {other.lower_ for other in token.doc[max(token.i - 3, 0) : token.i]}
    return (after in _COUNTED and after not in allowed) or not _MEASURED.isdisjoint(before)


def _is_bare(token: Token) -> bool:
    """Whether little else is said: "39", "39 now", "he has 39"; but "he is 39" is an age."""
    words = [other.lower_ for other in token.doc if other.is_alpha]
    return len(words) <= 1 or (len(words) == 2 and not _HAVING.isdisjoint(words))
