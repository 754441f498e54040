"""How hard a text is to read, as a US school grade (Flesch-Kincaid)."""

import re
from collections.abc import Iterable

import textstat


def reading_grade(text: str, terms: Iterable[str] = ()) -> float:
    """The school grade that can read ``text``.

    Args:
        text: paragraphs, and lists of lines that begin with "- " or a number.
        terms: unavoidable terms; each counts as one short word.
    """
    for term in sorted(terms, key=len, reverse=True):
        text = term_pattern(term).sub("term", text)
    return float(textstat.flesch_kincaid_grade(_as_sentences(text)))


def first_sentence(text: str) -> str:
    """What is left of an answer when somebody asks for less; a colon ends no sentence."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.?!]) (?=[A-Z\"])", paragraph)[0]


def words(text: str) -> list[str]:
    """The words of a text, without the marks of its list items."""
    return re.sub(r"(?m)^\s*(?:-|\d+\.) ", "", text).split()


def term_pattern(term: str) -> re.Pattern[str]:
    """Finds a term, in the singular or the plural, in any case."""
    return re.compile(rf"\b{re.escape(term)}s?\b", re.IGNORECASE)


def _as_sentences(text: str) -> str:
    """A paragraph ends a sentence even without a full stop; quotes and brackets are no part of a word."""
    text = re.sub(r"[\"():]", " ", re.sub(r"(?m)^\d+\. ", "", text))
    text = re.sub(r"\n\s*\n", ". ", text).replace("\n", " ")
    return re.sub(r"\.\s*\.", ".", text)
