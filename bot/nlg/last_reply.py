"""The last reply, for messages that are about it: "shorter please", "repeat that", "tell me more"."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker


@dataclass(frozen=True)
class LastReply:
    """What the bot said last.

    Attributes:
        text: as the visitor read it.
        answers: names of the answers in it; none where it was something else.
        given: names of all answers that the visitor has read lately.
    """

    text: str = ""
    buttons: tuple[dict[str, str], ...] = ()
    metadata: dict[str, Any] | None = None
    answers: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tracker: DialogueStateTracker) -> "LastReply":
        """Finds it among the recent events."""
        replies = list(_newest_first(tracker))
        if not replies:
            return cls()
        last = replies[0]
        given = frozenset(name for reply in replies for name in _answers(reply))
        buttons = tuple(last.data.get("buttons") or ())
        return cls(last.text or "", buttons, last.metadata.get("metadata"), _answers(last), given)


def _newest_first(tracker: DialogueStateTracker) -> Iterator[BotUttered]:
    return (event for event in reversed(tracker.events) if isinstance(event, BotUttered) and event.text)


def _answers(reply: BotUttered) -> tuple[str, ...]:
    return tuple((reply.metadata.get("metadata") or {}).get("answers") or ())
