"""Messages in other languages through the components, with a small project and a stand-in for the encoder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.events import ActiveLoop, Event, UserUttered
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.decision import DecisionMaker
from bot.nlu.components.intent_classifier import KNOWN, RANKING
from bot.nlu.components.language_identifier import FOREIGN, LanguageIdentifier
from bot.nlu.components.message_reader import MessageReader, words_of
from bot.nlu.components.multilingual_classifier import MultilingualClassifier
from bot.nlu.components.safety_rules import SIGNALS, SafetyRules
from bot.nlu.components.sentence_encoder import SentenceEncoder
from bot.nlu.components.spelling_corrector import ENGLISH_SHARE
from bot.nlu.safety.rules import Rule, RuleMatcher
from bot.nlu.understanding import KEY, Understanding
from bot.nlu.understanding.ranking import Ranked
from bot.nlu.understanding.spelling import Spelling
from tests.events import answered, asked, conversation
from tests.languages import ENGLISH_QUESTIONS, HashedLetters, write_project

CONTEXT = ExecutionContext(GraphSchema({}), "model", node_name="node")
CONFIG = {
    "known": 0.5,
    "hedge": 0.05,
    "sure": 0.1,
    "between": 0.05,
    "outside": 0.8,
    "echo": 0.2,
    "second": 0.5,
    "alarm": 0.2,
    "alarm_with_sign": 0.05,
    "alarm_trace": 0.02,
    "alarm_share": 0.8,
    "alarm_possible": 0.15,
    "personal": 0.4,
    "personal_with_sign": 0.15,
    "personal_trace": 0.02,
    "alone": 0.95,
    "patience": 2,
    "follow_ups": {"bias": 6, "understood": 6, "word": 0.5, "complete": 0.3, "floor": 0.003, "same": 4, "offered": 4.5},
}
CLASSIFIER = {"C": 100.0, "similarity_weight": 5.0, "candidates": 12}


class Pipeline:
    """All components that a message in another language meets, trained, stored and loaded again."""

    def __init__(self, folder: Path) -> None:
        (folder / "model").mkdir()
        storage = LocalModelStorage.create(folder / "model")
        data = TrainingData([Message.build(text, "greet") for text in ENGLISH_QUESTIONS])
        self.encoder = HashedLetters()
        identifier = Resource("identifier")
        LanguageIdentifier({}, storage, identifier).train(data)
        self._identifier = LanguageIdentifier.load({}, storage, identifier, CONTEXT)
        classifier = Resource("classifier")
        MultilingualClassifier(CLASSIFIER, storage, classifier, lambda: HashedLetters()).train(data)
        self.classifier = MultilingualClassifier(CLASSIFIER, storage, classifier, lambda: self.encoder)
        with storage.read_from(classifier) as model:
            self.classifier._read(model)
        self._reader = MessageReader({}, storage, Resource("reader"))
        self._rules = SafetyRules(
            {}, storage, Resource("rules"), RuleMatcher([Rule("breathing", "red_flag", "", ("gasping",))])
        )
        self._decision = DecisionMaker(CONFIG, storage, Resource("decision"))
        self._spelling = Spelling(["cost", "treatment"], 0.75)

    def messages(self, text: str, *past: Event, metadata: dict[str, Any] | None = None) -> list[Message]:
        """All interpretations, ranked; English ones as if they were asked for the price."""
        tracker = conversation(*past)
        read = self._reader.process([Message({"text": text, "metadata": metadata})], tracker)
        for message in read:
            message.set(ENGLISH_SHARE, self._spelling.english_share(words_of(message)))
        ranked = self.classifier.process(self._identifier.process(read, tracker))
        for message in ranked:
            if not message.get(FOREIGN):
                message.set(RANKING, [Ranked("faq/costs", 0.9, 0.9)])
        return self._rules.process(ranked)

    def hear(self, text: str, *past: Event, metadata: dict[str, Any] | None = None) -> tuple[str, Understanding]:
        """The intent of a message, and what else was understood."""
        messages = self.messages(text, *past, metadata=metadata)
        (message,) = self._decision.process(messages, conversation(*past))
        return str(message.get("intent")["name"]), Understanding.of({KEY: message.get(KEY)})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("project")
    write_project(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def pipeline(project: Path) -> Pipeline:
    return Pipeline(project)


def in_spanish() -> UserUttered:
    return asked(understanding=Understanding("sure", language="es"))


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("mi papá no puede respirar bien", "emergency", "es"),
        ("me quiero morir", "crisis", "es"),
        ("babam nefes alamıyor", "emergency", "tr"),
        ("artık yaşamak istemiyorum", "crisis", "tr"),
        ("cuánto cuesta el tratamiento ese", "faq", "es"),
        ("hola buenos días", "greet", "es"),
    ],
)
def test_other_languages_are_understood(pipeline: Pipeline, text: str, intent: str, language: str) -> None:
    heard, understanding = pipeline.hear(text)
    assert (heard, understanding.language) == (intent, language)


def test_a_language_with_emergencies_only_gets_the_notice_for_the_rest(pipeline: Pipeline) -> None:
    heard, understanding = pipeline.hear("bugün hava çok güzel telefonum bozuldu")
    assert (heard, understanding.language) == ("other_language", "tr")


def test_an_emergency_amid_an_english_talk_and_in_a_form_is_answered_in_its_own_language(pipeline: Pipeline) -> None:
    heard, understanding = pipeline.hear("me quiero morir", asked(), answered("costs"), ActiveLoop("handoff_form"))
    assert (heard, understanding.language) == ("crisis", "es")


@pytest.mark.parametrize("text", ["Ülkü Gökçe", "Надежда Иванова", "王小明", "Çağrı Şimşek"])
def test_a_name_in_a_form_changes_no_language(pipeline: Pipeline, text: str) -> None:
    _, understanding = pipeline.hear(text, asked(), ActiveLoop("handoff_form"))
    assert understanding.language is None
    _, understanding = pipeline.hear(text, in_spanish(), ActiveLoop("handoff_form"))
    assert understanding.language == "es"


def test_english_needs_nothing_of_the_multilingual_encoder(pipeline: Pipeline) -> None:
    before = pipeline.encoder.read
    heard, understanding = pipeline.hear("how much does the treatment cost")
    assert (heard, understanding.language, pipeline.encoder.read) == ("faq", None, before)
    assert isinstance(pipeline.classifier._arrays["examples"], np.memmap)


def test_another_language_needs_nothing_of_the_english_encoder(tmp_path: Path) -> None:
    encoder = SentenceEncoder({}, LocalModelStorage.create(tmp_path), Resource("encoder"))
    (message,) = encoder.process([Message({"text": "me quiero morir", FOREIGN: "es"})])
    assert not message.features


def test_a_translated_title_is_its_original(pipeline: Pipeline) -> None:
    (message,) = pipeline.messages("¿Cuánto cuesta CAR-T?")
    assert words_of(message) == "What does CAR-T cost?"
    heard, understanding = pipeline.hear("¿Cuánto cuesta CAR-T?")
    assert (heard, understanding.language, understanding.meaning) == ("faq", "es", "What does CAR-T cost?")


def test_a_translated_button_means_what_the_original_says(pipeline: Pipeline) -> None:
    _, understanding = pipeline.hear("Sí, estoy de acuerdo", in_spanish())
    assert (understanding.meaning, understanding.language) == ("Yes, I agree", "es")


def test_an_example_word_for_word_is_known(pipeline: Pipeline) -> None:
    (message,) = pipeline.messages("no quiero vivir más")
    assert message.get(KNOWN)
    assert message.get(RANKING)[0] == Ranked("crisis", 1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("español por favor", "language_chosen", "es"),
        ("in English please", "language_chosen", "en"),
        ("Türkçe lütfen", "other_language", "tr"),
    ],
)
def test_a_language_can_be_asked_for(pipeline: Pipeline, text: str, intent: str, language: str) -> None:
    heard, understanding = pipeline.hear(text, asked())
    assert (heard, understanding.language) == (intent, language)


def test_a_conversation_stays_in_its_language(pipeline: Pipeline) -> None:
    assert pipeline.hear("visa?", in_spanish())[1].language == "es"
    assert pipeline.hear("39,5", in_spanish())[1].language == "es"


def test_a_page_in_a_language_begins_in_it(pipeline: Pipeline) -> None:
    assert pipeline.hear("visa?", metadata={"language": "es"})[1].language == "es"
    assert pipeline.hear("visa?", metadata={"language": "tr"})[1].language is None
    assert pipeline.hear("visa?", metadata={"language": "xx"})[1].language is None


@pytest.mark.parametrize(
    ("text", "dangerous"),
    [("tiene fiebre de 39 grados", True), ("tiene 39,5 desde ayer", True), ("mi hijo tiene 39 años", False)],
)
def test_dangerous_numbers_count_in_every_language(pipeline: Pipeline, text: str, dangerous: bool) -> None:
    assert pipeline.messages(text)[0].get(SIGNALS).dangerous_number is dangerous


def test_english_rules_do_not_read_words_of_other_languages(pipeline: Pipeline) -> None:
    assert pipeline.messages("gasping no quiero vivir más de pan")[0].get(SIGNALS).meanings == frozenset()


def test_without_examples_the_rules_still_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path)
    for file in (*tmp_path.glob("data/languages/*/questions.yml"), tmp_path / "data/languages/es/faq/costs.yml"):
        file.unlink()
    monkeypatch.chdir(tmp_path)
    pipeline = Pipeline(tmp_path)
    assert pipeline.hear("这个治疗要多少钱")[0] == "other_language"
    assert pipeline.hear("fiebre de 39,5 这个治疗要多少钱")[0] == "emergency"
