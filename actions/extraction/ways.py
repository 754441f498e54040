"""Patterns that find words in any script: whole words where words are written apart, else the signs themselves."""

import re
from collections.abc import Iterable

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
# "And", "for", "with": Arabic writes them together with the word that follows.
_ARABIC_PREFIX = "[\u0648\u0644\u0628\u0641]?"
PUNCTUATION = " .!,?\u3002\uff0c\uff01\u3001\uff1f\u060c\u061f"


def any_of(ways: Iterable[str]) -> re.Pattern[str]:
    """Finds the first of the ways in a text, the longest where several begin there."""
    found = [_found(way) for way in sorted(ways, key=len, reverse=True)]
    return re.compile("|".join(each for each in found if each) or "(?!)", re.IGNORECASE)


def chain(ways: Iterable[str], also: Iterable[str] = ()) -> re.Pattern[str]:
    """One way after the other: "yes, that's right, send it"."""
    way = "|".join(map(re.escape, sorted(ways, key=len, reverse=True)))
    further = "|".join([way, *map(re.escape, also)])
    return re.compile(rf"(?:{way})(?:[\s{re.escape(PUNCTUATION)}]+(?:{further}))*")


def _found(way: str) -> str:
    escaped = re.escape(way)
    if _UNSPACED.search(way):
        # A single sign is part of many words.
        return escaped if len(way) > 1 else rf"^{escaped}$"
    return rf"(?<!\w){_ARABIC_PREFIX if _ARABIC.search(way) else ''}(?:{escaped})(?!\w)"
