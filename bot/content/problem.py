"""What a content check reports."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One thing for an editor to mend.

    Attributes:
        file: the file to open, relative to the project's folder.
        name: the intent or response in it.
        text: what is wrong and what to do, in one or two sentences.
    """

    file: Path
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.name}: {self.text}"
