"""Writes what was said into the database as Rasa does, and sends replies as the Rasa process does."""

import json
from datetime import datetime
from typing import Any

from rasa.shared.core.events import BotUttered, Event, UserUttered

from bot.database import tables
from bot.database.unit_of_work import Store
from bot.outbox import delivery


def visitor_says(store: Store, conversation: str, text: str) -> int:
    """A visitor's message; returns its id in the transcript."""
    return _write(store, conversation, UserUttered(text, {"name": "faq", "confidence": 1.0}, input_channel="web"))


def bot_says(store: Store, conversation: str, text: str, buttons: list[str] | None = None, **metadata: Any) -> int:
    """A reply of the bot, as bot/nlg composes it."""
    titles = [{"title": title, "payload": title} for title in buttons or []]
    said = BotUttered(text, {"buttons": titles}, {"utter_action": "utter_faq", "metadata": metadata})
    return _write(store, conversation, said)


def bot_answers(store: Store, conversation: str, title: str, text: str) -> int:
    """An answer with a source."""
    source = {"document": "CAR T-Cell Therapy", "section": "Possible Side Effects"}
    shown = f'{text}\n\nSource: CAR T-Cell Therapy, "Possible Side Effects"'
    return bot_says(store, conversation, shown, ["What is CRS?"], kind="answer", title=title, sources=[source])


def send_replies(store: Store, at: datetime, delivered: bool = False) -> None:
    """Hands over all replies that are due."""
    for reply in delivery.claim(store, at):
        assert reply.id is not None
        words: dict[str, Any] = (
            {"kind": "staff", "staff": reply.author.name} if reply.author else {"kind": "staff_joined"}
        )
        bot_says(store, reply.conversation, reply.text or "Somebody has joined.", **words, reply_id=reply.id)
        delivery.mark_sent(store, reply.id, at, delivered)


def fail_replies(store: Store, at: datetime, failure: str = "blocked") -> None:
    """The channel refuses all replies that are due, for good."""
    for reply in delivery.claim(store, at):
        assert reply.id is not None
        delivery.record_failure(store, reply.id, at, failure, final=True)


def _write(store: Store, conversation: str, event: Event) -> int:
    data = event.as_dict()
    row = {
        "sender_id": conversation,
        "type_name": event.type_name,
        "timestamp": event.timestamp,
        "data": json.dumps(data),
    }
    with store.work() as work:
        id = work.execute(tables.events.insert().values(**row)).inserted_primary_key[0]
        work.commit()
    return int(id)
