import pytest

from bot.nlu.understanding.spelling import Spelling


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(["apheresis", "Cytokine", "neurotoxicity", "cell", "leukemia"], alike=0.75)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("aferesis?", "apheresis?"),
        ("what is CYTOKNE release", "what is cytokine release"),
        ("neurotoxcity, is it bad", "neurotoxicity, is it bad"),
        ("apheresis", "apheresis"),
    ],
)
def test_a_misspelled_term_is_mended(spelling: Spelling, text: str, mended: str) -> None:
    assert spelling.mend(text) == mended


@pytest.mark.parametrize("text", ["", "patent", "Kymriah", "cel", "lékemia", "白血病", "😀 ok!", "38.5 °C", "don't"])
def test_everything_else_stays_as_it_is(spelling: Spelling, text: str) -> None:
    assert spelling.mend(text) == text


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("what is the price", 1.0),
        ("what is CYTOKINE", 1.0),
        ("was kostet die Behandlung", 0.5),
        ("zzxq qqzx", 0.0),
        ("白血病 是 什么", 0.0),
        ("", 1.0),
        ("38.5!", 1.0),
    ],
)
def test_the_share_of_english_words_is_counted(spelling: Spelling, text: str, share: float) -> None:
    assert spelling.english_share(text) == share
