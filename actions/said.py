"""What the visitor has just said, as Rasa understood it, and what they said before."""

from dataclasses import dataclass

from rasa_sdk import Tracker

from actions.desk import Desk
from actions.details import Details
from bot.handoff import transcript
from bot.handoff.transcript import Speaker

# How far back details are looked for when a request begins.
REMEMBERED_LINES = 60


@dataclass(frozen=True)
class Said:
    """The last message.

    Attributes:
        text: its words.
        intent: what Rasa takes it for.
        fresh: whether it still waits for an answer; otherwise the form only comes back after one.
    """

    text: str
    intent: str
    fresh: bool

    @classmethod
    def in_(cls, tracker: Tracker) -> "Said":
        """The last message of a conversation."""
        message = tracker.latest_message
        intent = (message.get("intent") or {}).get("name") or ""
        return cls(message.get("text") or "", intent, _is_fresh(tracker))


def told_before(desk: Desk, tracker: Tracker) -> Details:
    """What the visitor told in this conversation, up to and with the last message."""
    lines = transcript.lines(desk.store, tracker.sender_id, limit=REMEMBERED_LINES)
    texts = [line.text for line in lines if line.speaker is Speaker.VISITOR]
    return desk.finder.all_details([*texts, tracker.latest_message.get("text") or ""])


def _is_fresh(tracker: Tracker) -> bool:
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return True
        if event["event"] == "bot":
            return False
    return True
