"""Composes what a visitor reads: the words are responses in YAML, this adds what depends on the conversation.

An answer gets its related questions as buttons and one Source line, the did-you-mean its question buttons. What
cannot wait is said once in every reply whose metadata in YAML says ``cannot_wait: true``, and in the first ordinary
reply of a conversation (unless ``cannot_wait: false``), together with the notice that this is general information.
"""

from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.content.catalogue import Answer, Source, read_answers, read_sources
from bot.nlu.understanding import Understanding
from bot.storage.tracker_store import RECENT_EVENTS

NOTICE = "utter_notice"
CANNOT_WAIT = "utter_cannot_wait"
ANSWER = "utter_faq/"
DID_YOU_MEAN = "utter_did_you_mean"
# Nothing may stand beside these: the visitor has to act on them, now; or was not heard at all.
ALONE = {"utter_crisis", "utter_emergency", "utter_unavailable"}

Reply = dict[str, Any]


class ReplyComposer(TemplatedNaturalLanguageGenerator):
    """Rasa's response templates plus sources, related questions and the notice (endpoints.yml, ``nlg``)."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        self._sources = read_sources()
        super().__init__(domain.responses)

    @property
    def responses(self) -> dict[str, list[Reply]]:
        """The domain's responses. Rasa sets them again when it has loaded the model."""
        return self._responses

    @responses.setter
    def responses(self, responses: dict[str, list[Reply]]) -> None:
        self._responses = responses
        self._answers = read_answers(responses, self._sources)

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> Reply | None:
        """The reply for ``utter_action``: ``text``, ``buttons`` and ``metadata``; None if there is no such response."""
        reply: Reply | None = await super().generate(utter_action, tracker, output_channel, **kwargs)
        if reply is None:
            return None
        understanding = Understanding.of(tracker.latest_message)
        first = utter_action not in ALONE and _is_first(tracker)
        if utter_action.startswith(ANSWER):
            return self._answer(utter_action.removeprefix(ANSWER), understanding, first)
        if utter_action == DID_YOU_MEAN:
            reply["buttons"] = [self._button(name) for name in understanding.candidates] + (reply.get("buttons") or [])
        # What the response's own metadata says (bot/nlu/understanding/expected.py, the widget) travels with it.
        reply["metadata"] = {**(reply.get("metadata") or {}), "kind": utter_action.removeprefix("utter_")}
        if first:
            reply["metadata"].setdefault("cannot_wait", True)
        if closing := self._closing(first, bool(reply["metadata"].get("cannot_wait"))):
            reply["text"] = "\n\n".join([reply["text"].strip(), *closing])
        return reply

    def _answer(self, name: str, understanding: Understanding, first: bool) -> Reply:
        answers = [self._answers[key] for key in [name, *understanding.also]]
        parts = [_titled(answer) for answer in answers] if len(answers) > 1 else [answers[0].text]
        if understanding.echo and len(answers) == 1:
            parts = [_titled(answers[0])]
        cannot_wait = first or any(answer.cannot_wait for answer in answers)
        sources = list(dict.fromkeys(source for answer in answers for source in answer.sources))
        # What may have been meant instead comes before what is worth reading next.
        related = dict.fromkeys([*understanding.candidates, *(key for answer in answers for key in answer.related)])
        shown = [key for key in related if key not in {answer.name for answer in answers}]
        return {
            "text": "\n\n".join([*parts, *self._closing(first, cannot_wait), _source_line(sources)]),
            "buttons": [self._button(key) for key in shown[:3]],
            "metadata": {
                "kind": "answer",
                "answers": [answer.name for answer in answers],
                "title": answers[0].title,
                "subject": answers[-1].subject,
                "reviewed": min(answer.reviewed for answer in answers),
                "sources": [vars(source) for source in sources],
                **({"cannot_wait": True} if cannot_wait else {}),
            },
        }

    def _button(self, name: str) -> dict[str, str]:
        # The payload is the question itself: it reads well in any app, and typing it does the same.
        title = self._answers[name].title
        return {"title": title, "payload": title}

    def _closing(self, first: bool, cannot_wait: bool) -> list[str]:
        keys = [*([CANNOT_WAIT] if cannot_wait else []), *([NOTICE] if first else [])]
        return [str(self.responses[key][0]["text"]).strip() for key in keys]


def _is_first(tracker: DialogueStateTracker) -> bool:
    """Whether no ordinary reply has been given yet."""
    # The tracker holds the recent past only: a long one is no first conversation.
    return len(tracker.events) < RECENT_EVENTS and not any(
        isinstance(event, BotUttered) and event.metadata.get("utter_action") not in ALONE for event in tracker.events
    )


def _titled(answer: Answer) -> str:
    return f"{answer.title}\n\n{answer.text}"


def _source_line(sources: list[Source]) -> str:
    return "Source: " + "; ".join(str(source) for source in sources)
