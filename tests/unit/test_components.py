"""The pipeline's components with small inputs, as Rasa builds, trains, stores and loads them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.events import Event
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.decision import DecisionMaker
from bot.nlu.components.intent_classifier import RANKING, FullIntentClassifier
from bot.nlu.components.message_reader import KIND, MessageReader, words_of
from bot.nlu.components.safety_rules import SIGNALS, SafetyRules
from bot.nlu.components.sentence_encoder import SentenceEncoder
from bot.nlu.components.spelling_corrector import ENGLISH_SHARE, MENDED, SpellingCorrector
from bot.nlu.safety.rules import Rule, RuleMatcher
from bot.nlu.safety.signals import Signals
from bot.nlu.understanding import KEY, SHORTENED, Understanding
from bot.nlu.understanding.ranking import Ranked
from bot.nlu.understanding.urgency import Urgency
from tests.events import answered, asked, conversation

CONTEXT = ExecutionContext(GraphSchema({}), "model", node_name="node")
RESOURCE = Resource("classifier")
EXAMPLES = {
    "faq/crs": ["what is CRS", "explain cytokine release syndrome", "CRS meaning", "tell me about cytokine storms"],
    "faq/costs": ["how much does it cost", "price of CAR-T", "is it expensive", "what will we pay"],
    "faq/trials": ["are there trials", "clinical studies in China", "how to join a study", "open trials"],
    "greet": ["hello", "hi there", "good morning", "hey"],
    "thank": ["thanks", "thank you very much", "many thanks", "I appreciate it"],
    "emergency": ["he is not breathing", "she has a seizure now", "my dad collapsed", "high fever right now"],
}
CONFIG = {
    "known": 0.1,
    "hedge": 0.05,
    "sure": 0.4,
    "between": 0.2,
    "outside": 0.8,
    "echo": 0.6,
    "second": 0.5,
    "alarm": 0.4,
    "alarm_with_sign": 0.05,
    "alarm_trace": 0.02,
    "alarm_share": 0.8,
    "alarm_possible": 0.2,
    "personal": 0.4,
    "personal_with_sign": 0.15,
    "personal_trace": 0.02,
    "alone": 0.95,
    "patience": 2,
    "follow_ups": {"bias": 6, "understood": 6, "word": 0.5, "complete": 0.3, "floor": 0.003, "same": 4, "offered": 4.5},
}
TITLE = "What does cytokine release syndrome mean?"


def training_data() -> TrainingData:
    examples = [Message.build(line, name) for name, lines in EXAMPLES.items() for line in lines]
    return TrainingData(examples, responses={"utter_faq/crs": [{"text": "About CRS.", "metadata": {"title": TITLE}}]})


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    return SentenceEncoder.create({}, storage(tmp_path_factory.mktemp("unused")), Resource("encoder"), CONTEXT)


@pytest.fixture(scope="module")
def classifier(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> FullIntentClassifier:
    """Trained, stored and loaded again."""
    models = storage(tmp_path_factory.mktemp("model"))
    data = training_data()
    config = FullIntentClassifier.get_default_config()
    encoder.process_training_data(data)
    resource = FullIntentClassifier.create(config, models, RESOURCE, CONTEXT).train(data)
    return FullIntentClassifier.load(config, models, resource, CONTEXT)


def storage(folder: Path) -> LocalModelStorage:
    return LocalModelStorage.create(folder)


def ranked(encoder: SentenceEncoder, classifier: FullIntentClassifier, text: str) -> list[Ranked]:
    (message,) = classifier.process(encoder.process([Message({"text": text})]))
    ranking: list[Ranked] = message.get(RANKING)
    return ranking


def test_each_message_gets_one_sentence_vector(encoder: SentenceEncoder) -> None:
    messages = encoder.process([Message({"text": text}) for text in ("hello", "what is CRS?")])
    for message in messages:
        (features,) = message.features
        assert features.features.shape == (1, 384)
        assert np.linalg.norm(features.features) == pytest.approx(1.0, abs=1e-5)
        assert features.origin == "node"


def test_a_message_without_text_gets_no_vector_and_no_ranking(
    encoder: SentenceEncoder, classifier: FullIntentClassifier
) -> None:
    (message,) = classifier.process(encoder.process([Message({"text": ""})]))
    assert not message.features
    assert message.get(RANKING) is None


def test_a_ranking_holds_every_intent_most_probable_first(
    encoder: SentenceEncoder, classifier: FullIntentClassifier
) -> None:
    ranking = ranked(encoder, classifier, "what would the price be for us")
    probabilities = [each.probability for each in ranking]
    assert ranking[0].intent == "faq/costs"
    assert {each.intent for each in ranking} == set(EXAMPLES)
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1.0, abs=1e-4)
    assert all(-1.001 <= each.similarity <= 1.001 for each in ranking)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        (TITLE, "faq/crs"),
        ("what does CYTOKINE release syndrome mean", "faq/crs"),
        ("What is CRS?", "faq/crs"),
        ("hey!!", "greet"),
    ],
)
def test_a_title_or_training_question_word_for_word_is_certain(
    encoder: SentenceEncoder, classifier: FullIntentClassifier, text: str, intent: str
) -> None:
    first, *rest = ranked(encoder, classifier, text)
    assert first == Ranked(intent, 1.0, 1.0)
    assert {each.probability for each in rest} == {0.0}
    assert {each.intent for each in rest} == set(EXAMPLES) - {intent}


def test_the_words_of_a_message_decide_not_its_neighbours_in_the_batch(
    encoder: SentenceEncoder, classifier: FullIntentClassifier
) -> None:
    texts = ["can we join one of the studies", "is that very expensive for a family", "good evening"]
    together = classifier.process(encoder.process([Message({"text": text}) for text in texts]))
    tops = [message.get(RANKING)[0].intent for message in together]
    assert tops == [ranked(encoder, classifier, text)[0].intent for text in texts]
    assert tops == ["faq/trials", "faq/costs", "greet"]


SPELLING = SpellingCorrector.get_default_config()


def test_the_spelling_is_mended_into_words_of_the_answers_after_storing_them(tmp_path: Path) -> None:
    models = storage(tmp_path)
    answers = {"utter_faq/collect": [{"text": "Apheresis collects cells."}]}
    resource = SpellingCorrector.create(SPELLING, models, RESOURCE, CONTEXT).train(TrainingData(responses=answers))
    message = Message({"text": "what is aferesis qqzx"})
    SpellingCorrector.load(SPELLING, models, resource, CONTEXT).process([message])
    assert message.get(MENDED) == "what is apheresis qqzx"
    assert message.get("text") == "what is aferesis qqzx"
    assert message.get(ENGLISH_SHARE) == 0.75


def test_the_encoder_reads_the_mended_text(encoder: SentenceEncoder) -> None:
    mended, right = encoder.process(
        [Message({"text": "aferesis", MENDED: "apheresis"}), Message({"text": "apheresis"})]
    )
    assert np.allclose(mended.features[0].features, right.features[0].features, atol=1e-6)


@pytest.mark.parametrize("key", sorted(FullIntentClassifier.get_default_config()))
@pytest.mark.parametrize("value", [-1, "20", None])
def test_a_wrong_value_for_the_classifier_is_named(tmp_path: Path, key: str, value: object) -> None:
    config = {**FullIntentClassifier.get_default_config(), key: value}
    with pytest.raises(InvalidConfigException, match=rf"config\.yml, FullIntentClassifier: {key} must be"):
        FullIntentClassifier.create(config, storage(tmp_path), RESOURCE, CONTEXT)


@pytest.mark.parametrize("key", sorted(set(CONFIG) - {"follow_ups"}))
def test_a_wrong_threshold_is_named(tmp_path: Path, key: str) -> None:
    with pytest.raises(InvalidConfigException, match=rf"config\.yml, DecisionMaker: {key} must be"):
        DecisionMaker.create({**CONFIG, key: -1}, storage(tmp_path), RESOURCE, CONTEXT)


def test_a_wrong_weight_of_follow_ups_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfigException, match=r"config\.yml, DecisionMaker: follow_ups: bias must be"):
        DecisionMaker.create({**CONFIG, "follow_ups": {}}, storage(tmp_path), RESOURCE, CONTEXT)


def reader(folder: Path) -> MessageReader:
    return MessageReader.create({}, storage(folder), Resource("reader"), CONTEXT)


def test_markup_and_escape_codes_are_not_read(tmp_path: Path) -> None:
    (message,) = reader(tmp_path).process([Message({"text": "<b>what is CRS</b>\x1b[31m"})], conversation())
    assert words_of(message) == "what is CRS"


def test_a_message_is_read_as_a_whole_in_segments_and_in_context(tmp_path: Path) -> None:
    original = Message({"text": "Thank you. How long does that last?"})
    past = conversation(asked(), answered("crs", subject="CRS"))
    read = reader(tmp_path).process([original], past)
    assert read[0] is original
    assert [(message.get(KIND), message.get("text")) for message in read] == [
        ("whole", "Thank you. How long does that last?"),
        ("segment", "Thank you."),
        ("segment", "How long does that last?"),
        ("in_context", "Thank you. How long does CRS last?"),
    ]


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("gasping", Signals(frozenset({"red_flag"}))),
        ("temperature 39.5", Signals(dangerous_number=True)),
        ("spo2 80%", Signals(dangerous_number=True)),
        ("bp 80/40", Signals(dangerous_number=True)),
        ("hello", Signals()),
    ],
)
def test_each_interpretation_gets_its_signals(tmp_path: Path, text: str, signals: Signals) -> None:
    rule = Rule("breathing", "red_flag", "", ("gasping",), ("gasping with joy",))
    rules = SafetyRules({}, storage(tmp_path), RESOURCE, RuleMatcher([rule]))
    (message,) = rules.process([Message({"text": text})])
    assert message.get(SIGNALS) == signals


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> DecisionMaker:
    return DecisionMaker(CONFIG, storage(tmp_path_factory.mktemp("unused")), Resource("decision"))


def decided(
    decision: DecisionMaker, *past: Event, text: str = "a few words", metadata: Any = None, **shares: float
) -> Message:
    """The message after the decision; names with a capital are answers."""
    ranking = [Ranked(f"faq/{name}" if name[0].isupper() else name, share, share) for name, share in shares.items()]
    data = {"text": text, KIND: "whole", RANKING: ranking, SIGNALS: Signals(), ENGLISH_SHARE: 1.0}
    (message,) = decision.process([Message({**data, "metadata": metadata})], conversation(*past))
    return message


def intent_of(message: Message) -> str:
    return str(message.get("intent")["name"])


def test_an_answer_is_chosen_for_rasas_response_selector(decision: DecisionMaker) -> None:
    message = decided(decision, Crs=0.9)
    prediction = {"utter_action": "utter_faq/Crs", "intent_response_key": "faq/Crs"}
    assert intent_of(message) == "faq"
    assert message.get("response_selector") == {"faq": {"response": prediction}}
    understood = Understanding.of({KEY: message.get(KEY)})
    assert (understood.level, understood.candidates, understood.urgency) == ("sure", (), Urgency.NONE)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_message_is_known_as_one(decision: DecisionMaker, text: str) -> None:
    assert intent_of(decided(decision, text=text, Crs=0.9)) == "empty_message"


def test_a_shortened_message_is_asked_for_again(decision: DecisionMaker) -> None:
    assert intent_of(decided(decision, metadata={SHORTENED: True}, Crs=0.9)) == "too_long"


def test_an_emergency_in_a_shortened_message_comes_first(decision: DecisionMaker) -> None:
    shares: dict[str, Any] = {"emergency": 0.8, "Crs": 0.1}
    assert intent_of(decided(decision, metadata={SHORTENED: True}, **shares)) == "emergency"


@pytest.mark.parametrize(
    ("past", "intent"),
    [
        (["lost"], "lost"),
        (["lost", "lost"], "lost_again"),
        (["lost", "lost", "lost_again"], "lost_again"),
        (["lost", "lost", "greet"], "lost"),
        (["lost", "greet", "lost"], "lost"),
    ],
)
def test_the_third_lost_message_in_a_row_is_another_case(decision: DecisionMaker, past: list[str], intent: str) -> None:
    before = [asked(intent=name) for name in past]
    assert intent_of(decided(decision, *before, Crs=0.1)) == intent
