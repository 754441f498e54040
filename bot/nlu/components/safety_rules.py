"""Marks each interpretation of a message with what the safety rules find in it."""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.components.component import Component
from bot.nlu.components.language_identifier import FOREIGN
from bot.nlu.components.message_reader import words_of
from bot.nlu.safety.local_numbers import VitalWords, has_dangerous_number
from bot.nlu.safety.reading import signals_of
from bot.nlu.safety.rules import RuleMatcher, read_rules
from bot.nlu.safety.signals import CRISIS, Signals

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
        self._vitals = VitalWords.read()

    def process(self, messages: list[Message]) -> list[Message]:
        """Applies the rules to every interpretation."""
        for message in messages:
            read = self._foreign_signals if message.get(FOREIGN) else self.signals
            message.set(SIGNALS, read(words_of(message)))
        return messages

    def signals(self, text: str) -> Signals:
        """What the rules find in an English text."""
        return signals_of(text, self._matcher)

    def _foreign_signals(self, text: str) -> Signals:
        """Dangerous numbers, and words of a crisis: the other rules' words mean something else elsewhere ("pain")."""
        found = self.signals(text)
        dangerous = found.dangerous_number or has_dangerous_number(text, self._vitals)
        return Signals(found.meanings & {CRISIS}, dangerous)
