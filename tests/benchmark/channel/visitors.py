"""What is true for the visitors of both sides: what they asked, and what they were shown."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

# Longer than any queue of a run is; a visitor who still has nothing counts as left without an answer.
PATIENCE_SECONDS = 180


@dataclass
class Asked:
    """A question and what was shown for it.

    Attributes:
        sent: when, in seconds of ``time.perf_counter``.
        shown: when the answer was complete; None as long as there is none.
        parts: the texts of the answer, each as often as it was shown.
    """

    sent: float
    shown: float | None = None
    parts: list[str] = field(default_factory=list)

    @property
    def milliseconds(self) -> float | None:
        """From sending to the answer."""
        return None if self.shown is None else (self.shown - self.sent) * 1000

    @property
    def doubled(self) -> bool:
        """Whether the same text was shown twice."""
        return any(times > 1 for times in Counter(self.parts).values())

    def hear(self, text: str, at: float) -> None:
        """A part of the answer is shown."""
        self.parts.append(text)
        self.shown = at


class Visitor(Protocol):
    """A visitor with one open conversation.

    Attributes:
        asked: the questions so far.
    """

    asked: list[Asked]

    async def connect(self) -> None:
        """Opens the conversation; returns when replies would be heard.

        Raises:
            WrongAnswer: the server refuses.
        """

    async def ask(self, question: str) -> None:
        """Asks; returns when the answer is shown, or no longer to be expected."""

    def expect_cut(self) -> None:
        """From now on ``back`` waits for a new connection."""

    async def cut(self) -> None:
        """Breaks every connection that is open. The visitor's page reconnects as its own widget does."""

    async def back(self) -> None:
        """Returns when replies would be heard again."""

    async def missing(self) -> int | None:
        """How many lines that were shown a reload of the page does not show; None where there is no history."""

    async def leave(self) -> None:
        """Closes the page."""
