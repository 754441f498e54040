"""Gives every interpretation of a message a sentence embedding."""

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.component import Component
from bot.nlu.components.language_identifier import FOREIGN
from bot.nlu.components.spelling_corrector import MENDED
from bot.nlu.encoder import Encoder


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class SentenceEncoder(Component):
    """Adds one dense sentence feature of shape (1, 384) and length 1 to each message with text."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._name = type(self).__name__
        self._encoder = Encoder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEncoder":
        """Loads the encoder's weights; features carry the name of the component's place in the pipeline."""
        encoder = cls(config, model_storage, resource)
        encoder._name = execution_context.node_name or cls.__name__
        return encoder

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embeds the training questions."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Embeds the English messages, with their spelling mended."""
        readable = [message for message in messages if message.get(TEXT) and not message.get(FOREIGN)]
        vectors = self._encoder.encode([message.get(MENDED) or message.get(TEXT) for message in readable])
        for message, vector in zip(readable, vectors, strict=True):
            message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._name))
        return messages
