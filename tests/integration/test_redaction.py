"""Words that are taken back out of a conversation, on SQLite and on PostgreSQL."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.database.tables import events
from bot.database.unit_of_work import Store
from bot.privacy.redaction import FORGET, REMOVED, redact
from bot.storage.tracker_store import ConversationStore

VISITOR = "web-1"
DOMAIN = Domain.from_dict(
    {
        "slots": {
            name: {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
            for name in (FORGET, "handoff_email")
        }
    }
)


@pytest.fixture
def conversations(migrated_url: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationStore]:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    conversations = ConversationStore(DOMAIN)
    yield conversations
    conversations.engine.dispose()


def happens(conversations: ConversationStore, *what: Event, visitor: str = VISITOR) -> None:
    """One turn."""

    async def turn() -> None:
        tracker = await conversations.retrieve(visitor) or DialogueStateTracker(visitor, DOMAIN.slots)
        for event in what:
            tracker.update(event)
        await conversations.save(tracker)

    asyncio.run(turn())


def said(text: str) -> UserUttered:
    parsed: dict[str, Any] = {"text": text, "intent": {"name": "faq"}, "readings": [{"words": text}]}
    return UserUttered(text, {"name": "faq"}, parse_data=parsed)


def everything(store: Store, visitor: str = VISITOR) -> str:
    """All that is stored of a conversation, as one text."""
    with store.reading() as work:
        rows = work.execute(sa.select(events).where(events.c.sender_id == visitor)).all()
    return "\n".join(str(tuple(row)) for row in rows)


def take_out(store: Store, *words: str, visitor: str = VISITOR) -> None:
    with store.work() as work:
        redact(work, visitor, words)
        work.commit()


def test_a_word_is_gone_wherever_it_was_kept(conversations: ConversationStore, store: Store) -> None:
    happens(conversations, said("write to maria@example.org"), SlotSet("handoff_email", "maria@example.org"))
    happens(conversations, BotUttered("Contact: maria@example.org.", {"buttons": [{"title": "maria@example.org"}]}))
    take_out(store, "maria@example.org")
    assert "maria" not in everything(store)
    assert everything(store).count(REMOVED) >= 6


@pytest.mark.parametrize(
    ("word", "text", "left"),
    [
        ("Maria", "I'm MARIA, maria to friends", f"I'm {REMOVED}, {REMOVED} to friends"),
        ("Ana", "Ana likes bananas and Anatolia", f"{REMOVED} likes bananas and Anatolia"),
        ("+442079460000", "+44 (20) 7946-0000 or 00", f"{REMOVED} or 00"),
        ("Maria Quispe", "maria   quispe here", f"{REMOVED} here"),
        ("a.b@c.org", "a.b@c.org and axb@c.org", f"{REMOVED} and axb@c.org"),
        ("马丽", "我是 马丽", f"我是 {REMOVED}"),
    ],
)
def test_a_word_is_found_as_people_write_it_and_not_inside_others(
    conversations: ConversationStore, store: Store, word: str, text: str, left: str
) -> None:
    happens(conversations, said(text))
    take_out(store, word)
    (row,) = stored(store)
    assert row["text"] == row["parse_data"]["text"] == left


def stored(store: Store) -> list[dict[str, Any]]:
    with store.reading() as work:
        query = sa.select(events.c.data).where(events.c.sender_id == VISITOR).order_by(events.c.id)
        return [json.loads(data) for data in work.execute(query).scalars()]


def test_another_visitors_conversation_stays_as_it_is(conversations: ConversationStore, store: Store) -> None:
    happens(conversations, said("I'm Maria"))
    happens(conversations, said("I'm Maria"), visitor="web-2")
    take_out(store, "Maria")
    assert "Maria" not in everything(store)
    assert "Maria" in everything(store, "web-2")


@pytest.mark.parametrize("words", [[], ["", "  "]])
def test_with_no_words_nothing_changes(conversations: ConversationStore, store: Store, words: list[str]) -> None:
    happens(conversations, said("I'm Maria"))
    before = everything(store)
    take_out(store, *words)
    assert everything(store) == before


def test_leaving_without_commit_takes_nothing_out(conversations: ConversationStore, store: Store) -> None:
    happens(conversations, said("I'm Maria"))
    with store.work() as work:
        redact(work, VISITOR, ["Maria"])
    assert "Maria" in everything(store)


def test_the_turn_that_asks_for_it_is_cleared_too(conversations: ConversationStore, store: Store) -> None:
    happens(conversations, said("I'm Maria, maria@example.org"))
    happens(conversations, said("cancel, I'm Maria"), SlotSet(FORGET, ["Maria", "maria@example.org"]))
    assert "maria" not in everything(store).lower()


def test_the_conversation_goes_on_afterwards(conversations: ConversationStore, store: Store) -> None:
    happens(conversations, said("I'm Maria"))
    happens(conversations, said("cancel"), SlotSet(FORGET, ["Maria"]))
    happens(conversations, said("what is CRS?"))
    tracker = asyncio.run(conversations.retrieve(VISITOR))
    assert tracker is not None
    assert [event.text for event in tracker.events if isinstance(event, UserUttered)] == [
        f"I'm {REMOVED}",
        "cancel",
        "what is CRS?",
    ]
    happens(conversations, said("I'm Maria"))
    assert "Maria" in everything(store)
