"""Mends misspelled terms of the domain and tells English words from others.

Only what no dictionary knows is mended, and only into a word of the answers: "aferesis" becomes "apheresis", while
"Kymriah" and "patent" stay what they are.
"""

import re
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from spellchecker import SpellChecker

# Shorter words have too many neighbours.
SHORTEST = 4
# A short word in capitals is a name: BRCA, BCMA.
LONGEST_ACRONYM = 5
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


class Spelling:
    """English (pyspellchecker's word list) and the words of the answers.

    Args:
        terms: words that are right and that others are mended into.
        alike: share of a word's letters that must agree with a term's, 0 to 1.
    """

    def __init__(self, terms: Iterable[str], alike: float) -> None:
        self._alike = alike
        known = {term.lower() for term in terms}
        self._terms = sorted(term for term in known if len(term) >= SHORTEST)
        self._english = SpellChecker(language="en", distance=1)
        self._english.word_frequency.load_words(known)

    def mend(self, text: str) -> str:
        """The text with misspelled terms put right; words of other scripts and names stay."""
        return _WORD.sub(lambda found: self._mended(found.group()), text)

    def english_share(self, text: str) -> float:
        """Share of the words that are English or terms of the domain, 0 to 1; 1 when there are no words."""
        words = [word.lower() for word in _WORD.findall(text) if len(word) > 1]
        return sum(word in self._english for word in words) / len(words) if words else 1.0

    def _mended(self, word: str) -> str:
        acronym = word.isupper() and len(word) <= LONGEST_ACRONYM
        if len(word) < SHORTEST or acronym or word.lower() in self._english or not word.isascii():
            return word
        best = process.extractOne(
            word.lower(), self._terms, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=self._alike
        )
        return best[0] if best else word


def words(text: str) -> list[str]:
    """The words of a text, as written."""
    return _WORD.findall(text)
