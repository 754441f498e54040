"""Gives every message a sentence embedding (the first component of config.yml's pipeline)."""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.spelling_corrector import MENDED
from bot.nlu.encoder import Encoder


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class SentenceEncoder(GraphComponent):
    """Adds one dense sentence feature of shape (1, 384) and length 1 to each message with text."""

    def __init__(self, name: str, encoder: Encoder) -> None:
        self._name = name
        self._encoder = encoder

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEncoder":
        """Loads the encoder's weights."""
        return cls(execution_context.node_name or cls.__name__, Encoder())

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embeds the training questions."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Embeds the messages, all at once, with their spelling mended."""
        readable = [message for message in messages if message.get(TEXT)]
        vectors = self._encoder.encode([message.get(MENDED) or message.get(TEXT) for message in readable])
        for message, vector in zip(readable, vectors, strict=True):
            message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._name))
        return messages
