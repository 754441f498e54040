"""What the assistant understood of one message: written by the decision component, read by the reply composer."""

from dataclasses import asdict, dataclass, field
from typing import Any

from rasa.shared.core.events import UserUttered

KEY = "understanding"
# Set by the gate in a message's metadata when its end was cut off: the visitor is then asked for a shorter one.
SHORTENED = "shortened"


@dataclass(frozen=True)
class Understanding:
    """Travels in a message's parse data under ``understanding``.

    Attributes:
        level: ``sure``, ``between`` or ``lost`` for questions; ``safety`` or ``dialogue`` for the rest.
        candidates: names of the answers to offer, best first: instead of one when ``between``, beside it when ``sure``.
        also: names of further answers, when a message holds two questions.
        echo: whether the answer should open with the question that was understood.
    """

    level: str = "lost"
    candidates: tuple[str, ...] = field(default_factory=tuple)
    also: tuple[str, ...] = field(default_factory=tuple)
    echo: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form for the message."""
        return asdict(self)

    @classmethod
    def of(cls, message: UserUttered | None) -> "Understanding":
        """Reads it back from a tracker's user event; the empty understanding where there is none."""
        stored = (message.parse_data or {}).get(KEY) if message else None
        if not stored:
            return cls()
        return cls(
            stored["level"],
            tuple(stored["candidates"]),
            tuple(stored["also"]),
            stored["echo"],
        )
