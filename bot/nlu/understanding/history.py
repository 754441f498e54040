"""What was said before, as far as understanding a message needs it: plain lines, without any type of Rasa's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any


@dataclass(frozen=True)
class Line:
    """One line of a conversation.

    Attributes:
        by_visitor: else the bot or staff said it.
        intent: of a visitor's message.
        metadata: of a reply (bot/nlg): ``kind``, ``answers``, ``asked``, ``offers`` ...
        offered: the questions on a reply's buttons.
    """

    by_visitor: bool
    intent: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    offered: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What a reply is: ``answer``, ``did_you_mean``, ``emergency`` ...; empty for a visitor's message."""
        return str(self.metadata.get("kind") or "")


@dataclass(frozen=True)
class History:
    """The recent past.

    Attributes:
        lines: the newest first.
        form: name of the form that is being filled in.
        language: that the conversation is in, as far as it is known.
    """

    lines: Sequence[Line] = ()
    form: str | None = None
    language: str | None = None

    def last_replies(self) -> list[Line]:
        """What was said since the visitor's last message, newest first."""
        return list(takewhile(lambda line: not line.by_visitor, self.lines))

    def replies(self, messages: int) -> Iterator[Line]:
        """The replies back to the visitor's last few messages, newest first.

        Args:
            messages: of the visitor's, that may lie between.
        """
        passed = 0
        for line in self.lines:
            passed += line.by_visitor
            if passed > messages:
                return
            if not line.by_visitor:
                yield line

    def count_latest(self, intents: frozenset[str]) -> int:
        """How many of the visitor's latest messages in a row had one of these intents."""
        messages = (line for line in self.lines if line.by_visitor)
        return sum(1 for _ in takewhile(lambda line: line.intent in intents, messages))
