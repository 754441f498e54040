"""The transcript, from the events that Rasa's own classes make."""

import json
from collections.abc import Sequence
from datetime import timezone

import pytest
import sqlalchemy as sa
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered

from bot.conversation.transcript import Line, Speaker, lines
from bot.database import tables
from bot.database.unit_of_work import Store
from tests.events import turn
from tests.handoffs import NOON, VISITOR


def happened(store: Store, *events: Event, conversation: str = VISITOR) -> None:
    """Stores events as Rasa's tracker store does."""
    rows = [
        {"sender_id": conversation, "type_name": event.type_name, "data": json.dumps(event.as_dict())}
        for event in events
    ]
    with store.work() as work:
        work.execute(tables.events.insert(), rows)
        work.commit()


def said(found: Sequence[Line]) -> list[tuple[Speaker, str]]:
    return [(line.speaker, line.text) for line in found]


def test_a_conversation_reads_as_it_was_said(store: Store) -> None:
    happened(store, *turn("What is CRS?"), SlotSet("country", "Peru"), *turn("And ICANS?"))
    assert said(lines(store, VISITOR)) == [
        (Speaker.VISITOR, "What is CRS?"),
        (Speaker.BOT, "a reply"),
        (Speaker.VISITOR, "And ICANS?"),
        (Speaker.BOT, "a reply"),
    ]


def test_each_conversation_has_its_own(store: Store) -> None:
    happened(store, *turn("mine"))
    happened(store, *turn("theirs"), conversation="web-2")
    assert "theirs" not in [line.text for line in lines(store, VISITOR)]


def test_nobody_said_anything_in_a_new_conversation(store: Store) -> None:
    assert lines(store, VISITOR) == []


def test_a_reply_by_staff_names_them(store: Store) -> None:
    metadata = {"utter_action": "staff", "metadata": {"kind": "staff", "staff": "Anna", "reply_id": 7}}
    happened(store, BotUttered("Hello, I am Anna", {}, metadata))
    (line,) = lines(store, VISITOR)
    assert (line.speaker, line.staff, line.reply_id, line.text) == (Speaker.STAFF, "Anna", 7, "Hello, I am Anna")


def test_an_answer_carries_its_sources_and_buttons(store: Store) -> None:
    buttons = [{"title": "Signs of CRS", "payload": "What are the signs of CRS?"}]
    sources = [{"document": "Guide", "section": "Risks"}]
    happened(
        store, BotUttered("CRS is ...", {"buttons": buttons}, {"metadata": {"kind": "answer", "sources": sources}})
    )
    (line,) = lines(store, VISITOR)
    assert (line.buttons, line.metadata["sources"]) == (buttons, sources)


def test_a_visitors_line_has_its_time_and_id(store: Store) -> None:
    happened(store, UserUttered("Hello", message_id="m1", timestamp=NOON.timestamp()))
    (line,) = lines(store, VISITOR)
    assert (line.at, line.at.tzinfo) == (NOON, timezone.utc)
    assert line.message_id


@pytest.mark.parametrize(
    "event",
    [
        UserUttered("/something of ours", metadata={"hidden": True}),
        BotUttered(None, {"custom": {"typing": True}}),
        ActionExecuted("action_listen"),
    ],
    ids=["hidden", "no words", "no utterance"],
)
def test_what_nobody_said_is_no_line(store: Store, event: Event) -> None:
    happened(store, event)
    assert lines(store, VISITOR) == []


def test_a_reader_continues_where_it_was(store: Store) -> None:
    happened(store, *turn("first"))
    last = lines(store, VISITOR)[-1].id
    happened(store, *turn("second"))
    assert said(lines(store, VISITOR, after=last)) == [(Speaker.VISITOR, "second"), (Speaker.BOT, "a reply")]
    assert lines(store, VISITOR, after=lines(store, VISITOR)[-1].id) == []


def test_a_limit_keeps_the_newest_in_their_order(store: Store) -> None:
    happened(store, *turn("first"), *turn("second"))
    assert said(lines(store, VISITOR, limit=2)) == [(Speaker.VISITOR, "second"), (Speaker.BOT, "a reply")]


def test_an_id_is_never_used_again_so_that_no_reader_misses_a_line(store: Store) -> None:
    happened(store, *turn("first"))
    last = lines(store, VISITOR)[-1].id
    with store.work() as work:
        work.execute(sa.delete(tables.events))
        work.commit()
    happened(store, *turn("after the erasure"))
    assert lines(store, VISITOR, after=last)
