"""Conversations as the editors of these scripts write them in YAML, as typed objects."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Step:
    """What the visitor does and what has to come of it.

    Attributes:
        say: the words typed; empty when a button is clicked.
        click: number of the clicked button of the last reply, from 1; 0 when something is typed.
        kind: the reply's kind (``answer``, ``lost``, ``emergency`` ...).
        names: answers given, in order; of ``did_you_mean``, answers offered among others.
        says: words that the reply holds.
        lacks: words that it does not hold.
        buttons: titles that its buttons begin with, in order.
    """

    say: str
    click: int
    kind: str
    names: tuple[str, ...]
    says: tuple[str, ...]
    lacks: tuple[str, ...]
    buttons: tuple[str, ...]


@dataclass(frozen=True)
class Script:
    """One conversation."""

    name: str
    steps: tuple[Step, ...]


def scripts() -> Iterator[Script]:
    """All conversations; each message of a ``messages`` entry is a conversation of its own."""
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            steps = tuple(_step(step) for step in entry["steps"])
            if "conversation" in entry:
                yield Script(f"{path.stem}: {entry['conversation']}", steps)
            else:
                for step in steps:
                    yield Script(f"{path.stem}: {entry['messages']}: {step.say[:60]}", (step,))


def _step(given: dict[str, Any]) -> Step:
    kind, _, names = given["expect"].partition(" ")
    return Step(
        say=given.get("say", "") * given.get("times", 1),
        click=given.get("click", 0),
        kind=kind,
        names=tuple(names.split()),
        says=tuple(given.get("says", ())),
        lacks=tuple(given.get("lacks", ())),
        buttons=tuple(given.get("buttons", ())),
    )
