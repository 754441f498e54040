import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.nlu.understanding.regression import fit_softmax

CLASSES, STRENGTH = 12, 5.0


def clouds(seed: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Overlapping clouds of unit vectors, far flatter in some directions than in others, as embeddings are."""
    numbers = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(CLASSES, 40))
    labels = np.arange(600) % CLASSES
    points = (centres[labels] + numbers.normal(size=(600, 40)) * 1.5) * np.logspace(0, -1.5, 40) + 1
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), labels


@pytest.fixture(scope="module")
def fitted() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return fit_softmax(*clouds(1), STRENGTH)


def chances(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: NDArray[np.float32] = exponents / exponents.sum(axis=1, keepdims=True)
    return result


def test_the_fit_is_the_one_that_scikit_learn_finds(fitted: tuple[NDArray[np.float32], NDArray[np.float32]]) -> None:
    weights, bias = fitted
    unseen, _ = clouds(2)
    wanted = LogisticRegression(C=STRENGTH, max_iter=5000).fit(*clouds(1)).predict_proba(unseen)
    assert chances(unseen @ weights.T + bias) == pytest.approx(wanted, abs=0.01)


def test_each_label_has_a_row_of_weights_and_a_bias(
    fitted: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    weights, bias = fitted
    assert weights.shape == (CLASSES, 40)
    assert bias.shape == (CLASSES,)
    assert weights.dtype == bias.dtype == np.float32


def test_unlike_numbers_of_examples_are_learned_as_such() -> None:
    examples, labels = clouds(3)
    kept = (labels != 0) | (np.arange(len(labels)) < CLASSES * 2)
    _, bias = fit_softmax(examples[kept], labels[kept], 1e-3)
    assert chances(bias[None, :])[0, 0] < 0.02


def test_two_labels_are_enough() -> None:
    examples, labels = clouds(4)
    weights, bias = fit_softmax(examples, labels % 2, STRENGTH)
    assert weights.shape == (2, 40)
    assert ((examples @ weights.T + bias).argmax(axis=1) == labels % 2).mean() > 0.6
