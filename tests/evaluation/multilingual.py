"""How well the multilingual encoder tells intents apart, on the tenth of each language's examples that it never saw.

    python -m tests.evaluation.multilingual [--weights layers.onnx] [--languages FOLDER]

A classifier as the product's is fitted to the other examples of all languages and some thousand English ones; its rules
and thresholds stay out, so that encoders are compared and nothing else.
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.nlu.multilingual.encoder import WEIGHTS, MultilingualEncoder
from bot.nlu.multilingual.examples import Example, english, others
from bot.nlu.understanding.regression import fit_softmax

ROOT = Path(__file__).resolve().parents[2]
# As in config.yml; the probability of emergency or crisis from which a message counts as an alarm.
STRENGTH, SIMILARITY_WEIGHT, ALARM = 5.0, 15.0, 0.3
ENGLISH_SAMPLE = 6000
ALARMS, ORDINARY = ("emergency", "crisis"), ("background", "out_of_scope")
COLUMNS = "{:<9}{:>7}{:>8}{:>8}{:>8}{:>8}{:>10}{:>8}"


def main() -> None:
    """Prints the figures, with the vectors as they are and without each language's mean."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--weights", type=Path, default=WEIGHTS)
    arguments.add_argument("--languages", type=Path, default=ROOT / "data" / "languages")
    options = arguments.parse_args()
    examples = random.Random(7).sample(english(ROOT / "data/nlu"), ENGLISH_SAMPLE) + others(options.languages)
    encoder = MultilingualEncoder(options.weights)
    started = time.process_time()
    vectors = encoder.encode([example.text for example in examples])
    print(f"{(time.process_time() - started) / len(examples) * 1000:.1f} ms of processor time a text")
    report("as they are", vectors, examples)
    report("without each language's mean", centred(vectors, examples), examples)


def centred(vectors: NDArray[np.float32], examples: list[Example]) -> NDArray[np.float32]:
    """Unit vectors without what all texts of their language have in common."""
    languages = np.array([example.language for example in examples])
    result = vectors.copy()
    for language in np.unique(languages):
        result[languages == language] -= vectors[(languages == language) & ~_unseen(examples)].mean(axis=0)
    result /= np.linalg.norm(result, axis=1, keepdims=True)
    return result


def report(title: str, vectors: NDArray[np.float32], examples: list[Example]) -> None:
    """Fits a classifier to the seen examples and prints a row a language on the unseen ones."""
    unseen = _unseen(examples)
    intents, labels = np.unique([example.intent for example in examples], return_inverse=True)
    weights, bias = fit_softmax(vectors[~unseen], labels[~unseen], STRENGTH)
    cosines = vectors[unseen] @ vectors[~unseen].T
    nearest = np.stack([cosines[:, labels[~unseen] == label].max(axis=1) for label in range(len(intents))], axis=1)
    logits = vectors[unseen] @ weights.T + bias + SIMILARITY_WEIGHT * nearest
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    names = np.array([example.intent for example in examples])[unseen]
    ranks = (chances > chances[np.arange(len(names)), labels[unseen]][:, None]).sum(axis=1)
    alarmed = chances[:, np.isin(intents, ALARMS)].sum(axis=1) > ALARM
    languages = np.array([example.language for example in examples])[unseen]
    faq = np.char.startswith(names, "faq/")
    print(f"\nVectors {title}")
    print(COLUMNS.format("", "unseen", "first", "of 3", "faq", "of 3", "alarms", "false"))
    for language in [*np.unique(languages), "all"]:
        of = (languages == language) | (language == "all")
        shares = [_share(ranks[rows] < places) for rows in (of, of & faq) for places in (1, 3)]
        counts = [
            f"{alarmed[rows].sum()}/{rows.sum()}"
            for rows in (of & np.isin(names, ALARMS), of & np.isin(names, ORDINARY))
        ]
        print(COLUMNS.format(language, of.sum(), *shares, *counts))


def _share(right: NDArray[np.bool_]) -> str:
    return f"{right.mean():.1%}" if len(right) else "-"


def _unseen(examples: list[Example]) -> NDArray[np.bool_]:
    return np.array([example.kept_out for example in examples])


if __name__ == "__main__":
    main()
