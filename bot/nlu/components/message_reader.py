"""Finds what there is to understand in a message: the whole, its sentences, and what it means in context.

A story with a question inside, two questions at once, and "how long does that last?" after an answer on CRS are all
interpreted as extra messages beside the original. Later components treat them alike; the decision component brings them
together again.
"""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.components.component import Component
from bot.nlu.components.history import history_of
from bot.nlu.understanding.follow_up import Context, in_context
from bot.nlu.understanding.interpretations import IN_CONTEXT, SEGMENT, WHOLE
from bot.nlu.understanding.noise import without_noise
from bot.nlu.understanding.segmentation import own_words, segments

KIND, OWN_WORDS = "interpretation", "own_words"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class MessageReader(Component):
    """Adds a message for each segment and for the interpretation in context, marked under ``interpretation``."""

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Expands one message into its interpretations; the original stays first."""
        original = messages[0]
        text = own_words(without_noise(original.get(TEXT) or ""))
        original.set(KIND, WHOLE)
        original.set(OWN_WORDS, text)
        interpretations = [_interpretation(segment, SEGMENT) for segment in segments(text)]
        contextual = in_context(text, Context.of(history_of(tracker)))
        if contextual:
            interpretations.append(_interpretation(contextual, IN_CONTEXT))
        return [original, *interpretations]


def words_of(message: Message) -> str:
    """The visitor's own words in an interpretation; all of its text where nobody has separated them."""
    own: str | None = message.get(OWN_WORDS)
    return (message.get(TEXT) or "") if own is None else own


def _interpretation(text: str, kind: str) -> Message:
    return Message(data={TEXT: text, KIND: kind, OWN_WORDS: text})
