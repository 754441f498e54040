"""Conversations as the editors of these scripts write them in YAML, as typed objects."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
_KEYS = {"say", "times", "click", "expect", "says", "lacks", "buttons"}
_EXPECT = re.compile(r"(not )?(\w+)((?: \w+)*)")


@dataclass(frozen=True)
class Step:
    """What the visitor does and what has to come of it.

    Attributes:
        say: the words typed; empty when a button is clicked.
        click: number of the clicked button of the last reply, from 1; 0 when something is typed.
        kind: the reply's kind (``answer``, ``lost``, ``emergency`` ...).
        is_kind: False for any other kind (``expect: not answer``), where several replies are good.
        names: answers given, in order.
        says: words that the reply holds.
        lacks: words that it does not hold.
        buttons: titles that its buttons begin with, in order.
    """

    say: str
    click: int
    kind: str
    is_kind: bool
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
    expected = _EXPECT.fullmatch(given["expect"])
    if not expected or ("say" in given) == ("click" in given) or not given.keys() <= _KEYS:
        raise ValueError(f"A step has `say` or `click`, and `expect: [not] kind [answers]`; this one is {given}.")
    refused, kind, names = expected.groups()
    return Step(
        say=given.get("say", "") * given.get("times", 1),
        click=given.get("click", 0),
        kind=kind,
        is_kind=not refused,
        names=tuple(names.split()),
        says=tuple(given.get("says", ())),
        lacks=tuple(given.get("lacks", ())),
        buttons=tuple(given.get("buttons", ())),
    )
