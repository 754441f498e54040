"""The examples that the encoder is tuned on, and the tenth of them that its settings are chosen by."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import yaml

ENGLISH = "en"
# Of 256 values that the first byte of a text's hash may have.
KEPT_OUT = 26


class Example(NamedTuple):
    """A question with its intent.

    Attributes:
        language: two letters, the name of its folder; ``en`` for those of data/nlu.
        text: as somebody typed it.
        intent: full name.
    """

    language: str
    text: str
    intent: str

    @property
    def kept_out(self) -> bool:
        """Whether it is one of the tenth that nothing learns from; all English ones are learned."""
        return self.language != ENGLISH and hashlib.sha256(self.text.encode()).digest()[0] < KEPT_OUT


def english(folder: Path) -> list[Example]:
    """The questions of ``data/nlu``."""
    return [example for path in sorted(folder.rglob("*.yml")) for example in _read(ENGLISH, path)]


def others(folder: Path) -> list[Example]:
    """The questions of the other languages, a folder a language."""
    found = [example for path in sorted(folder.glob("*/questions.yml")) for example in _read(path.parent.name, path)]
    return list(dict.fromkeys(found))


def _read(language: str, path: Path) -> list[Example]:
    # The C loader takes a tenth of the time.
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [
        Example(language, line[2:].strip(), entry["intent"])
        for entry in content.get("nlu", [])
        for line in entry["examples"].splitlines()
        if line.startswith("- ")
    ]
