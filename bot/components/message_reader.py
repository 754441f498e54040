"""Finds what there is to understand in a message: the whole, its sentences, and what it means in context.

A story with a question inside, two questions at once, and "how long does that last?" after an answer on CRS are all
read as extra messages beside the original. Later components treat them alike, in one batch; the decision component
brings them together again.
"""

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.understanding.context import Context, in_context

READING = "reading"
WHOLE, PART, IN_CONTEXT = "whole", "part", "in_context"
MAX_PARTS = 24

# A sentence's end, a line's end, or "and" before the beginning of a second question.
_BOUNDARY = re.compile(
    r"(?<=[.!?。？！])[\"')\]]*\s+|\n+|;\s+|"
    r",?\s+(?:and|also|plus|but)\s+(?:also\s+)?(?=(?:what|how|who|when|where|why|which|is|are|can|could|do|does|will|would)\b)",
    re.IGNORECASE,
)
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)


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
        text = original.get(TEXT) or ""
        original.set(READING, WHOLE)
        readings = [_reading(part, PART) for part in parts(text)]
        contextual = in_context(text, Context.of(tracker))
        if contextual:
            readings.append(_reading(contextual, IN_CONTEXT))
        return [original, *readings]


def parts(text: str) -> list[str]:
    """The sentences and joined questions of a text, when it has more than one.

    The end of a long message is kept rather than its middle: that is where people put the question.
    """
    own_words = _QUOTED_LINE.sub("", text)
    found = [part.strip() for part in _BOUNDARY.split(own_words) if part and part.strip()]
    if len(found) < 2 and own_words.strip() == text.strip():
        return []
    return found[:4] + found[4:][-(MAX_PARTS - 4) :]


def _reading(text: str, kind: str) -> Message:
    return Message(data={TEXT: text, READING: kind})
