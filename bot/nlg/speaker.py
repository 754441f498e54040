"""What is said in one language: the words are responses in YAML, this adds what depends on the conversation.

An answer gets its related questions as buttons and one Source line, and the did-you-mean its question buttons. What
cannot wait is said in the reply to a message that might be an alarm, and where a reply's metadata in YAML says
``cannot_wait: true``; an answer names the emergency numbers only, because its own text says the rest. So does the first
ordinary reply of a conversation (unless ``cannot_wait: false``), which also says that this is general information.
"""

from collections.abc import Sequence
from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.content.catalogue import Answer
from bot.content.languages import ENGLISH
from bot.nlg.last_reply import LastReply
from bot.nlg.words import Words
from bot.nlu.components.history import LANGUAGE_SLOT, language_of
from bot.nlu.understanding import Understanding
from bot.nlu.understanding.urgency import CRISIS, EMERGENCY, Urgency
from bot.storage.tracker_store import RECENT_EVENTS

NOTICE = "utter_notice"
CANNOT_WAIT, IN_EMERGENCY = "utter_cannot_wait", "utter_in_emergency"
HEDGE = "utter_detail_may_be_missing"
# What cannot wait, by what the message might be.
LINES = {CRISIS: "utter_cannot_wait_crisis", EMERGENCY: CANNOT_WAIT}
ANSWER = "utter_faq/"
DID_YOU_MEAN, OTHER_LANGUAGE = "utter_did_you_mean", "utter_other_language"
# Says once that a translation has not been read by a second person.
DRAFT = "utter_draft_translation"
# Metadata of a reply: the language that it is in, once it is known.
LANGUAGE = "language"
ASKED_AGAIN, IN_SHORT, WORDS_EXPLAINED = "utter_asked_again", "utter_in_short", "utter_words_explained"
SHORTER, EXPLAIN, REPEAT, MORE = (f"utter_about_reply_{what}" for what in ("shorter", "explain", "repeat", "more"))
# Nothing may stand beside these: the visitor has to act on them, now; or was not heard at all.
ALONE = {"utter_crisis", "utter_emergency", "utter_unavailable"}
MOST_BUTTONS, MOST_EXPLAINED = 3, 4
# Characters that are read on a phone without losing the thread. Two answers that are longer together are cut to their
# first paragraphs, the second one first.
LONGEST = 1200

Reply = dict[str, Any]


