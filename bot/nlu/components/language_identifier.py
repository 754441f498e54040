"""Finds the language of a message, and the one that the conversation is in from then on.

English goes on as it always has, and loads nothing more. Another language skips the English encoder and is ranked by
``MultilingualClassifier``. Words of a translated title or button are certain: their English meaning is read instead.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.content.languages import ENGLISH, LANGUAGES_FOLDER, read_languages, read_questions
from bot.nlu.components.component import Component
from bot.nlu.components.history import history_of
from bot.nlu.components.message_reader import MEANT, words_of
from bot.nlu.components.spelling_corrector import ENGLISH_SHARE
from bot.nlu.understanding import PAGE_LANGUAGE
from bot.nlu.understanding.history import History
from bot.nlu.understanding.language import Heard, LanguageReader
from bot.nlu.understanding.language_model import LanguageModel

# On every interpretation: the language, where it is not English. On the message: what is known of the language.
FOREIGN, HEARD, CONVERSATION_LANGUAGE = "foreign_language", "language_heard", "conversation_language"
FILE = "languages.npz"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class LanguageIdentifier(Component):
    """Sets ``FOREIGN``, ``HEARD`` and ``CONVERSATION_LANGUAGE``."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LanguageModel | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource)
        self._languages = read_languages()
        self._reader = LanguageReader(self._languages, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the languages' letters from all examples."""
        examples: dict[str, list[str]] = defaultdict(list)
        examples[ENGLISH] = [message.get(TEXT) or "" for message in training_data.intent_examples]
        for code in self._languages:
            examples[code] += [text for _, text in read_questions(LANGUAGES_FOLDER / code)]
        model = LanguageModel.train({code: texts for code, texts in examples.items() if texts})
        self._reader = LanguageReader(self._languages, model)
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / FILE, **model.as_arrays())
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "LanguageIdentifier":
        """Reads what was learned."""
        with (
            model_storage.read_from(resource) as folder,
            np.load(folder / FILE, allow_pickle=False) as stored,
        ):
            return cls(config, model_storage, resource, LanguageModel.of_arrays(stored))

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Marks all interpretations of one message."""
        whole, history = messages[0], history_of(tracker)
        before = history.language or self._of_page(whole)
        meant = whole.get(MEANT)
        if meant:
            heard = Heard(meant.language, is_evidence=True)
        else:
            heard = self._reader.read(words_of(whole), whole.get(ENGLISH_SHARE) or 0.0, self._spoken(before))
            if heard.code != ENGLISH:
                for message in messages:
                    message.set(FOREIGN, heard.code)
        whole.set(HEARD, heard)
        whole.set(CONVERSATION_LANGUAGE, self._from_now_on(before, heard, history))
        return messages

    def _of_page(self, message: Message) -> str | None:
        return self._spoken((message.get("metadata") or {}).get(PAGE_LANGUAGE))

    def _spoken(self, code: str | None) -> str | None:
        language = self._languages.get(code or "")
        return code if language and language.is_spoken else None

    def _from_now_on(self, before: str | None, heard: Heard, history: History) -> str | None:
        """The conversation's language; None as long as all of it was English."""
        # Names and addresses come in any script.
        is_evidence = heard.is_evidence and (not history.form or heard.is_sentence or heard.is_wish)
        # Who is answered in one language stays in it while they write one that nobody answers in.
        is_better = self._spoken(heard.code) is not None or self._spoken(before) in (None, ENGLISH)
        if heard.code == ENGLISH and before is None and not heard.is_wish:
            return None
        return heard.code if is_evidence and is_better else before
