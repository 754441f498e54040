"""Rasa's tracker as the plain lines that understanding knows."""

from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.understanding import Understanding
from bot.nlu.understanding.history import History, Line

LANGUAGE_SLOT = "language"


def history_of(tracker: DialogueStateTracker | None) -> History:
    """The conversation's recent past; an empty one where there is no conversation."""
    if tracker is None:
        return History()
    lines = (_line(event) for event in reversed(tracker.events))
    return History([line for line in lines if line], tracker.active_loop_name, language_of(tracker))


def language_of(tracker: DialogueStateTracker) -> str | None:
    """The language that a conversation is in.

    The last message knows it, also where no rule has filled the slot: in the middle of a request without the action
    server, without the database, and while staff own the conversation.
    """
    message = tracker.latest_message
    spoken = Understanding.of(message.parse_data if message else None).language
    return spoken or (tracker.get_slot(LANGUAGE_SLOT) if LANGUAGE_SLOT in tracker.slots else None)


def _line(event: Event) -> Line | None:
    if isinstance(event, UserUttered):
        return Line(True, event.intent_name)
    if isinstance(event, BotUttered):
        buttons = event.data.get("buttons") or []
        return Line(False, None, event.metadata.get("metadata") or {}, tuple(button["title"] for button in buttons))
    return None
