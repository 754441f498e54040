"""Takes out of a message what no visitor typed: escape codes, markup, characters of double width."""

import re
import unicodedata

# Colours of a terminal; the escape character itself may be gone already.
_ESCAPE_CODE = re.compile(r"\x1b?\[\d{1,3}(?:;\d{1,3})*m")
# Of Arabic, Persian, Hindi and others.
_DIGIT = re.compile(r"[^\D0-9]")
# A thumb, a cat, or a test.
_ONE_LETTER = re.compile(r"\s*([^\W\d_])(?:\s*\1){4,}\s*")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|&(?:nbsp|amp|lt|gt|quot|#\d{1,5});")


def without_noise(text: str) -> str:
    """The text that is left: "<b>what is CRS</b>" reads "what is CRS", and so do the same letters in full width; digits
    of other scripts read as 0 to 9. Of a text that repeats one letter nothing is left."""
    text = _MARKUP.sub(" ", _ESCAPE_CODE.sub(" ", text))
    text = _DIGIT.sub(_as_ascii, unicodedata.normalize("NFKC", text)).strip()
    return "" if _ONE_LETTER.fullmatch(text) else text


def _as_ascii(digit: re.Match[str]) -> str:
    return str(unicodedata.digit(digit.group()))
