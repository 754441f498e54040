"""What the assistant understood of one message: written by the decision component, read by the reply composer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.nlu.understanding.urgency import Urgency

KEY = "understanding"
# Set by the gate in a message's metadata when its end was cut off: the visitor is then asked for a shorter one.
SHORTENED = "shortened"
# Metadata of a message: the language of the page that the visitor writes on.
PAGE_LANGUAGE = "language"


@dataclass(frozen=True)
class Understanding:
    """Travels in a message's parse data under ``understanding``.

    Attributes:
        level: ``sure``, ``between`` or ``lost`` for questions; ``safety`` or ``dialogue`` for the rest.
        candidates: names of the answers to offer, best first: instead of one when ``between``, beside it when ``sure``.
        also: names of further answers, when a message holds two questions.
        echo: whether the answer should open with the question that was understood.
        hedge: whether a detail that was asked for may be missing from the sources.
        again: whether the visitor's last question has got this very answer.
        urgency: how much of an alarm the message is.
        concern: crisis or emergency, where it might be one.
        language: that the conversation is in from this message on; None as long as it is English.
        meaning: English words of the same meaning, where the message is word for word a translated title or button.
    """

    level: str = "lost"
    candidates: tuple[str, ...] = field(default_factory=tuple)
    also: tuple[str, ...] = field(default_factory=tuple)
    echo: bool = False
    hedge: bool = False
    again: bool = False
    urgency: Urgency = Urgency.NONE
    concern: str | None = None
    language: str | None = None
    meaning: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form for the message."""
        return {**asdict(self), "urgency": self.urgency.value}

    @classmethod
    def of(cls, parse_data: Mapping[str, Any] | None) -> "Understanding":
        """Reads it back from a message's parse data; the empty understanding where there is none."""
        stored = (parse_data or {}).get(KEY)
        if not stored:
            return cls()
        return cls(
            stored["level"],
            tuple(stored["candidates"]),
            tuple(stored["also"]),
            stored["echo"],
            # Messages of before 0.2.0 lack the rest.
            stored.get("hedge", False),
            stored.get("again", False),
            Urgency(stored.get("urgency", Urgency.NONE.value)),
            stored.get("concern"),
            stored.get("language"),
            stored.get("meaning"),
        )
