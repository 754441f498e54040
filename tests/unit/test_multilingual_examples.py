from pathlib import Path

from bot.nlu.multilingual.examples import Example, english, others

QUESTIONS = """version: "3.1"
nlu:
- intent: emergency
  examples: |
    - no puede respirar
    - ¡ayuda! tiene 39,5 de fiebre
    - no puede respirar
responses: {}
"""


def test_the_folder_names_the_language_and_a_text_counts_once(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "questions.yml").write_text(QUESTIONS, encoding="utf-8")
    (tmp_path / "es" / "replies.yml").write_text("responses: {}", encoding="utf-8")
    assert others(tmp_path) == [
        Example("es", "no puede respirar", "emergency"),
        Example("es", "¡ayuda! tiene 39,5 de fiebre", "emergency"),
    ]


def test_english_examples_stand_in_folders_of_topics(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "crs.yml").write_text("nlu:\n- intent: faq/crs\n  examples: |\n    - what is CRS?\n")
    (tmp_path / "words.yml").write_text("words: []")
    assert english(tmp_path) == [Example("en", "what is CRS?", "faq/crs")]


def test_a_tenth_of_other_languages_is_kept_out_and_nothing_in_english() -> None:
    texts = [f"pregunta {number}" for number in range(2000)]
    share = sum(Example("es", text, "greet").kept_out for text in texts) / len(texts)
    assert 0.07 < share < 0.13
    assert not any(Example("en", text, "greet").kept_out for text in texts)
