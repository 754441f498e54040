from collections.abc import Callable

import pytest
from lingua import LanguageDetector

from bot.nlu.understanding.language import ENGLISH_FROM, build_detector, foreign_language
from bot.nlu.understanding.spelling import Spelling

TERMS = ["apheresis", "interpreter", "leukemia", "tumor", "lysis", "cytokine"]

LanguageOf = Callable[[str], str | None]


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return build_detector()


@pytest.fixture(scope="module")
def language_of(detector: LanguageDetector) -> LanguageOf:
    """The language of a text, as the components find it."""
    spelling = Spelling(TERMS, alike=0.75)
    return lambda text: foreign_language(detector, text, spelling.english_share(text))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "¿Cuánto cuesta el tratamiento con células CAR-T en China?"),
        ("zh", "CAR-T 疗法是什么\uff1f"),
        ("ar", "ما هو العلاج بخلايا CAR-T؟"),
        ("ru", "Что такое терапия CAR-T?"),
        ("fr", "Qu'est-ce que la thérapie CAR-T ?"),
        ("de", "Was ist eine CAR-T-Zelltherapie?"),
        ("pt", "O que é a terapia com células CAR-T?"),
        ("hi", "CAR-T थेरेपी क्या है?"),
        ("ur", "CAR-T تھراپی کیا ہے اور اس کی قیمت کتنی ہے؟"),
        ("tr", "CAR-T tedavisi nedir ve ne kadar sürer?"),
    ],
)
def test_a_message_in_another_language_is_recognised(language_of: LanguageOf, code: str, text: str) -> None:
    assert language_of(text) == code


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
    ],
)
def test_english_stays_english_with_typos_and_in_single_words(language_of: LanguageOf, text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize("text", ["is ICANS bad", "CD19", "CAR-T", "car t", "how is AML treated"])
def test_names_that_all_languages_share_say_nothing(language_of: LanguageOf, text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize("text", ["", "123", "😀", "???", "é"])
def test_what_holds_no_words_has_no_language(language_of: LanguageOf, text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize("text", ["what does 白血病 mean in my letter from the hospital", "is β a letter of this name"])
def test_a_few_foreign_letters_in_english_stay_english(language_of: LanguageOf, text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize(("share", "language"), [(0.0, "de"), (ENGLISH_FROM, None), (1.0, None)])
def test_enough_english_words_make_a_text_english(
    detector: LanguageDetector, share: float, language: str | None
) -> None:
    assert foreign_language(detector, "was kostet die Behandlung in China", share) == language


def test_another_script_is_recognised_whatever_the_words_around_it(detector: LanguageDetector) -> None:
    assert foreign_language(detector, "CAR-T therapy 是什么意思\uff1f请告诉我", english_share=1.0) == "zh"
