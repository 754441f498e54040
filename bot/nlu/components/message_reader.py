"""Finds what there is to understand in a message: the whole, its sentences, and what it means in context.

A story with a question inside, two questions at once, and "how long does that last?" after an answer on CRS are all
interpreted as extra messages beside the original. Later components treat them alike; the decision component brings them
together again.
"""

from dataclasses import dataclass
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.content.languages import known_texts, plain
from bot.content.length import count_words
from bot.nlu.components.component import Component
from bot.nlu.components.history import history_of
from bot.nlu.understanding.follow_up import Context, in_context
from bot.nlu.understanding.interpretations import IN_CONTEXT, SEGMENT, WHOLE
from bot.nlu.understanding.noise import without_noise
from bot.nlu.understanding.segmentation import own_words, segments

KIND, OWN_WORDS, MEANT = "interpretation", "own_words", "meant"
# A title or button of so many words tells the language that it is in.
FEWEST_WORDS = 3


@dataclass(frozen=True)
class Meant:
    """What is word for word a title or a button in another language.

    Attributes:
        english: the words of the original.
    """

    language: str
    english: str


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class MessageReader(Component):
    """Adds a message for each segment and for the interpretation in context, marked under ``interpretation``."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._known = known_texts()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Expands one message into its interpretations; the original stays first."""
        original, history = messages[0], history_of(tracker)
        text = own_words(without_noise(original.get(TEXT) or ""))
        original.set(KIND, WHOLE)
        original.set(OWN_WORDS, text)
        if meant := self._meant(text, history.language):
            original.set(MEANT, meant)
            original.set(OWN_WORDS, meant.english)
            return [original]
        interpretations = [_interpretation(segment, SEGMENT) for segment in segments(text)]
        contextual = in_context(text, Context.of(history))
        if contextual:
            interpretations.append(_interpretation(contextual, IN_CONTEXT))
        return [original, *interpretations]

    def _meant(self, text: str, language: str | None) -> Meant | None:
        """What a translated title or button means; "no" is one in several languages, and English besides."""
        found = dict(self._known.get(plain(text), ()))
        if language in found:
            return Meant(language, found[language])
        if not found or language or count_words(text) < FEWEST_WORDS:
            return None
        return Meant(*next(iter(found.items())))


def words_of(message: Message) -> str:
    """The visitor's own words in an interpretation; all of its text where nobody has separated them."""
    own: str | None = message.get(OWN_WORDS)
    return (message.get(TEXT) or "") if own is None else own


def _interpretation(text: str, kind: str) -> Message:
    return Message(data={TEXT: text, KIND: kind, OWN_WORDS: text})
