"""Marks each interpretation of a message with what the safety rules find in it."""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.components.component import Component
from bot.nlu.components.message_reader import words_of
from bot.nlu.safety.reading import signals_of
from bot.nlu.safety.rules import RuleMatcher, read_rules
from bot.nlu.safety.signals import Signals

SIGNALS = "safety_signals"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class SafetyRules(Component):
    """Sets ``Signals`` on every message, under ``SIGNALS``, by the rules of data/nlu/safety_rules.yml."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        matcher: RuleMatcher | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource)
        self._matcher = matcher or RuleMatcher(read_rules())

    def process(self, messages: list[Message]) -> list[Message]:
        """Applies the rules to every interpretation."""
        for message in messages:
            message.set(SIGNALS, self.signals(words_of(message)))
        return messages

    def signals(self, text: str) -> Signals:
        """What the rules find in a text."""
        return signals_of(text, self._matcher)
