"""What a message means in its place: "yes" after an offer, "5" after "how helpful was it?", a name for an answer."""

import re

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.understanding.decision import CRISIS, EMERGENCY

RATE, AFFIRM, LOST = "rate", "affirm", "lost"
# The request's form (domain.yml), and the length of an answer to it that says nothing of danger.
FORM, FEW_WORDS = "handoff_form", 3
ASKED_TO_RATE = "handoff_resolved"
_RATING = re.compile(r"^\s*rating:?\s*[1-5]\s*$", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*[1-5]\s*(?:/\s*5|out of 5|stars?|\u2b50*)?\s*[.!]?\s*$", re.IGNORECASE)


def expected_intent(text: str, intent: str, tracker: DialogueStateTracker | None) -> str:
    """The intent that a message has in its place, given the one that its words have. Not for a clear alarm.

    An offer is a response with ``metadata: {offers: <intent>}`` in domain.yml; "yes" then means that intent.
    """
    said = _last_reply(tracker)
    if _RATING.match(text) or (said.get("kind") == ASKED_TO_RATE and _NUMBER.match(text)):
        return RATE
    if (
        intent in (CRISIS, EMERGENCY)
        and len(text.split()) <= FEW_WORDS
        and tracker
        and tracker.active_loop_name == FORM
    ):
        # "Maria Quispe" is like nothing that was trained: a guess is no alarm.
        return LOST
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
