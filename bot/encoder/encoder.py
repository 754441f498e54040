"""Sentence embeddings from an ONNX model, without torch.

The network is all-MiniLM-L6-v2 (Apache-2.0), its weights in ``bot/encoder/weights``; how they were
made is in ``bot/encoder/tune.py`` and docs/decisions.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer

DIMENSIONS = 384
MAX_TOKENS = 128
WEIGHTS = Path(__file__).parent / "weights"


class Encoder:
    """Turns texts into unit-length vectors.

    Args:
        folder: where ``model.onnx`` and ``tokenizer.json`` are.

    Raises:
        FileNotFoundError: when one of the two files is missing.
    """

    def __init__(self, folder: Path = WEIGHTS) -> None:
        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.is_file():
                raise FileNotFoundError(f"{file} is missing: restore it with `git checkout -- {file}`")
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        # Its file asks for rows of 128 tokens.
        self._tokenizer.no_padding()
        options = SessionOptions()
        # Measured: a second thread gains nothing on texts this short, and steals a core.
        options.intra_op_num_threads = 1
        self._session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def encode(self, texts: list[str], batch_size: int = 32) -> NDArray[np.float32]:
        """Embeds texts.

        Args:
            texts: any number of texts; what goes past 128 tokens is cut.
            batch_size: texts that go through the network together.

        Returns:
            float32 array of shape (len(texts), 384), each row of length 1, in the order of ``texts``.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        # Texts of like length share a batch, so that padding costs little.
        by_length = sorted(range(len(texts)), key=lambda position: len(texts[position]))
        for start in range(0, len(texts), batch_size):
            rows = by_length[start : start + batch_size]
            # One by one: for a handful of short texts the tokenizer's threads cost more than they save.
            tokens = [self._tokenizer.encode(texts[row]).ids for row in rows]
            (vectors[rows],) = self._session.run(["embedding"], _padded(tokens))
        return vectors


def _padded(tokens: list[list[int]]) -> dict[str, NDArray[np.int64]]:
    """The network's two inputs, each of shape (texts, tokens of the longest text)."""
    ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, each in enumerate(tokens):
        ids[row, : len(each)] = each
        mask[row, : len(each)] = 1
    return {"input_ids": ids, "attention_mask": mask}
