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
from sklearn.metrics import matthews_corrcoef, roc_auc_score

from bot.nlu.components.intent_classifier import RANKING, FullIntentClassifier
from bot.nlu.components.sentence_encoder import SentenceEncoder
from bot.nlu.understanding.ranking import Ranked
from tests.evaluation.cases import Case
from tests.evaluation.figures import Result
from tests.evaluation.measurement import Measurement
from tests.evaluation.pipeline import Pipeline

FOLDER = Path(__file__).parent / "public"
SETS = (
    ("BANKING77, 10 examples an intent", "bank10.json", "at least 85.6 %"),
    ("CLINC150, 80 intents x 15", "clinc80.json", "at least 94.8 %, AUROC 97.8 %"),
    # The best of six published systems, each figure of its own best. HINT3 is not in this repository: it is measured
    # where its files lie in this folder (tests/evaluation/questions/README.md).
    ("HINT3 SOFMattress", "hint3_sofmattress.json", "at least 73.6 %, MCC .638"),
    ("HINT3 Curekart", "hint3_curekart.json", "at least 84.1 %, MCC .603"),
    ("HINT3 Powerplay11", "hint3_powerplay11.json", "at least 66.5 %, MCC .425"),
)
# The published figures are the best of these, too.
THRESHOLDS = [tenth / 10 for tenth in range(1, 10)]
OUTSIDE = "none of them"
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
    """Accuracy on the test questions; with out-of-scope ones, AUROC of the score against them, and MCC over all."""

    name: str
    accuracy: float
    auroc: float | None
    mcc: float | None
    aim: str


def public_scores(storage_folder: Path) -> list[PublicScore]:
    """Trains and tests on each set."""
    at_hand = [entry for entry in SETS if (FOLDER / entry[1]).is_file()]
    return [_score(storage_folder / file, name, file, aim) for name, file, aim in at_hand]


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
    outside = tops(data.get("oos") or [])
    wanted = [intent for _, intent in data["test"]]
    accuracy = float(np.mean([top.intent == intent for top, intent in zip(test, wanted, strict=True)]))
    if not outside:
        return PublicScore(name, accuracy, None, None, aim)
    tops_of_all = [*test, *outside]
    inside = [1] * len(test) + [0] * len(outside)
    auroc = float(roc_auc_score(inside, [top.score for top in tops_of_all]))
    return PublicScore(name, accuracy, auroc, _mcc(tops_of_all, [*wanted, *[OUTSIDE] * len(outside)]), aim)


def _mcc(tops: Sequence[Ranked], wanted: Sequence[str]) -> float:
    """Matthews' correlation, at the threshold that is best for it."""
    return max(
        float(matthews_corrcoef(wanted, [top.intent if top.score >= least else OUTSIDE for top in tops]))
        for least in THRESHOLDS
    )
