"""Cuts text of any language into pieces of words, as XLM-RoBERTa's unigram tokenizer does.

The library ``tokenizers`` would need 280 MB and seconds for these 250,000 pieces, sentencepiece 65 MB; these lines
take 5 MB and a tenth of a second.
"""

import unicodedata

import numpy as np
from numpy.typing import NDArray

from bot.nlu.multilingual.e5_file import E5File

START, END, UNKNOWN = 0, 2, 3
# Pieces that stand for no text: the first four, and the last.
SPECIAL = 4
# Stands for a space in the pieces.
SPACE = "\u2581"
MAX_CHARACTERS = 2000
# A character that is in no piece is this much less likely than the rarest piece.
UNKNOWN_PENALTY = 10.0
FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Tokenizer:
    """Finds the most probable way to write a text in pieces."""

    def __init__(self, file: E5File) -> None:
        self._characters = file.characters
        self._scores = file.scores
        self._unknown = float(file.scores.min()) - UNKNOWN_PENALTY
        codes, starts = _characters_of(file)
        lengths = np.diff(starts)
        self._longest = int(lengths.max())
        hashes = np.zeros(len(lengths), np.uint64)
        for step in range(self._longest):
            inside = lengths > step
            hashes[inside] = _mixed(hashes[inside], codes[starts[:-1][inside] + step])
        kept = np.arange(SPECIAL, len(lengths) - 1)
        # Sorted by their 64-bit hash: two of 250,000 share one with a chance of one in 600 million.
        self._tokens = kept[np.argsort(hashes[kept])].astype(np.int32)
        self._hashes = hashes[self._tokens]

    def encode(self, text: str, limit: int) -> NDArray[np.int64]:
        """The numbers of the text's pieces between those of start and end, at most ``limit`` with these."""
        found = self._pieces(self._readable(text))
        return np.array([START, *found[: limit - 2], END], dtype=np.int64)

    def _readable(self, text: str) -> str:
        """Letters and their marks composed, other spellings of a character made one, one space between words."""
        text = unicodedata.normalize("NFC", text[:MAX_CHARACTERS]).translate(self._characters)
        return "".join(SPACE + word for word in text[:MAX_CHARACTERS].split(" ") if word)

    def _pieces(self, text: str) -> list[int]:
        """Viterbi's algorithm: the best way to each place in the text, then back along it."""
        size = len(text)
        best, came_from, last = [0.0] + [-np.inf] * size, [0] * (size + 1), [UNKNOWN] * (size + 1)
        for start, end, token, score in self._candidates(text):
            total = best[start] + score
            if total > best[end]:
                best[end], came_from[end], last[end] = total, start, token
        pieces, at = [], size
        while at:
            pieces.append(last[at])
            at = came_from[at]
        return pieces[::-1]

    def _candidates(self, text: str) -> list[tuple[int, int, int, float]]:
        """All pieces in the text by their start: start, end, token, score."""
        codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        padded = np.append(codes, np.zeros(self._longest, np.uint32))
        hashes = np.zeros((len(codes), self._longest), np.uint64)
        running = np.zeros(len(codes), np.uint64)
        for step in range(self._longest):
            running = hashes[:, step] = _mixed(running, padded[step : step + len(codes)])
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        found = self._hashes[places] == hashes
        tokens = np.where(found, self._tokens[places], UNKNOWN)
        scores = np.where(found, self._scores[tokens], self._unknown)
        # A character alone is always possible, if only as an unknown one.
        found[:, 0] = True
        starts, steps = np.nonzero(found)
        columns = (starts, starts + steps + 1, tokens[starts, steps], scores[starts, steps])
        return list(zip(*(column.tolist() for column in columns), strict=True))


def _characters_of(file: E5File) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """All pieces as characters, and where each starts among them."""
    codes = np.frombuffer(file.pieces.tobytes().decode().encode("utf-32-le"), np.uint32)
    # In UTF-8 each character has one byte that does not look like 10xxxxxx.
    before = np.append(0, np.cumsum((file.pieces & 0xC0) != 0x80))
    return codes, before[file.starts]


def _mixed(hashes: NDArray[np.uint64], codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    mixed = (hashes ^ codes) * FACTOR
    return mixed ^ (mixed >> np.uint64(29))
