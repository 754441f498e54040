"""The conversation store on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    ConversationPaused,
    ConversationResumed,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.storage.tracker_store import RECENT_EVENTS, ConversationStore
from tests.events import turn

DOMAIN = Domain.from_dict(
    {
        "slots": {
            name: {"type": "text", "influence_conversation": False, "mappings": [{"type": "custom"}]}
            for name in ("language", "country")
        },
        "forms": {"enrollment_form": {"required_slots": []}},
    }
)
VISITOR = "visitor-1"
START: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
OpenStore = Callable[[], ConversationStore]


@pytest.fixture
def open_store(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenStore]:
    """Opens the store, as each process does; all on one database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    stores = []

    def open_one() -> ConversationStore:
        stores.append(ConversationStore(DOMAIN))
        return stores[-1]

    yield open_one
    for store in stores:
        store.engine.dispose()


@pytest.fixture
def store(open_store: OpenStore) -> ConversationStore:
    return open_store()


def add(store: ConversationStore, *events: Event, visitor: str = VISITOR) -> None:
    """One turn: reads the conversation, lets ``events`` happen, saves it."""

    async def handle() -> None:
        tracker = await store.retrieve(visitor) or DialogueStateTracker(visitor, DOMAIN.slots)
        for event in events:
            tracker.update(event)
        await store.save(tracker)

    asyncio.run(handle())


def talk(store: ConversationStore, turns: int, first: int = 0) -> list[Event]:
    """A conversation of so many turns; the events of all."""
    happened = [turn(f"question {number}") for number in range(first, first + turns)]
    for events in happened:
        add(store, *events)
    return [event for events in happened for event in events]


def read(store: ConversationStore, visitor: str = VISITOR) -> DialogueStateTracker:
    tracker = asyncio.run(store.retrieve(visitor))
    assert tracker is not None
    return tracker


def read_all(store: ConversationStore, visitor: str = VISITOR) -> DialogueStateTracker:
    tracker = asyncio.run(store.retrieve_full_tracker(visitor))
    assert tracker is not None
    return tracker


def contents(events: Any) -> list[dict[str, Any]]:
    return [event.as_dict() for event in events]


def rows(store: ConversationStore) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM events")).scalar_one())


def test_the_events_that_were_saved_come_back(store: ConversationStore) -> None:
    events = [*START, *turn("what is CRS? 😀 白血病"), SlotSet("language", "zh")]
    add(store, *events)
    assert contents(read(store).events) == contents(events)
    assert read(store).latest_message.text == "what is CRS? 😀 白血病"
    assert read(store).get_slot("language") == "zh"


def test_a_new_visitor_has_no_conversation(store: ConversationStore) -> None:
    assert asyncio.run(store.retrieve("nobody")) is None
    assert asyncio.run(store.retrieve_full_tracker("nobody")) is None


def test_conversations_stay_apart(store: ConversationStore) -> None:
    add(store, *turn("mine"))
    add(store, *turn("theirs"), visitor="visitor-2")
    assert read(store).latest_message.text == "mine"
    assert read(store, "visitor-2").latest_message.text == "theirs"


