"""Sentence embeddings from an ONNX model, without torch.

The network is all-MiniLM-L6-v2 (Apache-2.0), its weights in ``bot/nlu/encoder/weights``; how they were
made is in ``bot/nlu/encoder/tune.py`` and docs/decisions.
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

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Embeds texts.

        Args:
            texts: any number of texts; what goes past 128 tokens is cut.

        Returns:
            float32 array of shape (len(texts), 384), each row of length 1, in the order of ``texts``.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        # One by one: the 8-bit network scales its numbers by the largest of a batch, so that a text's vector would
        # depend on its neighbours (cosine 0.99), and with padding a batch is no faster.
        for row, text in enumerate(texts):
            ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
            (vectors[row],) = self._session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return vectors
