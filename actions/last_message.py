"""What the visitor has just said, as Rasa understood it, and what they said before."""

from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from rasa_sdk import Tracker

from actions.dependencies import Dependencies
from actions.extraction import Details
from actions.extraction.bounds import newest
from actions.extraction.contact_details import written_in
from actions.extraction.entities import names_written_in
from actions.request import KIND, NOTHING, PREFIX
from bot.conversation import transcript
from bot.conversation.transcript import Speaker
from bot.domain.alert import ALARMS
from bot.domain.reply import CARRIES_REPLIES
from bot.nlu.understanding import KEY as UNDERSTANDING

# How far back details are looked for when a request begins, and when they are to be forgotten.
REMEMBERED_LINES, FORGOTTEN_LINES = 60, 1000
# So many words are forgotten at once, the newest of them: each is looked for in the whole conversation.
MOST_FORGOTTEN = 200
# Messages that were missed: so many are read afterwards, the newest.
MOST_MISSED = 5
PERSONAL_SLOTS = {PREFIX + name for name in ("name", "email", "phone", "note")}


@dataclass(frozen=True)
class Said:
    """A message.

    Attributes:
        text: its words.
        intent: what Rasa takes it for; empty for what was not understood, such as a picture.
    """

    text: str
    intent: str


def last_message(tracker: Tracker) -> Said:
    """What the visitor has just said."""
    return _said(tracker.latest_message)


def missed_messages(tracker: Tracker) -> list[Said]:
    """What the visitor said since the form last read a message and before the one that it reads now, oldest first.

    The action server was away then. What the form reads leaves the slot KIND behind. An alarm was answered without it.
    """
    unread = takewhile(lambda event: event.get("name") != KIND, reversed(tracker.events))
    messages = (_said(event.get("parse_data") or {}) for event in unread if event["event"] == "user")
    missed = (said for said in islice(messages, 1, None) if said.intent and said.intent not in ALARMS)
    return list(islice(missed, MOST_MISSED))[::-1]


def language_of(tracker: Tracker) -> str | None:
    """The language that the conversation is in; None for English. The last message knows it first."""
    understood = tracker.latest_message.get(UNDERSTANDING) or {}
    language: str | None = understood.get("language") or tracker.get_slot("language")
    return language


def is_answered(tracker: Tracker) -> bool:
    """Whether a rule has answered the last message already, and the form only comes back after it."""
    said = next((event for event in reversed(tracker.events) if event["event"] in {"user", "bot"}), None)
    return said is not None and said["event"] == "bot"


def response_before(tracker: Tracker) -> str | None:
    """Name of the response (domain.yml) that the last message follows."""
    spoken = [event for event in reversed(tracker.events) if event["event"] in {"user", "bot"}]
    said = next((place for place, event in enumerate(spoken) if event["event"] == "user"), len(spoken))
    before: dict[str, Any] = next(iter(spoken[said + 1 :]), {})
    return (before.get("metadata") or {}).get("utter_action") if before.get("event") == "bot" else None


def can_be_answered_here(tracker: Tracker) -> bool:
    """Whether staff's replies reach the visitor through the channel of the last message, which then says so itself."""
    message: dict[str, Any] = next((event for event in reversed(tracker.events) if event["event"] == "user"), {})
    return bool((message.get("metadata") or {}).get(CARRIES_REPLIES))


def told_before(dependencies: Dependencies, tracker: Tracker) -> Details:
    """What the visitor told in this conversation, up to and with the last message."""
    return dependencies.extractor.in_language(language_of(tracker)).all_details(
        _texts(dependencies, tracker, REMEMBERED_LINES)
    )


def words_to_forget(dependencies: Dependencies, tracker: Tracker) -> list[str]:
    """Every name, address and number that the visitor told, also what was corrected later, and the note."""
    words = {event.get("value"): None for event in tracker.events if event.get("name") in PERSONAL_SLOTS}
    texts = _texts(dependencies, tracker, FORGOTTEN_LINES)[::-1]
    extractor = dependencies.extractor.in_language(language_of(tracker))
    for text in newest(texts[::-1]):
        found = extractor.details(text)
        words |= dict.fromkeys([found.name, found.email, found.phone])
    for text in texts:
        words |= dict.fromkeys([*names_written_in(text), *written_in(text)])
    kept = (str(word) for word in words if word and word != NOTHING)
    return sorted(islice(kept, MOST_FORGOTTEN))


def _said(parsed: dict[str, Any]) -> Said:
    # A button in another language has the words of the original beside its own.
    text = (parsed.get(UNDERSTANDING) or {}).get("meaning") or parsed.get("text") or ""
    return Said(text, (parsed.get("intent") or {}).get("name") or "")


def _texts(dependencies: Dependencies, tracker: Tracker, limit: int) -> list[str]:
    lines = transcript.lines(dependencies.store, tracker.sender_id, limit=limit)
    texts = [line.text for line in lines if line.speaker is Speaker.VISITOR]
    return [*texts, last_message(tracker).text]
