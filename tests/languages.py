"""A small project in English and a few languages, and a stand-in for the multilingual encoder."""

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.nlu.understanding.language_model import grams

DIMENSIONS = 512
ORIGINALS: dict[str, Any] = {
    "utter_emergency": [{"text": "Call 112."}],
    "utter_crisis": [{"text": "Call 988."}],
    "utter_greet": [{"text": "Hello {name}!", "buttons": [{"title": "Yes, I agree", "payload": "Yes, I agree"}]}],
}
ANSWER: dict[str, Any] = {
    "text": "It costs 400 dollars, says one source.",
    "metadata": {
        "title": "What does CAR-T cost?",
        "subject": "the cost",
        "sources": ["costs"],
        "reviewed": "2026-11-21",
        "related": ["costs"],
    },
}
SPANISH: dict[str, Any] = {
    "utter_emergency": [{"text": "Llame al 112."}],
    "utter_crisis": [{"text": "Llame al 024."}],
    "utter_greet": [{"text": "¡Hola {name}!", "buttons": [{"title": "Sí, estoy de acuerdo"}]}],
}
SPANISH_ANSWER = {
    "text": "Cuesta 400 dólares, dice una fuente.",
    "metadata": {"title": "¿Cuánto cuesta CAR-T?"},
}
QUESTIONS: dict[str, dict[str, list[str]]] = {
    "es": {
        "emergency": ["mi papá no puede respirar", "no respira ayuda", "tiene convulsiones ahora", "se desmayó"],
        "crisis": ["me quiero morir", "no quiero vivir más", "quiero acabar con todo"],
        "background": ["mi mamá terminó la quimio en mayo", "hoy llueve mucho aquí", "pintamos la cocina ayer"],
        "out_of_scope": ["receta de paella por favor", "quién ganó el partido", "cómo está el clima en Lima"],
        "faq/costs": ["cuánto cuesta el tratamiento", "precio de la terapia", "cuánto hay que pagar"],
        "greet": ["hola buenos días", "buenas tardes"],
        "affirm": ["claro que sí", "está bien"],
    },
    "tr": {
        "emergency": ["babam nefes alamıyor", "nöbet geçiriyor şu an", "bayıldı uyanmıyor"],
        "crisis": ["ölmek istiyorum", "artık yaşamak istemiyorum"],
        "background": ["annem kemoterapiyi bitirdi", "bugün hava çok güzel"],
        "out_of_scope": ["maç kaç kaç bitti", "tavuk çorbası tarifi", "telefonum bozuldu"],
    },
}
ENGLISH_QUESTIONS = [
    "how much does the treatment cost",
    "my father cannot breathe",
    "hello there",
    "what is the weather",
]


class HashedLetters:
    """Texts that share parts of words are near one another.

    Attributes:
        read: how many texts it has read.
    """

    def __init__(self) -> None:
        self.read = 0

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Unit-length vectors."""
        self.read += len(texts)
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            for gram in grams(text):
                vectors[row, sum(map(ord, gram)) * 31 % DIMENSIONS] += 1
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        return vectors


def write_project(root: Path, spanish: str = "draft") -> None:
    """English, Spanish (everything) and Turkish (emergencies), in the folders of the project.

    Args:
        spanish: state of the translation.
    """
    _write(root, "domain.yml", {"responses": {**ORIGINALS, "utter_other_language": [{"text": "Other."}]}})
    _write(root, "data/nlu/faq/costs.yml", {"responses": {"utter_faq/costs": [ANSWER]}})
    _write(root, "data/nlu/sources.yml", {"sources": [{"title": "Guide", "sections": {"costs": "Costs"}}]})
    _write(root, "data/nlu/explanations.yml", {"explanations": []})
    languages = root / "data/languages"
    _language(languages / "en", "English", "checked", ["english", "inglés"], ["in", "please"])
    _language(languages / "es", "Español", spanish, ["spanish", "español"], ["en", "por favor"])
    _language(languages / "tr", "Türkçe", "safety", ["turkish", "türkçe"], ["lütfen"])
    _write(languages, "es/replies.yml", {"responses": SPANISH})
    _write(languages, "es/faq/costs.yml", {"responses": {"utter_faq/costs": [SPANISH_ANSWER]}})
    glosses = {"source": "Fuente", "sections": {"costs": "Costos"}, "documents": {"Guide": "Guía"}}
    _write(languages, "es/sources.yml", glosses)
    _write(languages, "tr/replies.yml", {"responses": {name: SPANISH[name] for name in list(SPANISH)[:2]}})
    for code, intents in QUESTIONS.items():
        entries = [
            {"intent": intent, "examples": "".join(f"- {line}\n" for line in lines)}
            for intent, lines in intents.items()
        ]
        _write(languages, f"{code}/questions.yml", {"version": "3.1", "nlu": entries})
    words = {"temperature": ["fiebre"], "oxygen": ["oxígeno"], "pressure": ["presión"], "counted": ["años"]}
    _write(languages, "es/vital_signs.yml", words)


def _language(folder: Path, name: str, state: str, called: list[str], asking: list[str]) -> None:
    _write(
        folder, "language.yml", {"name": name, "direction": "ltr", "state": state, "called": called, "asking": asking}
    )


def _write(root: Path, path: str, content: Any) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
