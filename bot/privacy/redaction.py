"""Takes words back out of the transcript: what a visitor told for a request that was refused or cancelled.

The action that ends the request names the words in the slot ``FORGET``; the store of conversations takes them out in
the transaction that stores the turn, so that the last message of the visitor is among what is cleared.
"""

import json
import re
from collections.abc import Iterable

import sqlalchemy as sa

from bot.database.tables import events
from bot.database.unit_of_work import Work

# Slot with a list of words; nothing but REMOVED is ever stored of it.
FORGET = "handoff_forget"
REMOVED = "[removed]"


def redact(work: Work, conversation: str, words: Iterable[str]) -> None:
    """Replaces each of the words (e-mail address, name ...) in all events of a conversation; the caller commits."""
    pattern = _pattern(words)
    if pattern is None:
        return
    query = sa.select(events.c.id, events.c.data).where(events.c.sender_id == conversation)
    for row in work.execute(query).all():
        redacted = json.dumps(_without(json.loads(row.data), pattern))
        if redacted != row.data:
            work.execute(events.update().where(events.c.id == row.id).values(data=redacted))


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    ways = sorted({word.strip() for word in words if word.strip()}, key=len, reverse=True)
    if not ways:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_loosely, ways))})(?!\w)", re.IGNORECASE)


def _loosely(word: str) -> str:
    # A phone number is kept as +442079460000 and was written as +44 20 7946 0000.
    if re.fullmatch(r"\+?\d{6,}", word):
        return r"[\s().\-/]*".join(re.escape(character) for character in word)
    return r"\s+".join(map(re.escape, word.split()))


def _without(value: object, pattern: re.Pattern[str]) -> object:
    if isinstance(value, str):
        return pattern.sub(REMOVED, value)
    if isinstance(value, dict):
        return {key: _without(each, pattern) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, pattern) for each in value]
    return value
