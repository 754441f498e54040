"""Conversations as the editors of these scripts write them in YAML, as typed objects."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
_KEYS = {"say", "times", "click", "expect", "asks", "says", "lacks", "buttons"}
_EXPECT = re.compile(r"(not )?(\w+)((?: \w+)*)")


@dataclass(frozen=True)
class Step:
    """What the visitor does and what has to come of it.

    Attributes:
        say: the words typed; empty when a button is clicked.
        click: number of the clicked button of the last reply, from 1; 0 when something is typed.
        kind: the reply's kind (``answer``, ``lost``, ``emergency`` ...); empty when only a step of a request is asked.
        is_kind: False for any other kind (``expect: not answer``), where several replies are good.
        asks: what a request asks for, in a reply of its own after the other one (``metadata: {ask: ...}``, domain.yml).
        names: answers given, in order.
        says: words that the replies hold.
        lacks: words that they do not hold.
        buttons: titles that the last one's buttons begin with, in order.
    """

    say: str
    click: int
    kind: str
    is_kind: bool
    asks: str
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
    expected = _EXPECT.fullmatch(given.get("expect", ""))
    if ("say" in given) == ("click" in given) or not (expected or "asks" in given) or not given.keys() <= _KEYS:
        raise ValueError(
            "A step has `say` or `click`, and `expect: [not] kind [answers]`, `asks: step` or both;"
            f" this one is {given}."
        )
    refused, kind, names = expected.groups() if expected else (None, "", "")
    return Step(
        say=given.get("say", "") * given.get("times", 1),
        click=given.get("click", 0),
        kind=kind,
        is_kind=not refused,
        asks=given.get("asks", ""),
        names=tuple(names.split()),
        says=tuple(given.get("says", ())),
        lacks=tuple(given.get("lacks", ())),
        buttons=tuple(given.get("buttons", ())),
    )
