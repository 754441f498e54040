"""Decides what a message means: safety first, then people, then questions (the last component of the pipeline).

It weighs all interpretations of the message (whole, segments, in context), sets the one intent that a rule answers, how
urgent it is, and for a question how sure the assistant is: sure (the answer), between (did you mean) or lost.
"""

from dataclasses import replace
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.content.catalogue import FAQ
from bot.nlu.components.component import Component, number
from bot.nlu.components.history import history_of
from bot.nlu.components.intent_classifier import KNOWN, RANKING
from bot.nlu.components.message_reader import KIND, words_of
from bot.nlu.components.safety_rules import SIGNALS
from bot.nlu.components.spelling_corrector import ENGLISH_SHARE
from bot.nlu.understanding import KEY, SHORTENED, Understanding
from bot.nlu.understanding.decision import LOST, Decision, decide, decide_by_rules
from bot.nlu.understanding.expected import after_alarm, in_its_place
from bot.nlu.understanding.follow_up import Context, FollowUps
from bot.nlu.understanding.history import History
from bot.nlu.understanding.interpretations import IN_CONTEXT, Interpretation, Thresholds, is_far_from_everything
from bot.nlu.understanding.language import build_detector, foreign_language, in_other_script

LOST_AGAIN, OTHER_LANGUAGE = "lost_again", "other_language"
EMPTY, TOO_LONG = "empty_message", "too_long"
SHOWN_RANKS = 5


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class DecisionMaker(Component):
    """Sets intent, ranking, response selector and ``Understanding`` of the message, by the thresholds of config.yml."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._patience = number(config, "patience", 0)
        self._thresholds = Thresholds.from_config(config)
        self._follow_ups = FollowUps.from_config(config.get("follow_ups") or {})
        self._detector = build_detector()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Brings the interpretations of one message together; returns that message alone."""
        message, history = messages[0], history_of(tracker)
        decision = self._decision(message, messages, history)
        # Safety goes before whatever the bot has asked.
        if decision.level != "safety":
            decision = in_its_place(message.get(TEXT) or "", decision, history)
        _write(message, decision)
        return [message]

    def _decision(self, message: Message, messages: list[Message], history: History) -> Decision:
        text = words_of(message)
        if not text.strip():
            return Decision(EMPTY)
        interpretations = [
            Interpretation(words_of(each), each.get(KIND), each.get(RANKING), each.get(SIGNALS), bool(each.get(KNOWN)))
            for each in messages
            if each.get(RANKING)
        ]
        interpretations = self._weighed_in_context(interpretations, Context.of(history))
        language = self._language(text, message.get(ENGLISH_SHARE), interpretations[0])
        if language:
            # The classifier reads English only; the rules know numbers, and some words of other languages.
            return decide_by_rules(interpretations) or Decision(OTHER_LANGUAGE, language=language)
        decision = decide(interpretations, self._thresholds, after_alarm(history))
        if decision.level == "safety":
            return decision
        if (message.get("metadata") or {}).get(SHORTENED):
            return replace(decision, intent=TOO_LONG, level="dialogue")
        if decision.intent == LOST and history.count_latest(frozenset({LOST, LOST_AGAIN})) >= self._patience:
            return replace(decision, intent=LOST_AGAIN)
        return decision

    def _weighed_in_context(self, interpretations: list[Interpretation], context: Context) -> list[Interpretation]:
        whole = interpretations[0]
        weighed = (
            self._follow_ups.weigh(whole, each, context) if each.kind == IN_CONTEXT else each
            for each in interpretations
        )
        return [each for each in weighed if each]

    def _language(self, text: str, english_share: float, whole: Interpretation) -> str | None:
        # The encoder knows no other script: to it all words of one are the same, and "similar" means nothing.
        if in_other_script(text) or is_far_from_everything(whole, self._thresholds):
            return foreign_language(self._detector, text, english_share)
        return None


def _write(message: Message, decision: Decision) -> None:
    name, _, answer = decision.intent.partition("/")
    message.set(INTENT, {"name": name, "confidence": decision.confidence}, add_to_output=True)
    ranking = [
        {"name": ranked.intent, "confidence": round(ranked.probability, 4)} for ranked in decision.ranking[:SHOWN_RANKS]
    ]
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
    if answer:
        prediction = {"utter_action": f"utter_{decision.intent}", "intent_response_key": decision.intent}
        message.set("response_selector", {FAQ: {"response": prediction}}, add_to_output=True)
    if decision.language:
        entity = {"entity": "language", "value": decision.language, "start": 0, "end": 0}
        message.set(ENTITIES, [entity], add_to_output=True)
    understanding = Understanding(
        decision.level,
        decision.candidates,
        decision.also,
        decision.echo,
        decision.hedge,
        decision.again,
        decision.urgency,
        decision.concern,
    )
    message.set(KEY, understanding.as_dict(), add_to_output=True)