class Speaker(TemplatedNaturalLanguageGenerator):
    """Rasa's response templates plus sources, related questions and the notice, in one language.

    Args:
        words: of the language.
        languages: names of all languages that questions are answered in, in themselves.
    """

    def __init__(self, words: Words, languages: Sequence[str]) -> None:
        super().__init__(words.responses)
        self._spoken = words
        self._answers = words.answers
        self._named = {answer.title: name for name, answer in words.answers.items()}
        self._languages = languages

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> Reply | None:
        """The reply for ``utter_action``: ``text``, ``buttons`` and ``metadata``; None if there is no such response."""
        # The slot may lag behind (bot/nlu/components/history.py), and a variation may wait for it.
        slots = {**tracker.current_slot_values(), LANGUAGE_SLOT: language_of(tracker)}
        reply: Reply | None = self.generate_from_slots(utter_action, slots, output_channel, **kwargs)
        if reply is None:
            return None
        composed = self._composed(utter_action, reply, tracker)
        language = self._spoken.language or (ENGLISH if slots[LANGUAGE_SLOT] == ENGLISH else None)
        if language:
            composed["metadata"] = {**(composed.get("metadata") or {}), LANGUAGE: language}
        if self._spoken.is_draft and utter_action not in ALONE and not _has_spoken(tracker, language):
            composed["text"] = _before_sources(composed, self._words(DRAFT))
        return composed

    def _composed(self, utter_action: str, reply: Reply, tracker: DialogueStateTracker) -> Reply:
        message = tracker.latest_message
        understanding = Understanding.of(message.parse_data if message else None)
        first = utter_action not in ALONE and _is_first(tracker)
        possible = LINES[understanding.concern or EMERGENCY] if understanding.urgency is Urgency.POSSIBLE else None
        numbers = possible or (IN_EMERGENCY if first else None)
        if utter_action.startswith(ANSWER):
            names = (utter_action.removeprefix(ANSWER), *understanding.also)
            if understanding.again:
                return self._in_short(ASKED_AGAIN, names, numbers, understanding.candidates)
            return self._answer(names, first, numbers, understanding)
        if about_reply := self._about_last_reply(utter_action, LastReply.of(tracker), numbers):
            return about_reply
        if utter_action == DID_YOU_MEAN:
            reply["buttons"] = [self._button(name) for name in understanding.candidates] + (reply.get("buttons") or [])
        if utter_action == OTHER_LANGUAGE:
            offered = [{"title": name, "payload": name} for name in self._languages]
            reply["buttons"] = offered + (reply.get("buttons") or [])
        # What the response's own metadata says (bot/nlu/understanding/expected.py, the widget) travels with it.
        metadata = reply["metadata"] = {**(reply.get("metadata") or {}), "kind": utter_action.removeprefix("utter_")}
        if utter_action in ALONE or metadata.get("cannot_wait") is False:
            line = None
        else:
            line = possible or (CANNOT_WAIT if metadata.get("cannot_wait") else numbers)
        if line:
            metadata["cannot_wait"] = True
        said = [reply["text"].strip(), *([self._words(line)] if line else [])]
        # Where it might be an alarm and there is no answer, what cannot wait comes first.
        said = said[::-1] if possible else said
        reply["text"] = "\n\n".join([*said, *([self._words(NOTICE)] if first else [])])
        return reply

    def _about_last_reply(self, utter_action: str, last: LastReply, numbers: str | None) -> Reply | None:
        """The reply to a message about the last one; None where the response's own words are the reply."""
        if utter_action == REPEAT and last.text:
            return {"text": last.text, "buttons": list(last.buttons), "metadata": last.metadata or {}}
        if not last.answers:
            return None
        if utter_action == SHORTER:
            return self._in_short(IN_SHORT, last.answers, numbers)
        if utter_action == EXPLAIN:
            return self._explained(last.answers, numbers)
        if utter_action == MORE:
            related = (key for name in last.answers for key in self._answers[name].related)
            following = next((key for key in related if key not in last.given), None)
            titled = Understanding(echo=True)
            return self._answer((following,), False, numbers, titled) if following else None
        return None

    def _answer(self, names: Sequence[str], first: bool, line: str | None, understanding: Understanding) -> Reply:
        answers = [self._answers[name] for name in names]
        titled = understanding.echo or len(answers) > 1
        closing = [self._words(HEDGE)] if understanding.hedge else []
        buttons = self._related(answers, understanding.candidates)
        # All answers whole; where that is too long, the last ones in short.
        for whole in range(len(answers), -1, -1):
            parts = [
                "\n\n".join([*([answer.title] if titled else []), answer.text if row < whole else answer.in_short])
                for row, answer in enumerate(answers)
            ]
            reply = self._with_sources([*parts, *closing], answers, buttons, line, first)
            if len(answers) == 1 or len(reply["text"]) <= LONGEST:
                break
        return reply

    def _in_short(self, lead: str, names: Sequence[str], line: str | None, candidates: Sequence[str] = ()) -> Reply:
        """What the answers say in their first paragraphs, with the buttons of the response that leads to it."""
        answers = [self._answers[name] for name in names]
        parts = [self._words(lead), *(answer.in_short for answer in answers)]
        further = self.responses[lead][0].get("buttons") or []
        buttons = [*self._related(answers, candidates)[: MOST_BUTTONS - len(further)], *further]
        return self._with_sources(parts, answers, buttons, line)

    def _explained(self, names: Sequence[str], line: str | None) -> Reply | None:
        """What the hard words of the answers mean; None where there are none."""
        answers = [self._answers[name] for name in names]
        text = " ".join(answer.text for answer in answers)
        found = [explanation for explanation in self._spoken.explanations if explanation.stands_in(text)][
            :MOST_EXPLAINED
        ]
        if not found:
            return None
        words = "\n".join(f"- {explanation.term}: {explanation.text}" for explanation in found)
        return self._with_sources([self._words(WORDS_EXPLAINED), words], answers, self._related(answers, ()), line)

    def _with_sources(
        self,
        parts: list[str],
        answers: list[Answer],
        buttons: list[dict[str, str]],
        line: str | None,
        first: bool = False,
    ) -> Reply:
        line = line or (IN_EMERGENCY if any(answer.cannot_wait for answer in answers) else None)
        closing = [self._words(key) for key in (line, NOTICE if first else None) if key]
        sources = list(dict.fromkeys(source for answer in answers for source in answer.sources))
        named = dict.fromkeys(answer.page for answer in answers)
        pages = [self._spoken.pages[name] for name in named if name in self._spoken.pages]
        return {
            "text": "\n\n".join([*parts, *closing, self._spoken.source_line(sources)]),
            "buttons": buttons,
            "metadata": {
                "kind": "answer",
                "answers": [answer.name for answer in answers],
                "title": answers[0].title,
                # What the next message may refer to (bot/nlu/understanding/follow_up.py).
                "asked": answers[-1].title,
                "subject": answers[-1].subject,
                "offered": [self._named[button["title"]] for button in buttons if button["title"] in self._named],
                "reviewed": min(answer.reviewed for answer in answers),
                **({"pages": pages} if pages else {}),
                "sources": [self._spoken.glossed(source) for source in sources],
                **({"cannot_wait": True} if line else {}),
            },
        }

    def _related(self, answers: Sequence[Answer], candidates: Sequence[str]) -> list[dict[str, str]]:
        # What may have been meant instead comes before what is worth reading next.
        related = dict.fromkeys([*candidates, *(key for answer in answers for key in answer.related)])
        shown = [key for key in related if key not in {answer.name for answer in answers}]
        return [self._button(key) for key in shown[:MOST_BUTTONS]]

    def _button(self, name: str) -> dict[str, str]:
        # The payload is the question itself: it reads well in any app, and typing it does the same.
        title = self._answers[name].title
        return {"title": title, "payload": title}

    def _words(self, response: str) -> str:
        return str(self.responses[response][0]["text"]).strip()


def _before_sources(reply: Reply, words: str) -> str:
    """The reply's text with one line more; an answer ends with its sources."""
    text = str(reply["text"])
    if not (reply.get("metadata") or {}).get("sources"):
        return f"{text}\n\n{words}"
    said, _, sources = text.rpartition("\n\n")
    return f"{said}\n\n{words}\n\n{sources}"


def _is_first(tracker: DialogueStateTracker) -> bool:
    """Whether no ordinary reply has been given yet."""
    # The tracker holds the recent past only: a long one is no first conversation.
    return len(tracker.events) < RECENT_EVENTS and not any(
        isinstance(event, BotUttered) and event.metadata.get("utter_action") not in ALONE for event in tracker.events
    )


def _has_spoken(tracker: DialogueStateTracker, language: str | None) -> bool:
    """Whether something was said in this language lately."""
    return any(
        isinstance(event, BotUttered) and (event.metadata.get("metadata") or {}).get(LANGUAGE) == language
        for event in tracker.events
    )
