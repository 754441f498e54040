"""Tells languages apart by the letters of what visitors write in them: phone language, without accents, transliterated.

Naive Bayes over the character n-grams of the examples of every language (data/languages, and the English ones). General
detectors read prose: of short messages on phones they took every sixth for another language or for English.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST_GRAM = 4
# Grams are numbered by a hash of their letters: no list of them has to be kept. Few of them share a number.
NUMBERS = 2**17
# What is added to every count: a gram that a language never had is not impossible in it.
SMOOTHING = 0.3
# Names that are the same in all languages.
_INTERNATIONAL = re.compile(r"\b[Cc][Aa][Rr][- ]?[Tt]\b|\b(?:[A-Z]{2,}|CD\d+|CLL-1)\b|https?://\S+|\S+@\S+")
_WORD = re.compile(r"[^\W_]+")


class LanguageModel:
    """Probabilities of languages.

    Args:
        codes: of the languages.
        weights: logarithm of a gram's share in each language, shape (NUMBERS, languages).
    """

    def __init__(self, codes: list[str], weights: NDArray[Any]) -> None:
        self._codes = codes
        self._weights = weights

    @classmethod
    def train(cls, examples: Mapping[str, Iterable[str]]) -> "LanguageModel":
        """Learns from examples, by language."""
        codes = sorted(examples)
        counts = np.zeros((NUMBERS, len(codes)))
        for column, code in enumerate(codes):
            for text in examples[code]:
                np.add.at(counts[:, column], _numbers(text), 1)
        # A gram that came once says little.
        counts[counts.sum(axis=1) < 2] = 0
        shares = (counts + SMOOTHING) / (counts.sum(axis=0) + SMOOTHING * NUMBERS)
        return cls(codes, np.log(shares).astype(np.float16))

    def probabilities(self, text: str) -> dict[str, float]:
        """Of each language, 0 to 1; all alike for a text without a word."""
        # Grams overlap: each letter counts about as often as there are lengths.
        score = self._weights[_numbers(text)].astype(np.float32).sum(axis=0) / LONGEST_GRAM
        exponents = np.exp(score - score.max())
        return dict(zip(self._codes, (exponents / exponents.sum()).tolist(), strict=True))

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """To be stored."""
        return {"codes": np.array(self._codes), "weights": self._weights}

    @classmethod
    def of_arrays(cls, stored: Mapping[str, NDArray[Any]]) -> "LanguageModel":
        """As it was stored."""
        return cls(stored["codes"].tolist(), stored["weights"])


def grams(text: str) -> Iterator[str]:
    """Parts of the words of up to four letters, their beginnings and ends marked, and the words themselves."""
    for word in _WORD.findall(_INTERNATIONAL.sub(" ", text).lower()):
        # Digits say nothing of a language, but Arabic in Latin letters is written with them ("7abibi").
        if word.isdigit():
            continue
        marked = f" {word} "
        for length in range(1, LONGEST_GRAM + 1):
            yield from (marked[start : start + length] for start in range(len(marked) - length + 1))
        if len(marked) > LONGEST_GRAM:
            yield marked


def _numbers(text: str) -> NDArray[np.int64]:
    return np.array([zlib.crc32(gram.encode()) % NUMBERS for gram in grams(text)], dtype=np.int64)
