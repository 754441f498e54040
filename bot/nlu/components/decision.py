"""Decides what a message means: safety first, then people, then questions (the last component of the pipeline).

It weighs all readings of the message (whole, parts, in context), sets the one intent that a rule answers, and for a
question how sure the assistant is: sure (the answer), between (did you mean) or lost.
"""

from dataclasses import replace
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.content.catalogue import FAQ
from bot.nlu.components.intent_classifier import KNOWN, RANKING
from bot.nlu.components.message_reader import ANSWERED, READING, words_of
from bot.nlu.components.safety_rules import SIGNALS
from bot.nlu.components.spelling_corrector import ENGLISH_SHARE
from bot.nlu.understanding import KEY, SHORTENED, Understanding
from bot.nlu.understanding.decision import Verdict, alarm_by_rules, decide
from bot.nlu.understanding.expected import expected_intent
from bot.nlu.understanding.interpretations import Reading, Thresholds, is_far_from_everything
from bot.nlu.understanding.language import build_detector, foreign_language, in_other_script

LOST, LOST_AGAIN, OTHER_LANGUAGE = "lost", "lost_again", "other_language"
EMPTY, TOO_LONG = "empty_message", "too_long"
PATIENCE = 2
SHOWN_RANKS = 5


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class DecisionMaker(GraphComponent):
    """Sets intent, ranking, response selector and ``Understanding`` of the message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The thresholds; each is explained in bot/nlu/understanding/interpretations.py."""
        return Thresholds.defaults()

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._detector = build_detector()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "DecisionMaker":
        """Checks the thresholds.

        Raises:
            InvalidConfigException: naming the key that is wrong.
        """
        try:
            return cls(Thresholds.from_config(config))
        except ValueError as error:
            raise InvalidConfigException(f"config.yml, DecisionMaker: {error}") from error

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Brings the readings of one message together; returns that message alone."""
        message = messages[0]
        verdict = self._verdict(message, messages, tracker)
        # Safety goes before whatever the bot has asked.
        if verdict.level != "safety":
            verdict = replace(verdict, intent=expected_intent(message.get(TEXT) or "", verdict.intent, tracker))
        _write(message, verdict)
        return [message]

    def _verdict(self, message: Message, messages: list[Message], tracker: DialogueStateTracker) -> Verdict:
        text = message.get(TEXT) or ""
        if not text.strip():
            return Verdict(EMPTY)
        readings = [
            Reading(words_of(each), each.get(READING), each.get(RANKING), each.get(SIGNALS), bool(each.get(KNOWN)))
            for each in messages
            if each.get(RANKING)
        ]
        language = self._language(text, message.get(ENGLISH_SHARE), readings[0])
        if language:
            # The classifier reads English only; the rules know numbers, and some words of other languages.
            return alarm_by_rules(readings) or Verdict(OTHER_LANGUAGE, language=language)
        verdict = decide(readings, self._thresholds, message.get(ANSWERED))
        if verdict.level == "safety":
            return verdict
        if (message.get("metadata") or {}).get(SHORTENED):
            return Verdict(TOO_LONG)
        if verdict.intent == LOST and _lost_in_a_row(tracker) >= PATIENCE:
            return Verdict(LOST_AGAIN, level="lost", ranking=verdict.ranking)
        return verdict

    def _language(self, text: str, english_share: float, whole: Reading) -> str | None:
        # The encoder knows no other script: to it all words of one are the same, and "near" means nothing.
        if in_other_script(text) or is_far_from_everything(whole, self._thresholds):
            return foreign_language(self._detector, text, english_share)
        return None


def _lost_in_a_row(tracker: DialogueStateTracker) -> int:
    count = 0
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            if event.intent_name not in {LOST, LOST_AGAIN}:
                break
            count += 1
    return count


def _write(message: Message, verdict: Verdict) -> None:
    name, _, answer = verdict.intent.partition("/")
    message.set(INTENT, {"name": name, "confidence": verdict.confidence}, add_to_output=True)
    ranking = [
        {"name": ranked.intent, "confidence": round(ranked.probability, 4)} for ranked in verdict.ranking[:SHOWN_RANKS]
    ]
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
    if answer:
        prediction = {"utter_action": f"utter_{verdict.intent}", "intent_response_key": verdict.intent}
        message.set("response_selector", {FAQ: {"response": prediction}}, add_to_output=True)
    if verdict.language:
        entity = {"entity": "language", "value": verdict.language, "start": 0, "end": 0}
        message.set(ENTITIES, [entity], add_to_output=True)
    understanding = Understanding(verdict.level, verdict.candidates, verdict.also, verdict.echo)
    message.set(KEY, understanding.as_dict(), add_to_output=True)
