"""Mends misspelled terms before a message is embedded, and notes how much of it is English."""

import json
from collections import Counter
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.component import Component, number
from bot.nlu.components.message_reader import words_of
from bot.nlu.understanding.spelling import Spelling, words

MENDED, ENGLISH_SHARE = "mended_text", "english_share"
FILE = "terms.json"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class SpellingCorrector(Component):
    """Sets the mended text and the share of English words on every message. Its terms are the words of the answers."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Values that serve any content; config.yml has those for this one."""
        return {"alike": 0.75, "often": 5}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        terms: list[str] | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource)
        self._often = number(config, "often", 1)
        self._alike = number(config, "alike", 0, 1)
        self._spelling = None if terms is None else Spelling(terms, self._alike)

    def train(self, training_data: TrainingData) -> Resource:
        """Collects the words of all answers, and of the questions those that come often: rare ones may be typos."""
        answers = [entry.get("text") or "" for entries in training_data.responses.values() for entry in entries]
        asked = Counter(word.lower() for message in training_data.intent_examples for word in words(message.get(TEXT)))
        often = {word for word, count in asked.items() if count >= self._often}
        terms = sorted({word.lower() for text in answers for word in words(text)} | often)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / FILE).write_text(json.dumps(terms), encoding="utf-8")
        self._spelling = Spelling(terms, self._alike)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "SpellingCorrector":
        """Reads the terms."""
        with model_storage.read_from(resource) as folder:
            terms = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, terms)

    def process(self, messages: list[Message]) -> list[Message]:
        """Mends every interpretation."""
        if self._spelling:
            for message in messages:
                mended = self._spelling.mend(words_of(message))
                message.set(MENDED, mended)
                message.set(ENGLISH_SHARE, self._spelling.english_share(mended))
        return messages
