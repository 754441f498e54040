"""Splits a message into what can be understood on its own."""

import re

MAX_SEGMENTS = 24

# A sentence's end, a line's end, or "and" before the beginning of a second question.
_BOUNDARY = re.compile(
    r"(?<=[.!?\u3002\uFF1F\uFF01\u061F\u06D4\u0964])[\"')\]]*\s+|\n+|;\s+|"
    # Chinese leaves no space between sentences.
    r"(?<=[!?\u3002\uFF1F\uFF01])(?=[\u3400-\u9fff])|"
    r",?\s+(?:and|also|plus|but)\s+(?:also\s+)?(?=(?:what|how|who|when|where|why|which|is|are|can|could|do|does|will|would)\b)",
    re.IGNORECASE,
)
# "What is CRS and ICANS?": one question about two things of a word or two each.
_TWO_THINGS = re.compile(
    r"^((?:what|who|explain|tell me|how)\b.*?\b(?:is|are|about|do|does|mean by|explain)) "
    r"((?:[\w-]+ ){0,1}[\w-]+) (?:and|or|&) ((?:[\w-]+ ){0,1}[\w-]+)\s*\??$",
    re.IGNORECASE,
)
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)


def segments(text: str) -> list[str]:
    """The sentences and joined questions of a text, when it has more than one.

    The end of a long message is kept rather than its middle: that is where people put the question.
    """
    found = [segment.strip() for segment in _BOUNDARY.split(text) if segment and segment.strip()]
    if len(found) < 2:
        return _about_each(text)
    return found[:4] + found[4:][-(MAX_SEGMENTS - 4) :]


def _about_each(text: str) -> list[str]:
    found = _TWO_THINGS.match(text.strip())
    return [f"{found[1]} {thing}?" for thing in (found[2], found[3])] if found else []


def own_words(text: str) -> str:
    """The text without quoted lines ("> ..."), which are somebody else's words; with them when there are no others."""
    return _QUOTED_LINE.sub("", text).strip() or text
