"""Ranks the intents of messages that are not English: one softmax over the examples of all other languages.

Its encoder and examples are opened when the first such message comes: who writes English loads nothing of it.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.content.catalogue import FAQ
from bot.content.languages import ENGLISH, LANGUAGES_FOLDER, plain, read_languages, read_questions, read_translation
from bot.nlu.components.component import Component, number
from bot.nlu.components.intent_classifier import KNOWN, RANKING
from bot.nlu.components.language_identifier import FOREIGN
from bot.nlu.components.message_reader import words_of
from bot.nlu.understanding.intent_model import IntentModel, certain

FILE, EXAMPLES_FILE = "multilingual.npz", "multilingual_examples.npy"
ANSWER = f"utter_{FAQ}/"


class TextEncoder(Protocol):
    """What turns texts of any language into vectors."""

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """float32 array of shape (len(texts), dimensions), each row of length 1."""


def load_encoder() -> TextEncoder:
    """The multilingual encoder; nothing of it is read before its first text."""
    from bot.nlu.multilingual import MultilingualEncoder

    return MultilingualEncoder()


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class MultilingualClassifier(Component):
    """Sets the ranking of every interpretation that is not English, and whether its words are known."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Values that serve some ten examples an intent; config.yml has those for this content."""
        return {"C": 5.0, "similarity_weight": 10.0, "candidates": 12}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        encoder: Callable[[], TextEncoder] = load_encoder,
    ) -> None:
        super().__init__(config, model_storage, resource)
        number(config, "C", 1e-6)
        number(config, "similarity_weight", 0)
        number(config, "candidates", 1)
        self._load_encoder = encoder
        self._arrays: dict[str, NDArray[Any]] = {}
        self._known: dict[str, str] = {}

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from data/languages; nothing where no language has examples."""
        examples = list(_examples())
        with self._model_storage.write_to(self._resource) as folder:
            if examples:
                self._set(self._fit(examples))
                # By itself, so that it can stay in its file until it is needed.
                np.save(folder / EXAMPLES_FILE, self._arrays["examples"])
                rest = {name: array for name, array in self._arrays.items() if name != "examples"}
                np.savez(folder / FILE, **rest)
        return self._resource

    def _fit(self, examples: list[tuple[str, str, str]]) -> dict[str, NDArray[Any]]:
        languages, intents, texts = zip(*examples, strict=True)
        known = {plain(text): intent for intent, text in zip(intents, texts, strict=True) if plain(text)}
        embeddings = self._embedded(list(texts))
        codes = sorted(set(languages))
        of_language = np.array(languages)
        means = np.stack([embeddings[of_language == code].mean(axis=0) for code in codes])
        rows = np.array([codes.index(code) for code in languages])
        return {
            **IntentModel.fit(_without(means[rows], embeddings), intents, self._config["C"]),
            "codes": np.array(codes),
            "means": means,
            "known": np.array(list(known)),
            "known_intents": np.array(list(known.values())),
        }

    def _embedded(self, texts: list[str]) -> NDArray[np.float32]:
        """All texts, on all cores: thousands of them take most of the training's time."""
        cores = os.cpu_count() or 1
        first = self._encoder.encode(texts[:1])
        rest = [texts[1 + start :: cores] for start in range(cores)]
        vectors = np.empty((len(texts), first.shape[1]), dtype=np.float32)
        vectors[:1] = first
        with ThreadPoolExecutor(cores) as pool:
            for start, part in enumerate(pool.map(self._encoder.encode, rest)):
                vectors[1 + start :: cores] = part
        return vectors

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "MultilingualClassifier":
        """Reads a trained classifier; the examples stay in their file."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            classifier._read(folder)
        return classifier

    def _read(self, folder: Path) -> None:
        if not (folder / FILE).exists():
            return
        with np.load(folder / FILE, allow_pickle=False) as stored:
            self._set({**stored, "examples": np.load(folder / EXAMPLES_FILE, mmap_mode="r")})

    def _set(self, arrays: dict[str, NDArray[Any]]) -> None:
        self._arrays = arrays
        self._known = dict(zip(arrays["known"].tolist(), arrays["known_intents"].tolist(), strict=True))

    @cached_property
    def _encoder(self) -> TextEncoder:
        return self._load_encoder()

    @cached_property
    def _model(self) -> IntentModel:
        return IntentModel(self._arrays, self._config["similarity_weight"], self._config["candidates"])

    def process(self, messages: list[Message]) -> list[Message]:
        """Ranks the interpretations of a message that is not English."""
        foreign = [message for message in messages if message.get(FOREIGN) and words_of(message).strip()]
        if foreign and self._arrays:
            embeddings = self._encoder.encode([words_of(message) for message in foreign])
            rankings = self._model.rank(_without(self._means(foreign), embeddings))
            for message, ranking in zip(foreign, rankings, strict=True):
                known = self._known.get(plain(words_of(message)))
                message.set(KNOWN, bool(known))
                message.set(RANKING, certain(ranking, known) if known else ranking)
        return messages

    def _means(self, messages: list[Message]) -> NDArray[np.float32]:
        """The mean of each message's language; of all languages, where there are no examples of it."""
        codes, means = self._arrays["codes"].tolist(), self._arrays["means"]
        known = [codes.index(code) if (code := message.get(FOREIGN)) in codes else len(codes) for message in messages]
        return np.asarray(np.concatenate([means, means.mean(axis=0, keepdims=True)])[known], dtype=np.float32)


def _without(means: NDArray[np.float32], embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """The embeddings without what all texts of their languages have in common."""
    rest = embeddings - means
    rest /= np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-6)
    return rest


def _examples() -> Iterator[tuple[str, str, str]]:
    """All examples, (language, intent, text) each: the messages of data/languages and the titles of the answers."""
    for language in read_languages().values():
        if language.code == ENGLISH:
            continue
        for intent, text in read_questions(LANGUAGES_FOLDER / language.code):
            yield language.code, intent, text
        for name, (first, *_) in read_translation(language).responses.items():
            if name.startswith(ANSWER) and (title := (first.get("metadata") or {}).get("title")):
                yield language.code, name.removeprefix("utter_"), str(title)
