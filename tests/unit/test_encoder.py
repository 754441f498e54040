import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from bot.nlu.encoder import DIMENSIONS, Encoder
from bot.nlu.encoder.encoder import WEIGHTS

TEXTS = [
    "What is CAR-T cell therapy?",
    "apheresis?",
    "My father was told that he has AML, and now the doctors speak of a trial in China: how long would we stay there?",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def test_each_text_becomes_one_vector_of_length_one(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_a_texts_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.array_equal(encoder.encode(TEXTS), alone)


def test_a_text_has_the_same_vector_wherever_it_stands(encoder: Encoder) -> None:
    assert encoder.encode(TEXTS[::-1])[::-1] == pytest.approx(encoder.encode(TEXTS), abs=1e-6)


def test_paraphrases_are_nearer_than_another_question(encoder: Encoder) -> None:
    question, paraphrase, other = encoder.encode(
        ["How much does CAR-T cost?", "What is the price of the therapy?", "Which signs does a seizure have?"]
    )
    assert question @ paraphrase > question @ other


def test_what_goes_past_the_limit_is_cut(encoder: Encoder) -> None:
    long, longer = encoder.encode(["fever " * 200, "fever " * 5000])
    assert long @ longer == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named_with_the_way_to_restore_it(tmp_path: Path, missing: str) -> None:
    for name in {"model.onnx", "tokenizer.json"} - {missing}:
        (tmp_path / name).touch()
    with pytest.raises(FileNotFoundError, match=f"{missing} is missing: restore it with `git checkout"):
        Encoder(tmp_path)


REFERENCE = json.loads((Path(__file__).parent / "data" / "embeddings.json").read_text(encoding="utf-8"))


def test_the_weights_are_the_ones_that_were_measured() -> None:
    digest = hashlib.sha256((WEIGHTS / "model.onnx").read_bytes()).hexdigest()
    assert digest == REFERENCE["sha256"], "new weights: run `make evaluate`, then write tests/unit/data/embeddings.json"


def test_embeddings_are_those_of_the_day_the_weights_were_made(encoder: Encoder) -> None:
    wanted = np.array(list(REFERENCE["embeddings"].values()))
    cosines = (encoder.encode(list(REFERENCE["embeddings"])) * wanted).sum(axis=1)
    # Processors differ a little in how they multiply 8-bit integers.
    assert (cosines > 0.98).all(), cosines


def test_a_short_text_costs_the_network_its_own_tokens_only(encoder: Encoder) -> None:
    assert len(encoder._tokenizer.encode("fever").ids) == 3
