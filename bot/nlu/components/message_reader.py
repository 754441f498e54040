"""Finds what there is to understand in a message: the whole, its sentences, and what it means in context.

A story with a question inside, two questions at once, and "how long does that last?" after an answer on CRS are all
read as extra messages beside the original. Later components treat them alike, in one batch; the decision component
brings them together again.
"""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.understanding.follow_up import Context, in_context
from bot.nlu.understanding.interpretations import IN_CONTEXT, PART, WHOLE
from bot.nlu.understanding.segmentation import own_words, parts

READING, OWN_WORDS, ANSWERED = "reading", "own_words", "answered_before"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class MessageReader(GraphComponent):
    """Adds a message for each part and for the reading in context, marked under ``reading``."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "MessageReader":
        """Needs no configuration."""
        return cls()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Expands one message into its readings; the original stays first."""
        original = messages[0]
        text = own_words(original.get(TEXT) or "")
        original.set(READING, WHOLE)
        original.set(OWN_WORDS, text)
        readings = [_reading(part, PART) for part in parts(text)]
        context = Context.of(tracker)
        contextual = in_context(text, context)
        if contextual:
            readings.append(_reading(contextual, IN_CONTEXT))
            original.set(ANSWERED, context.answer)
        return [original, *readings]


def words_of(message: Message) -> str:
    """The visitor's own words in a reading; all of its text where nobody has separated them."""
    return message.get(OWN_WORDS) or message.get(TEXT) or ""


def _reading(text: str, kind: str) -> Message:
    return Message(data={TEXT: text, READING: kind, OWN_WORDS: text})
