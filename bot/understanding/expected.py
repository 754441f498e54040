"""What the bot's last reply makes of a short message: "yes" after an offer, "5" after "how helpful was it?"."""

import re

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

RATE, AFFIRM = "rate", "affirm"
ASKED_TO_RATE = "handoff_resolved"
_RATING = re.compile(r"^\s*rating:?\s*[1-5]\s*$", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*[1-5]\s*(?:/\s*5|out of 5|stars?|\u2b50*)?\s*[.!]?\s*$", re.IGNORECASE)


def expected_intent(text: str, intent: str, tracker: DialogueStateTracker | None) -> str:
    """The intent that a message has in its place, given the one that its words have.

    An offer is a response with ``metadata: {offers: <intent>}`` in domain.yml; "yes" then means that intent.
    """
    said = _last_reply(tracker)
    if _RATING.match(text) or (said.get("kind") == ASKED_TO_RATE and _NUMBER.match(text)):
        return RATE
    if intent == AFFIRM and said.get("offers"):
        return str(said["offers"])
    return intent


def _last_reply(tracker: DialogueStateTracker | None) -> dict[str, object]:
    earlier = reversed(tracker.events if tracker else [])
    for event in earlier:
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            return event.metadata.get("metadata") or {}
    return {}
