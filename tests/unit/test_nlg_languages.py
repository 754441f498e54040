"""What a visitor reads in another language: words of the translation, everything else of the original."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.content.languages import in_language, read_languages, read_originals, read_translation
from bot.nlg import ReplyComposer
from bot.nlu.understanding import Understanding
from bot.nlu.understanding.urgency import Urgency
from tests.events import asked, conversation
from tests.languages import write_project

ROOT = Path(__file__).parents[2]
FURTHER = {
    "utter_notice": [{"text": "General information."}],
    "utter_in_emergency": [{"text": "Call 112."}],
    "utter_cannot_wait": [{"text": "Call for fever."}],
    "utter_draft_translation": [{"text": "Not checked."}],
    "utter_thank": [{"text": "You are welcome."}],
}
SPANISH = {
    "utter_notice": [{"text": "Información general."}],
    "utter_in_emergency": [{"text": "Llame al 112."}],
    "utter_cannot_wait": [{"text": "Llame por fiebre."}],
    "utter_draft_translation": [{"text": "No revisada."}],
}


@pytest.fixture
def composer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReplyComposer:
    write_project(tmp_path)
    replies = tmp_path / "data/languages/es/replies.yml"
    content = yaml.safe_load(replies.read_text())
    content["responses"] |= SPANISH
    replies.write_text(yaml.safe_dump(content, allow_unicode=True))
    monkeypatch.chdir(tmp_path)
    responses = {**read_originals(), **FURTHER, "utter_other_language": [{"text": "Another language."}]}
    return ReplyComposer(None, Domain.from_dict({"responses": responses}))


def say(
    composer: ReplyComposer, response: str, *past: Event, language: str | None, **understood: Any
) -> dict[str, Any]:
    message = asked(understanding=Understanding(language=language, **understood))
    reply = asyncio.run(composer.generate(response, conversation(*past, message), "rest", name="Ana"))
    assert reply is not None
    return reply


def said(reply: dict[str, Any]) -> BotUttered:
    return BotUttered(reply["text"], {}, {"utter_action": "utter_x", "metadata": reply["metadata"]})


def test_rasa_gives_it_the_responses_of_the_model(composer: ReplyComposer) -> None:
    assert isinstance(composer, TemplatedNaturalLanguageGenerator)
    composer.responses = {**composer.responses, "utter_emergency": [{"text": "Call now."}]}
    assert say(composer, "utter_emergency", language=None)["text"] == "Call now."


def test_an_answer_is_in_the_language_with_its_sources_named_and_explained(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_faq/costs", language="es")
    assert reply["text"].split("\n\n") == [
        "Cuesta 400 dólares, dice una fuente.",
        "Llame al 112.",
        "Información general.",
        "No revisada.",
        'Fuente: Guide (Guía), "Costs" (Costos)',
    ]
    assert reply["metadata"]["title"] == "¿Cuánto cuesta CAR-T?"
    assert reply["metadata"]["language"] == "es"
    gloss = {"document_gloss": "Guía", "section_gloss": "Costos"}
    assert reply["metadata"]["sources"] == [{"document": "Guide", "section": "Costs", **gloss}]


def test_that_it_is_a_draft_is_said_once(composer: ReplyComposer) -> None:
    first = say(composer, "utter_faq/costs", language="es")
    assert "No revisada." not in say(composer, "utter_faq/costs", said(first), language="es")["text"]


def test_a_checked_translation_is_no_draft(composer: ReplyComposer, tmp_path: Path) -> None:
    file = tmp_path / "data/languages/es/language.yml"
    file.write_text(file.read_text().replace("state: draft", "state: checked"))
    responses = composer.responses
    checked = ReplyComposer(None, Domain.from_dict({"responses": responses}))
    assert "No revisada." not in say(checked, "utter_faq/costs", language="es")["text"]


def test_buttons_and_slots_are_in_the_language(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_greet", language="es")
    assert reply["text"].startswith("¡Hola Ana!")
    assert reply["buttons"] == [{"title": "Sí, estoy de acuerdo", "payload": "Sí, estoy de acuerdo"}]


def test_what_cannot_wait_is_in_the_language(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_greet", language="es", urgency=Urgency.POSSIBLE, concern="emergency")
    assert reply["text"].startswith("Llame por fiebre.")


def test_a_language_with_emergencies_only_has_its_own_words_for_them(composer: ReplyComposer) -> None:
    assert say(composer, "utter_emergency", language="tr")["text"] == "Llame al 112."
    assert say(composer, "utter_emergency", language="tr")["metadata"]["language"] == "tr"


def test_an_unknown_language_reads_english(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_emergency", language="it")
    assert reply["text"] == "Call 112."
    assert "language" not in reply["metadata"]


def test_the_notice_offers_the_languages_that_are_spoken(composer: ReplyComposer) -> None:
    reply = say(composer, "utter_other_language", language="it")
    assert [button["title"] for button in reply["buttons"]] == ["English", "Español"]


def test_english_that_was_asked_for_says_so(composer: ReplyComposer) -> None:
    assert say(composer, "utter_thank", language="en")["metadata"]["language"] == "en"
    assert "language" not in say(composer, "utter_thank", language=None)["metadata"]


def test_the_slot_tells_the_language_where_the_message_does_not(composer: ReplyComposer) -> None:
    slot = TextSlot("language", mappings=[])
    tracker = DialogueStateTracker.from_events("a visitor", [SlotSet("language", "es")], [slot])
    reply = asyncio.run(composer.generate("utter_emergency", tracker, "rest"))
    assert reply and reply["text"] == "Llame al 112."


SPOKEN = [code for code, language in read_languages(ROOT).items() if language.is_spoken]


@pytest.mark.parametrize("code", SPOKEN)
def test_every_shipped_response_can_be_said_in_every_language(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    originals = read_originals()
    composer = ReplyComposer(None, Domain.from_dict({"responses": originals}))
    slots = {"handoff_kind": "human"}
    for name in in_language(originals, read_translation(read_languages()[code])):
        tracker = conversation(asked(understanding=Understanding(language=code)))
        reply = asyncio.run(composer.generate(name, tracker, "rest", **slots))
        assert reply and reply["text"].strip(), name
        if name.startswith("utter_faq/") and code not in {"en", "fr"}:
            assert "Source:" not in reply["text"], name
