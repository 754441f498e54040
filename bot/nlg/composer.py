"""Composes what a visitor reads, in the language of the conversation (endpoints.yml, ``nlg``)."""

from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.content.catalogue import read_sources
from bot.content.languages import ENGLISH, read_languages, read_translation
from bot.nlg.speaker import Reply, Speaker
from bot.nlg.words import Words
from bot.nlu.components.history import language_of


class ReplyComposer(TemplatedNaturalLanguageGenerator):
    """Has a speaker for each language, made when it is first needed.

    Rasa gives its responses only to what is a ``TemplatedNaturalLanguageGenerator``.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        self._sources = read_sources()
        self._languages = read_languages()
        super().__init__(domain.responses)

    @property
    def responses(self) -> dict[str, list[Reply]]:
        """The domain's responses. Rasa sets them again when it has loaded the model."""
        return self._responses

    @responses.setter
    def responses(self, responses: dict[str, list[Reply]]) -> None:
        self._responses = responses
        self._english = Words.english(responses, self._sources)
        self._speakers = {ENGLISH: self._speaker_of(self._english)}

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> Reply | None:
        """The reply for ``utter_action``: ``text``, ``buttons`` and ``metadata``; None if there is no such response."""
        speaker = self._speaker(language_of(tracker) or ENGLISH)
        return await speaker.generate(utter_action, tracker, output_channel, **kwargs)

    def _speaker(self, code: str) -> Speaker:
        """The one of a language; who writes one that has no words here reads English."""
        if code not in self._languages:
            return self._speakers[ENGLISH]
        if code not in self._speakers:
            translation = read_translation(self._languages[code])
            self._speakers[code] = self._speaker_of(Words.translated(self._english, translation, self._sources))
        return self._speakers[code]

    def _speaker_of(self, words: Words) -> Speaker:
        return Speaker(words, [language.name for language in self._languages.values() if language.is_spoken])
