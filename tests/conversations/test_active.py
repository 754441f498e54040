"""While staff own the conversation, and after: the real assistant, with staff at work on its database."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import urlencode
from urllib.request import urlopen
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bot.conversation import transcript
from bot.conversation.transcript import Speaker
from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from bot.domain.handoff import Outcome, State
from bot.domain.reply import ReplyState
from bot.handoff import services
from tests.assistant import Conversation, Reply
from tests.conftest import Assistant
from tests.handoffs import member, replies
from tests.integration.launcher import wait_until

pytestmark = pytest.mark.model


@dataclass
class Case:
    """A visitor's conversation, and the staff who own it."""

    visitor: Conversation
    store: Store
    staff_id: int
    url: str

    @property
    def handoff_id(self) -> int:
        return services.standing(self.store, self.visitor.sender).handoff_id or 0

    def writes(self, text: str) -> None:
        services.reply(self.store, self.handoff_id, self.staff_id, text, uuid4().hex, now())
        self.all_sent()

    def all_sent(self) -> None:
        """Waits for the sender in the Rasa process."""
        wait_until(lambda: ReplyState.QUEUED not in self.states())

    def states(self) -> list[ReplyState]:
        """How far each reply has come, oldest first."""
        return [reply.state for reply in replies(self.store, self.visitor.sender)]

    def fetched(self) -> list[Reply]:
        """What the visitor gets who asks for replies without a message."""
        query = urlencode({"sender": self.visitor.sender})
        with urlopen(f"{self.url.removesuffix('webhook')}replies?{query}", timeout=60) as answer:  # noqa: S310
            return list(json.load(answer))

    def resolve(self) -> None:
        services.resolve(self.store, self.handoff_id, self.staff_id, Outcome.ANSWERED, now())
        self.all_sent()

    def alerts(self) -> list[AlertKind]:
        alerts = tables.alerts.c
        with self.store.reading() as work:
            query = sa.select(alerts.kind).where(alerts.conversation == self.visitor.sender).order_by(alerts.id)
            return list(work.execute(query).scalars())


def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.fixture
def store(assistant: Assistant) -> Iterator[Store]:
    store = Store.open(assistant.database_url)
    yield store
    store.engine.dispose()


@pytest.fixture
def case(assistant: Assistant, store: Store) -> Case:
    """A visitor who asked for a person, and Anna, who has joined and whose arrival the visitor has heard of."""
    visitor = Conversation(assistant.url)
    visitor.say("I want to talk to a person")
    assert visitor.say("yes")["metadata"]["kind"] == "handoff_waiting"
    case = Case(visitor, store, member(store, f"Anna{uuid4().hex[:6]}"), assistant.url)
    services.take(store, case.handoff_id, case.staff_id, now())
    case.all_sent()
    (joined,) = case.fetched()
    assert joined["metadata"]["kind"] == "staff_joined"
    return case


def kinds(said: list[Reply]) -> list[str]:
    return [reply["metadata"]["kind"] for reply in said]


@pytest.mark.parametrize(
    "text",
    [
        "What is CRS?",
        "/restart",
        "/session_start",
        "I want to enroll",
        "I want to talk to a person",
        "cancel my request",
        "yes",
        "maria@example.org",
        "Rating: 5",
        "5",
        "Who won the football world cup?",
        "",
    ],
)
def test_the_bot_is_silent_whatever_is_typed(case: Case, text: str) -> None:
    assert case.visitor.replies(text) == []
    assert case.visitor.replies("What is CRS?") == []
    assert services.standing(case.store, case.visitor.sender).state is State.ACTIVE


def test_what_the_visitor_writes_reaches_the_staff(case: Case) -> None:
    case.visitor.replies("My mother is called Olga.")
    *_, last = transcript.lines(case.store, case.visitor.sender)
    assert (last.speaker, last.text) == (Speaker.VISITOR, "My mother is called Olga.")


def test_an_emergency_is_answered_once_and_told_to_the_staff_each_time(case: Case) -> None:
    assert kinds(case.visitor.replies("he cannot breathe")) == ["emergency"]
    assert case.visitor.replies("What is CRS?") == []
    assert case.visitor.replies("she is having a seizure") == []
    assert case.alerts() == [AlertKind.EMERGENCY] * 2
    assert kinds(case.visitor.replies("I want to kill myself")) == ["crisis"]


def test_what_staff_write_is_fetched_without_a_message_and_delivered(case: Case) -> None:
    case.writes("Hello, how can I help?")
    assert case.states() == [ReplyState.DELIVERED, ReplyState.SENT]
    (reply,) = case.fetched()
    assert (reply["text"], reply["metadata"]["kind"]) == ("Hello, how can I help?", "staff")
    assert case.states() == [ReplyState.DELIVERED] * 2
    assert case.fetched() == []


def test_what_staff_write_comes_with_the_next_message_too(case: Case) -> None:
    case.writes("One.")
    case.writes("Two.")
    assert [reply["text"] for reply in case.visitor.replies("thank you")] == ["One.", "Two."]
    assert case.states() == [ReplyState.DELIVERED] * 3


def test_a_release_is_told_and_the_bot_answers_until_somebody_joins(case: Case) -> None:
    services.release(case.store, case.handoff_id, case.staff_id, now())
    case.all_sent()
    assert kinds(case.visitor.replies("What is CRS?")) == ["staff_released", "answer"]
    assert kinds(case.visitor.replies("I want to talk to a person")) == ["already_waiting"]


def test_a_transfer_is_told(case: Case) -> None:
    colleague = member(case.store, f"Ben{uuid4().hex[:6]}")
    services.transfer(case.store, case.handoff_id, case.staff_id, colleague, now())
    case.all_sent()
    assert kinds(case.visitor.replies("hello")) == ["staff_transferred"]


@pytest.mark.parametrize("text", ["5", "Rating: 5", "4/5"])
def test_the_end_is_told_and_rated_and_the_bot_is_back(case: Case, text: str) -> None:
    handoff_id = case.handoff_id
    case.resolve()
    (resolved,) = case.fetched()
    assert resolved["metadata"]["kind"] == "handoff_resolved"
    assert resolved["buttons"][0]["payload"] == "Rating: 5"
    assert kinds(case.visitor.replies(text)) == ["thanks_for_rating"]
    with case.store.reading() as work:
        assert work.handoff(handoff_id).rating == int(text.strip("Rating: ")[0])
    assert kinds(case.visitor.replies("What is CRS?")) == ["answer"]
    assert kinds(case.visitor.replies("5")) == ["lost"]


def test_nobody_has_to_rate(case: Case) -> None:
    case.resolve()
    assert kinds(case.visitor.replies("What is CRS?")) == ["handoff_resolved", "answer"]
    assert kinds(case.visitor.replies("I want to talk to a person")) == ["ask_handoff_form_handoff_consent"]


def test_an_emergency_without_a_handoff_raises_an_alert(assistant: Assistant, store: Store) -> None:
    visitor = Conversation(assistant.url)
    assert visitor.say("he cannot breathe")["metadata"]["kind"] == "emergency"
    assert Case(visitor, store, 0, assistant.url).alerts() == [AlertKind.EMERGENCY]
