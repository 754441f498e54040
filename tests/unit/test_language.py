"""Which language a message is in, and when a conversation changes it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.languages import ENGLISH, Language, read_languages, read_questions
from bot.nlu.understanding.language import ENGLISH_FROM, Heard, LanguageReader
from bot.nlu.understanding.language_model import LanguageModel
from bot.nlu.understanding.spelling import Spelling
from tests.examples import english_examples

ROOT = Path(__file__).parents[2]
TERMS = ["apheresis", "interpreter", "leukemia", "tumor", "lysis", "cytokine"]

Read = Callable[..., Heard]


@pytest.fixture(scope="module")
def languages() -> dict[str, Language]:
    return read_languages(ROOT)


@pytest.fixture(scope="module")
def read(languages: dict[str, Language]) -> Read:
    """The language of a text, as the components find it: learned from the shipped examples."""
    examples = {code: [text for _, text in read_questions(ROOT / "data/languages" / code)] for code in languages}
    examples[ENGLISH] = english_examples()[::4]
    model = LanguageModel.train({code: texts for code, texts in examples.items() if texts})
    reader, spelling = LanguageReader(languages, model), Spelling(TERMS, alike=0.75)
    return lambda text, current=None: reader.read(text, spelling.english_share(spelling.mend(text)), current)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "¿Cuánto cuesta el tratamiento con células CAR-T en China?"),
        ("es", "mi papa no puede respirar"),
        ("es", "me quiero morir"),
        ("zh", "CAR-T 疗法是什么\uff1f"),
        ("zh", "我不想活了"),
        ("zh", "heterogeneity怎么理解"),
        ("ar", "ما هو العلاج بخلايا CAR-T؟"),
        ("ar", "امي حرارتها ٣٩ شو اعمل"),
        ("ru", "Что такое терапия CAR-T?"),
        ("ru", "вже не можу, хочу заснути назавжди"),
        ("fr", "Qu'est-ce que la thérapie CAR-T ?"),
        ("fr", "jpeux plus respirer aidez moi"),
        ("pt", "O que é a terapia com células CAR-T?"),
        ("pt", "meu pai nao consegue respirar"),
        ("hi", "CAR-T थेरेपी क्या है?"),
        ("it", "quanto costa la terapia in un ospedale cinese, per favore"),
        ("ja", "治療はいくらかかりますか"),
        ("ko", "치료 비용은 얼마입니까"),
    ],
)
def test_a_message_in_another_language_is_recognised(read: Read, code: str, text: str) -> None:
    assert read(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "wat is car t terapy",
        "interpreter?",
        "whats teh sideefects",
        "my father hav leukemia wich hospitl",
        "apheresis?",
        "Tumor lysis",
        "costs china",
        "HOW LONG DOES CRS LAST",
        "what does 白血病 mean in my letter from the hospital",
        "is β a letter of this name",
    ],
)
def test_english_stays_english_with_typos_and_in_single_words(read: Read, text: str) -> None:
    assert read(text).code == ENGLISH


@pytest.mark.parametrize("text", ["is ICANS bad", "CD19", "CAR-T", "car t", "how is AML treated"])
def test_names_that_all_languages_share_say_nothing(read: Read, text: str) -> None:
    assert read(text).code == ENGLISH


@pytest.mark.parametrize("text", ["", "123", "😀", "???"])
@pytest.mark.parametrize("current", [None, "es", "zh"])
def test_what_holds_no_words_is_in_the_language_of_the_conversation(read: Read, text: str, current: str | None) -> None:
    assert read(text, current).code == (current or ENGLISH)


@pytest.mark.parametrize(
    ("current", "text"),
    [
        ("es", "visa?"),
        ("es", "leucemia"),
        ("zh", "visa?"),
        ("zh", "CAR-T"),
        ("ar", "CRS"),
        ("ru", "AML"),
        ("es", "ok"),
        ("pt", "no"),
        ("ru", "skolko stoit"),
        ("zh", "Maria Quispe"),
    ],
)
def test_a_word_or_two_change_no_language(read: Read, current: str, text: str) -> None:
    assert read(text, current).code == current


@pytest.mark.parametrize(
    ("current", "text", "code"),
    [
        ("es", "Sorry, I would like to know how much it costs", "en"),
        ("zh", "what are the side effects of this treatment?", "en"),
        ("en", "mejor le escribo en mi idioma, no entiendo nada de esto", "es"),
        ("es", "这个治疗多少钱", "zh"),
        ("en", "сколько это стоит", "ru"),
    ],
)
def test_a_sentence_in_another_language_changes_it(read: Read, current: str, text: str, code: str) -> None:
    heard = read(text, current)
    assert (heard.code, heard.is_evidence, heard.is_sentence) == (code, True, heard.code != "ru")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("in English please", "en"),
        ("English", "en"),
        ("中文", "zh"),
        ("请说中文", "zh"),
        ("Español", "es"),
        ("¿habla español?", "es"),
        ("можно по-русски?", "ru"),
        ("can you speak Arabic?", "ar"),
        ("Do you speak Chinese?", "zh"),
        ("português por favor", "pt"),
        ("en français svp", "fr"),
        ("inglés por favor", "en"),
        ("Deutsch bitte", "de"),
    ],
)
def test_who_asks_for_a_language_is_understood_in_any(read: Read, text: str, code: str) -> None:
    assert read(text, "es") == Heard(code, is_evidence=True, is_wish=True)


@pytest.mark.parametrize(
    "text",
    [
        "Do you have Chinese interpreters?",
        "what is the Spanish flu",
        "my doctor speaks only Chinese, who translates the papers?",
        "is there a French hospital",
        "hablar con una persona",
        "please",
    ],
)
def test_a_message_that_only_names_a_language_is_no_wish(read: Read, text: str) -> None:
    assert not read(text).is_wish


def test_without_a_model_scripts_and_the_dictionary_tell(languages: dict[str, Language]) -> None:
    reader = LanguageReader(languages)
    assert reader.read("CAR-T therapy 是什么意思\uff1f请告诉我", 1.0).code == "zh"
    assert reader.read("was kostet die Behandlung in China", 0.0).code == "de"
    assert reader.read("was kostet die Behandlung in China", ENGLISH_FROM).code == ENGLISH


def test_nearly_no_english_example_is_taken_for_another_language(read: Read) -> None:
    unseen = english_examples()[2::40]
    foreign = [text for text in unseen if read(text).code != ENGLISH]
    assert len(foreign) <= len(unseen) * 0.01, foreign
