"""The same encoder and classifier on public intent data, to compare with published figures."""

import json
from collections.abc import Sequence
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

FOLDER = Path(__file__).parent / "public"
SETS = (
    ("BANKING77, 10 examples an intent", "bank10.json", "at least 85.6 %"),
    ("CLINC150, 80 intents x 15", "clinc80.json", "at least 94.8 %, AUROC 97.8 %"),
)


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
    data: dict[str, Any] = json.loads((FOLDER / file).read_text(encoding="utf-8"))
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
