"""What the database holds of a request: nothing before consent, all of it afterwards, and nothing of a dropped one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.handoff import State
from tests.assistant import Conversation
from tests.conftest import Assistant
from tests.integration.stored import stored_events

pytestmark = pytest.mark.model

# Nobody else in the database has these.
NAME, EMAIL, PHONE, SPOKEN = "Ludmila Ferreira", "l.ferreira@example.org", "+442079460321", "+44 20 7946 0321"
EVERYTHING = f"I'm {NAME} from Peru, my mother has AML, {EMAIL}, call me on {SPOKEN}"
# Not four digits alone: a time or an id may hold them by chance.
PERSONAL = (NAME, EMAIL, PHONE, SPOKEN, "Ludmila", "Ferreira", "79460321", "7946 0321")


@pytest.fixture
def store(assistant: Assistant) -> Iterator[Store]:
    store = Store.open(assistant.database_url)
    yield store
    store.engine.dispose()


@pytest.fixture
def visitor(assistant: Assistant) -> Conversation:
    return Conversation(assistant.url)


def say(visitor: Conversation, *texts: str) -> str:
    """Says all of it; the kind of the last reply."""
    replies = [reply for text in texts for reply in visitor.replies(text)]
    return str(replies[-1]["metadata"]["kind"])


def kept(store: Store, visitor: Conversation) -> str:
    """Everything in every table that belongs to this conversation, as one text."""
    handoffs = tables.handoffs.c
    found: list[Any] = []
    with store.reading() as work:
        query = sa.select(handoffs.id).where(handoffs.conversation == visitor.sender)
        ids = [str(id) for id in work.execute(query).scalars()]
        for table in tables.metadata.sorted_tables:
            for row in work.execute(sa.select(table)).mappings():
                values = {str(value) for value in row.values()}
                if visitor.sender in values or str(row.get("handoff_id")) in ids:
                    found.append(dict(row))
    return json.dumps(found, default=str, ensure_ascii=False)


def handoffs(store: Store, visitor: Conversation) -> list[dict[str, Any]]:
    columns = tables.handoffs.c
    query = (
        sa.select(columns.state, columns.kind, tables.contacts)
        .select_from(tables.handoffs.outerjoin(tables.contacts))
        .where(columns.conversation == visitor.sender)
        .order_by(columns.id)
    )
    with store.reading() as work:
        return [dict(row) for row in work.execute(query).mappings()]


def slots(assistant: Assistant, visitor: Conversation) -> dict[str, Any]:
    """What Rasa remembers of a request."""
    events = [event for event in stored_events(assistant.database_url, visitor.sender) if event["event"] == "slot"]
    last = {event["name"]: event["value"] for event in events if event["name"].startswith("handoff_")}
    return {name: value for name, value in last.items() if value is not None}


def left_behind(store: Store, visitor: Conversation) -> list[str]:
    everything = kept(store, visitor).lower()
    return [words for words in PERSONAL if words.lower() in everything]


def test_before_consent_no_detail_is_taken_over(assistant: Assistant, store: Store, visitor: Conversation) -> None:
    say(visitor, f"{EVERYTHING}, we want to enroll", "What is CRS?", EMAIL)
    assert slots(assistant, visitor) == {"handoff_kind": "enrollment"}
    assert handoffs(store, visitor) == []


def test_a_confirmed_request_has_all_that_was_told(store: Store, visitor: Conversation) -> None:
    assert say(visitor, f"{EVERYTHING}, we want to enroll", "yes", "no", "yes") == "handoff_waiting"
    (handoff,) = handoffs(store, visitor)
    details = ("name", "patient", "email", "phone", "country", "condition", "note")
    assert [handoff[name] for name in details] == [NAME, "my mother", EMAIL, PHONE, "Peru", "AML", None]
    assert (handoff["state"], handoff["kind"].value) == (State.WAITING, "enrollment")


def test_asked_twice_there_is_one_handoff(assistant: Assistant, store: Store, visitor: Conversation) -> None:
    say(visitor, "I want to talk to a person", "yes", "I want to talk to a person", "yes", "I want to enroll", "yes")
    assert [handoff["state"] for handoff in handoffs(store, visitor)] == [State.WAITING]
    assert slots(assistant, visitor) == {}


@pytest.mark.parametrize(
    "texts",
    [
        ("I want to enroll", "no"),
        (EVERYTHING, "I want to enroll", "no thanks"),
        (f"{EVERYTHING}, we want to enroll", f"no, do not write to {EMAIL}", "no"),
        ("I want to enroll", "yes", "my mother", NAME, "cancel"),
        ("I want to enroll", "yes", EVERYTHING, "no", "cancel"),
        (
            "I want to enroll",
            "yes",
            EVERYTHING,
            "no",
            "no, my name is Maria",
            "no, the mail is m@example.org",
            "cancel",
        ),
        (EVERYTHING, "I want to talk to a person", "no"),
    ],
    ids=["refused", "told before", "told while refusing", "a name", "at the summary", "corrected", "a person refused"],
)
def test_a_dropped_request_leaves_nothing_behind(
    assistant: Assistant, store: Store, visitor: Conversation, texts: tuple[str, ...]
) -> None:
    assert say(visitor, *texts) in {"consent_refused", "request_dropped"}
    assert left_behind(store, visitor) == []
    assert handoffs(store, visitor) == []
    assert set(slots(assistant, visitor)) <= {"handoff_forget"}
    assert say(visitor, "What is CRS?") == "answer"


def test_a_waiting_request_that_is_cancelled_leaves_no_contact_details(
    assistant: Assistant, store: Store, visitor: Conversation
) -> None:
    say(visitor, f"{EVERYTHING}, we want to enroll", "yes", "no", "yes", "What is CRS?")
    assert left_behind(store, visitor) != []
    assert say(visitor, "cancel my request", "yes") == "request_cancelled"
    assert left_behind(store, visitor) == []
    assert [(handoff["state"], handoff["email"]) for handoff in handoffs(store, visitor)] == [(State.CANCELLED, None)]


def test_no_detail_of_a_request_is_in_the_logs(assistant: Assistant, visitor: Conversation) -> None:
    say(
        visitor,
        f"{EVERYTHING}, we want to enroll",
        "yes",
        "no",
        "cancel",
        EVERYTHING,
        "I want to enroll",
        "yes",
        "no",
        "yes",
    )
    for log in (assistant.log, assistant.folder / "actions.log"):
        text = log.read_text(encoding="utf-8", errors="replace")
        assert [words for words in PERSONAL if words in text] == []
