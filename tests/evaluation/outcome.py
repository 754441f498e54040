"""What the assistant did with a message, read from its reply the way a channel would."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.content.catalogue import FAQ


@dataclass(frozen=True)
class Outcome:
    """One reply.

    Attributes:
        kind: ``answer``, ``did_you_mean``, ``lost``, ``emergency`` ... (the reply's metadata).
        answers: names of the answers given.
        offered: names of the answers on the buttons.
    """

    kind: str
    answers: tuple[str, ...]
    offered: tuple[str, ...]

    @classmethod
    def of(cls, reply: Mapping[str, Any], names_by_title: Mapping[str, str]) -> "Outcome":
        """Reads a reply of the REST channel."""
        metadata = reply["metadata"]
        buttons = [button["title"] for button in reply.get("buttons", [])]
        return cls(
            metadata["kind"],
            tuple(metadata.get("answers", ())),
            tuple(names_by_title[title] for title in buttons if title in names_by_title),
        )

    @property
    def label(self) -> str:
        """For the confusion list: the answer's full intent, or the kind."""
        return f"{FAQ}/{self.answers[0]}" if self.kind == "answer" else self.kind

    def right_at_once(self, expected: str) -> bool:
        """Whether the expected answer was given."""
        return self.kind == "answer" and expected.removeprefix(f"{FAQ}/") in self.answers

    def right_after_click(self, expected: str) -> bool:
        """Whether it was given, or one of the buttons gives it."""
        return expected.removeprefix(f"{FAQ}/") in self.offered or self.right_at_once(expected)
