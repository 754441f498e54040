"""One classifier over all full intents at once: each answer is a class beside greetings, emergencies and the rest.

The model itself is in ``bot/nlu/understanding/intent_model.py``.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.content.catalogue import FAQ
from bot.content.languages import plain
from bot.nlu.components.component import Component, number
from bot.nlu.components.message_reader import words_of
from bot.nlu.understanding.intent_model import IntentModel, certain

RANKING, KNOWN = "full_intent_ranking", "known_text"
FILE = "classifier.npz"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class FullIntentClassifier(Component, IntentClassifier):
    """Ranks all full intents for each message: a list of ``Ranked``, most probable first, under ``RANKING``.

    A message that is word for word a training question or an answer's title (the payload of its button) is certain.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Values that suit some ten questions an intent; config.yml has those for a hundred."""
        return {"C": 20.0, "similarity_weight": 10.0, "candidates": 12}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        number(config, "C", 1e-6)
        number(config, "similarity_weight", 0)
        number(config, "candidates", 1)
        self._model: IntentModel | None = None
        self._known: dict[str, str] = {}

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the regression on the embedded questions and keeps them for the similarity."""
        examples = [message for message in training_data.intent_examples if message.features]
        embeddings = np.concatenate([_embedding(message) for message in examples])
        intents = [message.get_full_intent() for message in examples]
        arrays = {**IntentModel.fit(embeddings, intents, self._config["C"]), **_known_texts(training_data)}
        self._set(arrays)
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(folder / FILE, **arrays)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "FullIntentClassifier":
        """Reads a trained classifier."""
        classifier = cls(config, model_storage, resource)
        with (
            model_storage.read_from(resource) as folder,
            np.load(folder / FILE, allow_pickle=False) as stored,
        ):
            classifier._set(dict(stored))
        return classifier

    def _set(self, arrays: dict[str, NDArray[Any]]) -> None:
        self._model = IntentModel(arrays, self._config["similarity_weight"], self._config["candidates"])
        self._known = dict(zip(arrays["known"].tolist(), arrays["known_intents"].tolist(), strict=True))

    def process(self, messages: list[Message]) -> list[Message]:
        """Ranks the intents of each message that has an embedding."""
        embedded = [message for message in messages if message.features]
        if embedded and self._model:
            rankings = self._model.rank(np.concatenate([_embedding(message) for message in embedded]))
            for message, ranking in zip(embedded, rankings, strict=True):
                known = self._known.get(plain(words_of(message)))
                if known:
                    ranking = certain(ranking, known)
                    message.set(KNOWN, True)
                message.set(RANKING, ranking)
        return messages


def _known_texts(training_data: TrainingData) -> dict[str, NDArray[Any]]:
    known = {
        words: message.get_full_intent()
        for message in training_data.intent_examples
        if (words := plain(message.get(TEXT) or ""))
    }
    prefix = "utter_"
    for name, responses in training_data.responses.items():
        title = (responses[0].get("metadata") or {}).get("title")
        if title and name.startswith(f"{prefix}{FAQ}/"):
            known[plain(title)] = name.removeprefix(prefix)
    return {"known": np.array(list(known)), "known_intents": np.array(list(known.values()))}


def _embedding(message: Message) -> NDArray[np.float32]:
    _, sentence = message.get_dense_features(TEXT)
    return np.asarray(sentence.features, dtype=np.float32)
