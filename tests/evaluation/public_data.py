"""Public intent data: the same encoder and classifier on it, to compare with published figures, and all of its test
queries, which are no question on CAR-T."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.metrics import roc_auc_score

from bot.nlu.components.intent_classifier import RANKING, FullIntentClassifier, Ranked
from bot.nlu.components.sentence_encoder import SentenceEncoder
from tests.evaluation.cases import Case
from tests.evaluation.figures import Result
from tests.evaluation.measurement import Measurement
from tests.evaluation.pipeline import Pipeline

FOLDER = Path(__file__).parent / "public"
SETS = (
    ("BANKING77, 10 examples an intent", "bank10.json", "at least 85.6 %"),
    ("CLINC150, 80 intents x 15", "clinc80.json", "at least 94.8 %, AUROC 97.8 %"),
)
QUERIES = {"BANKING77": "bank10.json", "CLINC150": "clinc80.json"}


def public_queries() -> dict[str, list[Case]]:
    """By data set: its test queries, those that are out of its own scope included."""
    return {name: _queries(_read(file), name) for name, file in QUERIES.items()}


def public_measurements(pipeline: Pipeline, untrained: Callable[[list[Case]], list[Case]]) -> list[Measurement]:
    """What the trained pipeline makes of those queries.

    Args:
        pipeline: of the model.
        untrained: leaves out what stands in the training data.
    """
    measured = []
    for name, cases in public_queries().items():
        asked = untrained(cases)
        outcomes = pipeline.understand([case.text for case in asked])
        results = [Result(case, outcome) for case, outcome in zip(asked, outcomes, strict=True)]
        measured.append(Measurement(name, results, len(cases) - len(asked)))
    return measured


def _queries(data: dict[str, Any], voice: str) -> list[Case]:
    texts = [*(text for text, _ in data["test"]), *data.get("oos", [])]
    return [Case(text, ("far",), voice=voice) for text in texts]


def _read(file: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    return data


@dataclass(frozen=True)
class PublicScore:
    """Accuracy on the test questions, AUROC of the score against out-of-scope ones (None without any)."""

    name: str
    accuracy: float
    auroc: float | None
    aim: str


def public_scores(storage_folder: Path) -> list[PublicScore]:
    """Trains and tests on each set."""
    return [_score(storage_folder / file, name, file, aim) for name, file, aim in SETS]


def _score(storage_folder: Path, name: str, file: str, aim: str) -> PublicScore:
    data = _read(file)
    storage_folder.mkdir(parents=True)
    storage = LocalModelStorage(storage_folder)
    resource = Resource("classifier")
    context = ExecutionContext(GraphSchema({}))
    encoder = SentenceEncoder.create({}, storage, Resource("encoder"), context)
    config = FullIntentClassifier.get_default_config()
    training = TrainingData([Message.build(text, intent) for text, intent in data["train"]])
    encoder.process_training_data(training)
    FullIntentClassifier.create(config, storage, resource, context).train(training)
    classifier = FullIntentClassifier.load(config, storage, resource, context)

    def tops(texts: Sequence[str]) -> list[Ranked]:
        messages = classifier.process(encoder.process([Message.build(text) for text in texts]))
        return [message.get(RANKING)[0] for message in messages]

    test = tops([text for text, _ in data["test"]])
    right = [top.intent == intent for top, (_, intent) in zip(test, data["test"], strict=True)]
    auroc = None
    if data.get("oos"):
        outside = tops(data["oos"])
        inside = np.array([top.score for top in [*test, *outside]])
        auroc = float(roc_auc_score([1] * len(test) + [0] * len(outside), inside))
    return PublicScore(name, float(np.mean(right)), auroc, aim)
