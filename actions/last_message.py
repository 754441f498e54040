"""What the visitor has just said, as Rasa understood it, and what they said before."""

from dataclasses import dataclass

from rasa_sdk import Tracker

from actions.dependencies import Dependencies
from actions.extraction import Details
from actions.extraction.contact_details import written_in
from actions.request import NOTHING, PREFIX
from bot.conversation import transcript
from bot.conversation.transcript import Speaker

# How far back details are looked for when a request begins, and when they are to be forgotten.
REMEMBERED_LINES, FORGOTTEN_LINES = 60, 1000
PERSONAL_SLOTS = {PREFIX + name for name in ("name", "email", "phone", "note")}


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


def told_before(dependencies: Dependencies, tracker: Tracker) -> Details:
    """What the visitor told in this conversation, up to and with the last message."""
    return dependencies.finder.all_details(_texts(dependencies, tracker, REMEMBERED_LINES))


def words_to_forget(dependencies: Dependencies, tracker: Tracker) -> list[str]:
    """Every name, address and number that the visitor told, also what was corrected later, and the note."""
    words = {event.get("value") for event in tracker.events if event.get("name") in PERSONAL_SLOTS}
    for text in _texts(dependencies, tracker, FORGOTTEN_LINES):
        found = dependencies.finder.details(text)
        words |= {found.name, found.email, found.phone, *written_in(text)}
    return sorted(str(word) for word in words - {None, "", NOTHING})


def _texts(dependencies: Dependencies, tracker: Tracker, limit: int) -> list[str]:
    lines = transcript.lines(dependencies.store, tracker.sender_id, limit=limit)
    texts = [line.text for line in lines if line.speaker is Speaker.VISITOR]
    return [*texts, tracker.latest_message.get("text") or ""]


def _is_fresh(tracker: Tracker) -> bool:
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return True
        if event["event"] == "bot":
            return False
    return True
