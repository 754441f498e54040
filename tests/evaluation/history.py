"""What each set showed at first sight: written down once, under version control, and never again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.content.catalogue import read_yaml

HISTORY = Path(__file__).parent / "history.yml"
_HEAD = (
    "# What each set showed before anybody had looked at a failure. Entries are added, never changed (history.py).\n"
)


class AlreadySeen(Exception):
    """A set was measured before: there is no second first sight."""


@dataclass(frozen=True)
class FirstSight:
    """An entry.

    Attributes:
        set: its name.
        date: ISO date of the measurement.
        model: fingerprint of what the model was trained from; a commit, or a word, for the oldest entries.
        figures: by measure: "97 of 100", or in words where the counts are lost.
        details: further tables of the same shape: voices, urgency, distance ...
        note: what one has to know to read the figures.
    """

    set: str
    date: str
    model: str
    figures: Mapping[str, str]
    details: Mapping[str, Mapping[str, str]]
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For YAML."""
        note = {"note": self.note} if self.note else {}
        named = {"set": self.set, "date": self.date, "model": self.model, **note}
        return {**named, "figures": dict(self.figures), **{key: dict(rows) for key, rows in self.details.items()}}


class History:
    """The file of all first sights.

    Args:
        path: of the file; without it nothing was measured yet.
    """

    def __init__(self, path: Path = HISTORY) -> None:
        self._path = path

    def entries(self) -> list[FirstSight]:
        """All of them, in the order of writing."""
        written = read_yaml(self._path) if self._path.exists() else []
        return [_entry(each) for each in written or []]

    def knows(self, name: str) -> bool:
        """Whether a set has been measured, and is a dev set."""
        return any(entry.set == name for entry in self.entries())

    def write_down(self, entry: FirstSight) -> None:
        """Adds an entry at the end; what stands before it stays as it is, to the byte.

        Raises:
            AlreadySeen: there is an entry of this set.
        """
        if self.knows(entry.set):
            raise AlreadySeen(f"{entry.set} was measured before: its figures at first sight stand in {self._path}.")
        head = "" if self._path.exists() else _HEAD
        added = yaml.safe_dump([entry.as_dict()], sort_keys=False, allow_unicode=True, width=110)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{head}\n{added}")


def _entry(written: Mapping[str, Any]) -> FirstSight:
    rest = {key: rows for key, rows in written.items() if isinstance(rows, Mapping) and key != "figures"}
    return FirstSight(
        set=str(written["set"]),
        date=str(written["date"]),
        model=str(written["model"]),
        figures=written["figures"],
        details=rest,
        note=written.get("note", ""),
    )
