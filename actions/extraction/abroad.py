"""Names and countries as they are written in other languages (babel knows what countries are called)."""

import re
import unicodedata
from collections.abc import Collection
from functools import cache

from babel import Locale, UnknownLocaleError
from countryguess import guess_country

from actions.extraction.bounds import LONGEST_NAME
from actions.extraction.ways import any_of

_TERRITORY = re.compile(r"[A-Z]{2}")
_UNSPACED_NAME = re.compile(r"[\u3400-\u9fff\u00b7]{2,6}")
_WORD = r"[^\W\d_](?:[\w'\u2019.-])*"
_NAME = re.compile(rf"{_WORD}(?:\s+{_WORD}){{0,3}}")
# Beside what babel says.
_ALSO = {
    "es": {"eeuu": "US", "ee.uu": "US", "ee. uu": "US", "usa": "US", "mexico": "MX"},
    "pt": {"eua": "US", "brasil": "BR"},
    "fr": {"usa": "US", "etats unis": "US", "angleterre": "GB"},
    "ru": {"сша": "US", "англия": "GB", "россия": "RU", "рф": "RU"},
    "zh": {"大陆": "CN", "中国大陆": "CN", "台湾": "TW", "香港": "HK", "澳门": "MO", "臺灣": "TW", "澳門": "MO"},
    "ar": {
        "السعودية": "SA",
        "السعوديه": "SA",
        "الامارات": "AE",
        "الإمارات": "AE",
        "امريكا": "US",
        "أمريكا": "US",
        "بريطانيا": "GB",
    },
}
# Russian bends the ends of names: "из Казахстана".
_BENT, _SHORTEST_BENT = "ru", 5


def known_territory(name: str, language: str | None) -> str | None:
    """The English name of a country whose name in a language is this, and nothing else."""
    if not language or len(name) > LONGEST_NAME:
        return None
    return _territories(language).get(_plain(name))


def territory_in(text: str, language: str | None) -> str | None:
    """The first country that is named in a text of few words."""
    if not language:
        return None
    found = _pattern(language).search(_plain(text))
    return _english_of(found.group(), language) if found else None


def territory_named(text: str, cues: Collection[str], language: str | None) -> str | None:
    """The country that a text says somebody is from, after one of the cues."""
    if not language or not cues:
        return None
    plain = _plain(text)
    for cue in any_of(map(_plain, cues)).finditer(plain):
        found = _pattern(language).search(plain[cue.end() : cue.end() + LONGEST_NAME])
        if found and found.start() <= _FARTHEST:
            return _english_of(found.group(), language)
    return None


# Characters between a cue and a country: "vivo en la ciudad de Lima, Perú" is too far.
_FARTHEST = 8


def introduced_as(text: str, cues: Collection[str]) -> str | None:
    """The name that follows a cue ("me llamo ...")."""
    if not cues:
        return None
    cue = any_of(cues).search(text)
    if not cue:
        return None
    rest = text[cue.end() :].lstrip(" :\uff1a\u662f")
    unspaced = _UNSPACED_NAME.match(rest)
    if unspaced:
        return unspaced.group()
    words = _NAME.match(rest)
    return _without_what_follows(words.group()) if words else None


def _without_what_follows(words: str) -> str:
    """ "María Quispe y vivo" is "María Quispe"; where letters have no capitals, two words."""
    parts = words.split()
    if parts[0][:1].isupper():
        kept = [part for place, part in enumerate(parts) if all(each[:1].isupper() for each in parts[: place + 1])]
        return " ".join(kept)
    return " ".join(part[:1].upper() + part[1:] for part in parts[:2])


@cache
def _territories(language: str) -> dict[str, str]:
    try:
        names = Locale(language).territories
    except UnknownLocaleError:
        return {}
    written = {name: code for code, name in names.items() if _TERRITORY.fullmatch(code)} | _ALSO.get(language, {})
    english = {code: guess_country(code, attribute="name_short") for code in set(written.values())}
    return {_plain(name): str(english[code]) for name, code in written.items() if english[code]}


@cache
def _pattern(language: str) -> re.Pattern[str]:
    if language != _BENT:
        return any_of(_territories(language))
    ways = sorted(_territories(language), key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){_bent(way)}(?!\w)" for way in ways))


def _bent(way: str) -> str:
    if len(way) < _SHORTEST_BENT or " " in way:
        return re.escape(way)
    return rf"{re.escape(way[:-1])}\w{{0,3}}"


def _english_of(found: str, language: str) -> str | None:
    territories = _territories(language)
    if found in territories:
        return territories[found]
    # Bent, or with an Arabic preposition before it.
    near = [name for name in territories if found[1:] == name or (len(name) > 4 and found.startswith(name[:-1]))]
    return territories[max(near, key=len)] if near else None


def _plain(text: str) -> str:
    """Without case, accents and points at its ends; phones leave accents out."""
    letters = unicodedata.normalize("NFD", text.lower().replace("\u2019", "'").strip(" .!,?"))
    return unicodedata.normalize("NFC", "".join(each for each in letters if not unicodedata.combining(each)))
