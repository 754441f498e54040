"""The held-out questions: read from tests/evaluation/questions/<split>, never from the training data."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content.catalogue import read_yaml

FOLDER = Path(__file__).parent / "questions"
TRAINING = Path("data/nlu")


@dataclass(frozen=True)
class Case:
    """A message and what it is: a full intent (``faq/crs_timing``) or the name of a set (``emergency``)."""

    text: str
    expected: str


@dataclass(frozen=True)
class FollowUp:
    """Two messages of one conversation, and the answer that the second one asks for."""

    first: str
    then: str
    expected: str


def cases(split: str) -> list[Case]:
    """The single-message cases of a split, without those that stand word for word in the training data.

    People who do not know of each other still both write "what is ICANS?". Such a question measures nothing.
    """
    trained = {_plain(case.text) for path in sorted(TRAINING.rglob("*.yml")) for case in _cases(path)}
    written = [case for path in sorted((FOLDER / split).glob("*.yml")) for case in _cases(path)]
    return [case for case in written if _plain(case.text) not in trained]


def _cases(path: Path) -> Iterator[Case]:
    for entry in read_yaml(path).get("nlu", []):
        for line in entry["examples"].splitlines():
            if line.strip().startswith("- "):
                yield Case(line.strip()[2:].strip(), entry["intent"])


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def follow_ups(split: str) -> list[FollowUp]:
    """The two-message cases of a split."""
    entries = read_yaml(FOLDER / split / "follow_ups.yml")["follow_ups"]
    return [FollowUp(entry["first"], entry["then"], entry["expect"]) for entry in entries]
