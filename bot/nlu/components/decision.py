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
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from bot.content.catalogue import FAQ
from bot.content.languages import ENGLISH, read_languages
from bot.nlu.components.component import Component, number
from bot.nlu.components.history import history_of
from bot.nlu.components.intent_classifier import KNOWN, RANKING
from bot.nlu.components.language_identifier import CONVERSATION_LANGUAGE, FOREIGN, HEARD
from bot.nlu.components.message_reader import KIND, MEANT, words_of
from bot.nlu.components.safety_rules import SIGNALS
from bot.nlu.understanding import KEY, SHORTENED, Understanding
from bot.nlu.understanding.decision import LOST, Decision, decide, decide_by_rules
from bot.nlu.understanding.expected import after_alarm, in_its_place
from bot.nlu.understanding.follow_up import Context, FollowUps
from bot.nlu.understanding.history import History
from bot.nlu.understanding.interpretations import IN_CONTEXT, WHOLE, Interpretation, Thresholds
from bot.nlu.understanding.urgency import ALARMS

LOST_AGAIN, OTHER_LANGUAGE, LANGUAGE_CHOSEN = "lost_again", "other_language", "language_chosen"
# Thresholds for messages that are not English, where they differ.
OTHER_LANGUAGES = "other_languages"
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
        self._elsewhere = Thresholds.from_config({**config, **(config.get(OTHER_LANGUAGES) or {})})
        self._languages = read_languages()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Brings the interpretations of one message together; returns that message alone."""
        message, history = messages[0], history_of(tracker)
        decision = self._decision(message, messages, history)
        # Safety goes before whatever the bot has asked.
        if decision.level != "safety":
            decision = in_its_place(words_of(message), decision, history)
        _write(message, replace(decision, language=self._language(message, decision)))
        return [message]

    def _decision(self, message: Message, messages: list[Message], history: History) -> Decision:
        text = words_of(message)
        if not text.strip():
            return Decision(EMPTY)
        heard, foreign = message.get(HEARD), message.get(FOREIGN)
        if heard and heard.is_wish:
            return Decision(LANGUAGE_CHOSEN if self._is_spoken(heard.code) else OTHER_LANGUAGE)
        interpretations = _interpretations(messages)
        if not interpretations:
            # Nothing ranks what is not English: the rules know numbers, and some words.
            unranked = [Interpretation(words_of(each), WHOLE, [], each.get(SIGNALS)) for each in messages]
            return decide_by_rules(unranked) or Decision(OTHER_LANGUAGE)
        interpretations = self._weighed_in_context(interpretations, Context.of(history))
        thresholds = self._elsewhere if foreign else self._thresholds
        decision = decide(interpretations, thresholds, after_alarm(history))
        if decision.intent in ALARMS or (foreign and not self._is_answered(message)):
            if decision.intent in ALARMS or (history.form and not heard.is_sentence):
                # A name in a form is in no language.
                return decision
            # The notice says what cannot wait.
            return Decision(OTHER_LANGUAGE)
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

    def _language(self, message: Message, decision: Decision) -> str | None:
        """The conversation's language after a message; an alarm is answered in its own, however few its words."""
        heard, language = message.get(HEARD), message.get(CONVERSATION_LANGUAGE)
        if not heard or heard.code == ENGLISH:
            return str(language) if language else None
        is_alarm = decision.intent in ALARMS and heard.code in self._languages
        if is_alarm or decision.intent == OTHER_LANGUAGE:
            return str(heard.code)
        return str(language) if language else None

    def _is_answered(self, message: Message) -> bool:
        """Whether a message is in a language that questions are answered in, or comes amid a talk in one."""
        return self._is_spoken(message.get(FOREIGN)) or self._is_spoken(message.get(CONVERSATION_LANGUAGE))

    def _is_spoken(self, code: str | None) -> bool:
        language = self._languages.get(code or "")
        return language is not None and language.is_spoken


def _interpretations(messages: list[Message]) -> list[Interpretation]:
    return [
        Interpretation(words_of(each), each.get(KIND), each.get(RANKING), each.get(SIGNALS), bool(each.get(KNOWN)))
        for each in messages
        if each.get(RANKING)
    ]


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
    meant = message.get(MEANT)
    understanding = Understanding(
        decision.level,
        decision.candidates,
        decision.also,
        decision.echo,
        decision.hedge,
        decision.again,
        decision.urgency,
        decision.concern,
        decision.language,
        meant.english if meant else None,
    )
    message.set(KEY, understanding.as_dict(), add_to_output=True)