def test_only_recent_events_are_read(store: ConversationStore) -> None:
    events = talk(store, turns=RECENT_EVENTS // 2)
    assert len(events) > RECENT_EVENTS
    assert contents(read(store).events) == contents(events[-RECENT_EVENTS:])


def test_the_whole_conversation_can_be_read(store: ConversationStore) -> None:
    events = talk(store, turns=RECENT_EVENTS // 2)
    assert contents(read_all(store).events) == contents(events)


def test_nothing_is_stored_twice_over_many_turns(store: ConversationStore) -> None:
    add(store, *START, SlotSet("language", "zh"), ActiveLoop("enrollment_form"))
    happened = talk(store, turns=40)
    assert rows(store) == len(START) + 2 + len(happened)


def test_a_conversation_saved_twice_in_one_turn_is_stored_once(store: ConversationStore) -> None:
    async def save_twice() -> None:
        tracker = DialogueStateTracker.from_events(VISITOR, START, DOMAIN.slots)
        await store.save(tracker)
        await store.save(tracker)
        tracker.update(SlotSet("language", "zh"))
        await store.save(tracker)

    asyncio.run(save_twice())
    assert contents(read_all(store).events)[:-1] == contents(START)
    assert rows(store) == len(START) + 1


def test_what_was_set_long_ago_still_holds(store: ConversationStore) -> None:
    add(store, *START, SlotSet("language", "zh"), SlotSet("country", "Chile"), ActiveLoop("enrollment_form"))
    add(store, SlotSet("country", "Peru"))
    talk(store, turns=RECENT_EVENTS)
    tracker = read(store)
    assert tracker.current_slot_values() == {**tracker.current_slot_values(), "language": "zh", "country": "Peru"}
    assert tracker.active_loop_name == "enrollment_form"


def test_what_was_unset_long_ago_stays_unset(store: ConversationStore) -> None:
    add(store, *START, SlotSet("language", "zh"), ActiveLoop("enrollment_form"))
    add(store, SlotSet("language", None), ActiveLoop(None))
    talk(store, turns=RECENT_EVENTS)
    assert read(store).get_slot("language") is None
    assert read(store).active_loop_name is None


@pytest.mark.parametrize("reset", [AllSlotsReset, Restarted])
def test_what_was_reset_long_ago_does_not_come_back(store: ConversationStore, reset: type[Event]) -> None:
    add(store, *START, SlotSet("language", "zh"))
    add(store, reset())
    talk(store, turns=RECENT_EVENTS)
    assert read(store).get_slot("language") is None


def test_a_conversation_paused_long_ago_is_still_paused(store: ConversationStore) -> None:
    add(store, *START, ConversationPaused())
    talk(store, turns=RECENT_EVENTS)
    assert read(store).is_paused()
    add(store, ConversationResumed())
    talk(store, turns=RECENT_EVENTS)
    assert not read(store).is_paused()


def test_what_was_set_in_an_earlier_session_is_over(store: ConversationStore) -> None:
    add(store, *START, SlotSet("language", "zh"))
    add(store, *START, SlotSet("country", "Peru"))
    talk(store, turns=RECENT_EVENTS)
    assert read(store).get_slot("language") is None
    assert read(store).get_slot("country") == "Peru"


def test_the_recent_past_gives_the_same_state_as_the_whole(store: ConversationStore) -> None:
    add(store, *START, SlotSet("language", "zh"))
    for number in range(RECENT_EVENTS):
        add(store, *turn(f"question {number}"), SlotSet("country", str(number)))
        recent, whole = read(store), read_all(store)
        assert recent.current_slot_values() == whole.current_slot_values()
        assert recent.latest_message == whole.latest_message
        assert recent.latest_action_name == whole.latest_action_name


def test_another_process_sees_the_same(store: ConversationStore, open_store: OpenStore) -> None:
    talk(store, turns=3)
    other = open_store()
    assert contents(read(other).events) == contents(read(store).events)
    add(other, *turn("said there"))
    assert read(store).latest_message.text == "said there"
    assert rows(store) == 4 * len(turn(""))


def test_turns_taken_in_two_processes_are_stored_once(store: ConversationStore, open_store: OpenStore) -> None:
    other = open_store()
    for number in range(RECENT_EVENTS // 2):
        talk(store if number % 2 else other, turns=1, first=number)
    asked = [event.text for event in read_all(store).events if event.type_name == "user"]
    assert asked == [f"question {number}" for number in range(RECENT_EVENTS // 2)]


def test_a_failed_save_stores_nothing_of_the_turn(store: ConversationStore) -> None:
    add(store, *START)
    with pytest.raises(TypeError, match="not JSON serializable"):
        add(store, *turn("lost"), SlotSet("language", object()))
    assert contents(read_all(store).events) == contents(START)


def test_every_visitor_is_listed_once(store: ConversationStore) -> None:
    add(store, *START)
    add(store, *START, visitor="visitor-2")
    assert sorted(asyncio.run(store.keys())) == [VISITOR, "visitor-2"]
