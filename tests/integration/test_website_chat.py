"""A visitor's conversation through the website's API: messages, the stream, replies, feedback, the end of it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.conversation import feedback, typing_indicator
from bot.conversation.transcript import Speaker
from bot.database import tables
from bot.domain.handoff import Outcome
from bot.domain.reply import ReplyState
from bot.handoff import services
from bot.widget.rate_limits import RateLimits
from bot.widget.tokens import RENEWED_AFTER, VisitorTokens
from tests.servers import KEY
from tests.website import Website, a_website

Event = tuple[str, dict[str, Any]]


class Visitor(httpx.Client):
    """A browser without the browser."""

    def __init__(self, website: Website, token: str | None = None) -> None:
        self.token = token or httpx.post(f"{website.url}/chat/session", trust_env=False).json()["token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        super().__init__(base_url=f"{website.url}/chat", headers=headers, trust_env=False)
        self.number = 0

    def says(self, text: str, id: str | None = None, after: int = 0) -> httpx.Response:
        self.number += 1
        return self.post("/messages", json={"id": id or f"message-{self.number}", "text": text, "after": after})

    @contextmanager
    def listening(self, after: int = 0) -> Iterator[Iterator[Event]]:
        with self.stream("GET", f"/events?after={after}") as response:
            assert response.status_code == 200
            assert response.headers["Content-Type"].startswith("text/event-stream")
            yield _events(response)


def _events(response: httpx.Response) -> Iterator[Event]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def until(events: Iterator[Event], found: Callable[[Event], bool]) -> list[Event]:
    """Events up to the one that is looked for."""
    seen = []
    for event in events:
        seen.append(event)
        if found(event):
            return seen
    raise AssertionError(f"The stream ended after {seen}")


def line(text: str) -> Callable[[Event], bool]:
    return lambda event: event[0] == "line" and event[1]["text"] == text


def is_event(name: str, **data: Any) -> Callable[[Event], bool]:
    return lambda event: event[0] == name and data.items() <= event[1].items()


@pytest.fixture
def website(migrated_url: str) -> Iterator[Website]:
    with a_website(migrated_url) as website:
        yield website


@pytest.fixture
def visitor(website: Website) -> Iterator[Visitor]:
    with Visitor(website) as visitor:
        yield visitor


def test_what_is_new_comes_back_with_the_message(website: Website, visitor: Visitor) -> None:
    buttons = [{"title": "A", "payload": "A"}]
    sources = [{"document": "D", "section": "S"}]
    website.rasa.replies["What is a CAR?"] = [
        {"text": "First ü 中", "buttons": buttons, "metadata": {"kind": "answer", "sources": sources}},
        {"text": "Second"},
    ]
    response = visitor.says("What is a CAR?", id="my-message-1")
    assert response.headers["Cache-Control"] == "no-store"
    asked, first, second = response.json()["lines"]
    assert (asked["speaker"], asked["text"], asked["message_id"]) == ("visitor", "What is a CAR?", "my-message-1")
    assert (first["speaker"], first["text"], first["buttons"]) == ("bot", "First ü 中", buttons)
    assert first["metadata"] == {"kind": "answer", "sources": sources}
    assert asked["id"] < first["id"] < second["id"]
    more = visitor.says("more", after=second["id"]).json()["lines"]
    assert [line["text"] for line in more] == ["more", "You said: more"]


def test_a_message_whose_answer_was_lost_may_be_sent_again_and_is_read_once(website: Website, visitor: Visitor) -> None:
    website.rasa.deaf = True
    assert visitor.says("hello", id="the-same-id").status_code == 503
    website.rasa.deaf = False
    for _ in range(2):
        lines = visitor.says("hello", id="the-same-id").json()["lines"]
        assert [line["text"] for line in lines] == ["hello", "You said: hello"]


def test_the_stream_begins_with_what_the_page_does_not_have(visitor: Visitor) -> None:
    visitor.says("one")
    newest = visitor.says("two").json()["lines"][-1]["id"]
    with visitor.listening() as events:
        seen = until(events, is_event("standing"))
    assert [data["text"] for name, data in seen if name == "line"] == ["one", "You said: one", "two", "You said: two"]
    assert seen[-1][1] == {"state": None, "staff": None, "rated": False}
    with visitor.listening(after=newest) as events:
        assert [name for name, _ in until(events, is_event("standing"))] == ["standing"]


def test_the_stream_tells_of_each_line_once_whoever_says_it(website: Website, visitor: Visitor) -> None:
    visitor.says("hello")
    with visitor.listening() as events:
        until(events, is_event("typing"))
        visitor.says("again")
        website.rasa.says(website.conversations()[0], "out of the blue")
        seen = until(events, line("out of the blue"))
    assert [data["text"] for name, data in seen if name == "line"] == ["again", "You said: again", "out of the blue"]


def test_another_visitor_hears_nothing_of_it(website: Website, visitor: Visitor) -> None:
    with Visitor(website) as other, other.listening() as events:
        until(events, is_event("typing"))
        visitor.says("my secret")
        assert visitor.says("mine").status_code == 200
        other.says("yours")
        seen = until(events, line("You said: yours"))
    assert [data["text"] for name, data in seen if name == "line"] == ["yours", "You said: yours"]


def test_a_person_joins_types_replies_and_leaves(website: Website, visitor: Visitor) -> None:
    visitor.says("a person, please")
    conversation = website.conversations()[0]
    with visitor.listening() as events:
        until(events, is_event("typing"))
        handoff, anna = website.staff_join(conversation)
        until(events, is_event("standing", state="active", staff="Anna"))
        typing_indicator.mark_typing(website.store, conversation, Speaker.STAFF, datetime.now(timezone.utc))
        until(events, is_event("typing", staff=True))
        now = datetime.now(timezone.utc)
        services.reply(website.store, handoff, anna, "Hello, I am Anna.", "request-1", now)
        website.rasa.hands_over_replies()
        said = until(events, line("Hello, I am Anna."))[-1][1]
        assert (said["speaker"], said["staff"]) == ("staff", "Anna")
        lines = visitor.says("hello Anna", after=said["id"]).json()["lines"]
        assert [line["text"] for line in lines] == ["hello Anna"]
        services.resolve(website.store, handoff, anna, Outcome.ANSWERED, now)
        until(events, is_event("standing", state="resolved", rated=False))
        services.rate(website.store, conversation, 5, now)
        until(events, is_event("standing", state="resolved", rated=True))


def reply_state(website: Website, reply_id: int) -> ReplyState:
    with website.store.reading() as work:
        return work.reply(reply_id).state


def test_a_reply_is_delivered_when_the_visitor_s_page_says_so_and_only_then(website: Website, visitor: Visitor) -> None:
    visitor.says("a person, please")
    handoff, anna = website.staff_join(website.conversations()[0])
    now = datetime.now(timezone.utc)
    reply = services.reply(website.store, handoff, anna, "Hello", "request-1", now).id or 0
    # Not in the transcript yet: nobody can have seen it.
    assert visitor.post("/received", json={"replies": [reply]}).status_code == 200
    assert reply_state(website, reply) is ReplyState.QUEUED
    website.rasa.hands_over_replies()
    with Visitor(website) as other:
        other.post("/received", json={"replies": [reply]})
    assert reply_state(website, reply) is ReplyState.SENT
    for _ in range(2):
        assert visitor.post("/received", json={"replies": [reply]}).status_code == 200
    assert reply_state(website, reply) is ReplyState.DELIVERED


@pytest.mark.parametrize("replies", [None, "1", [0], [-1], [True], ["1"], [1.5], [2**40], list(range(1, 300))])
def test_a_receipt_that_is_none_is_refused(visitor: Visitor, replies: object) -> None:
    assert visitor.post("/received", json={"replies": replies}).status_code == 422


def test_staff_see_that_the_visitor_types(website: Website, visitor: Visitor) -> None:
    visitor.says("hello")
    assert visitor.post("/typing").status_code == 200
    typing = typing_indicator.who_is_typing(website.store, datetime.now(timezone.utc))
    assert typing == {(website.conversations()[0], Speaker.VISITOR)}


def test_an_opinion_is_stored_replaced_and_comes_back_with_the_line(website: Website, visitor: Visitor) -> None:
    answer = visitor.says("hello").json()["lines"][-1]["id"]
    assert visitor.post("/feedback", json={"event": answer, "helpful": True}).status_code == 200
    no = {"event": answer, "helpful": False, "comment": "Too short."}
    assert visitor.post("/feedback", json=no).status_code == 200
    conversation = website.conversations()[0]
    assert feedback.opinions(website.store, conversation) == {answer: False}
    with website.store.reading() as work:
        assert work.execute(sa.select(tables.feedback.c.comment)).scalars().all() == ["Too short."]
    with visitor.listening() as events:
        assert until(events, line("You said: hello"))[-1][1]["helpful"] is False


@pytest.mark.parametrize(
    ("opinion", "status"),
    [
        ({}, 422),
        ({"event": 1}, 422),
        ({"event": "1", "helpful": True}, 422),
        ({"event": 0, "helpful": True}, 422),
        ({"event": 1, "helpful": "yes"}, 422),
        ({"event": 1, "helpful": True, "comment": 5}, 422),
        ({"event": 1, "helpful": True, "comment": "a" * 1001}, 413),
        ({"event": 999, "helpful": True}, 422),
    ],
)
def test_an_opinion_that_is_none_is_refused(visitor: Visitor, opinion: dict[str, Any], status: int) -> None:
    assert visitor.post("/feedback", json=opinion).status_code == status


def test_nobody_judges_another_visitor_s_answers_or_their_own_words(website: Website, visitor: Visitor) -> None:
    asked, answer = visitor.says("hello").json()["lines"]
    with Visitor(website) as other:
        assert other.post("/feedback", json={"event": answer["id"], "helpful": False}).status_code == 422
    assert visitor.post("/feedback", json={"event": asked["id"], "helpful": False}).status_code == 422
    assert feedback.opinions(website.store, website.conversations()[0]) == {}


def test_the_chat_can_be_downloaded(website: Website, visitor: Visitor) -> None:
    visitor.says("hello ü")
    response = visitor.get("/download?language=fr")
    assert response.headers["Content-Disposition"] == 'attachment; filename="chat.txt"'
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Vous:\nhello ü" in response.text
    assert "You said: hello ü" in response.text
    with Visitor(website) as other:
        assert "hello" not in other.get("/download?language=../../etc").text


def test_the_end_erases_everything_and_the_token_is_good_for_nothing(website: Website, visitor: Visitor) -> None:
    answer = visitor.says("my secret").json()["lines"][-1]["id"]
    visitor.post("/feedback", json={"event": answer, "helpful": False, "comment": "my secret"})
    website.staff_join(website.conversations()[0])
    with visitor.listening() as events:
        until(events, is_event("typing"))
        assert visitor.delete("/session").status_code == 200
        assert [name for name, _ in events] == []
    with website.store.reading() as work:
        for table in (tables.events, tables.feedback, tables.received_messages, tables.replies):
            assert work.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0
    assert visitor.says("still there?").status_code == 401
    assert visitor.get("/events").status_code == 401


def test_ending_a_chat_that_never_began_is_fine(visitor: Visitor) -> None:
    assert visitor.delete("/session").status_code == 200


def test_a_token_in_use_is_renewed_by_the_stream(website: Website) -> None:
    old = VisitorTokens(KEY, lambda: datetime.now(timezone.utc) - RENEWED_AFTER - timedelta(seconds=1)).issue()
    with Visitor(website, old) as visitor:
        visitor.says("hello")
        with visitor.listening() as events:
            fresh = until(events, is_event("token"))[-1][1]["token"]
    assert fresh != old
    with Visitor(website, fresh) as visitor, visitor.listening() as events:
        assert not [name for name, _ in until(events, is_event("typing")) if name == "token"]
    assert len(website.conversations()) == 1


def test_more_messages_than_a_minute_may_have_wait(website: Website, visitor: Visitor) -> None:
    most = RateLimits().messages_a_minute
    for _ in range(most):
        assert visitor.says("hello").status_code == 200
    refused = visitor.says("one more")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "wait" in refused.json()["error"]
    assert len(website.rasa.received) == most
    with Visitor(website) as other:
        assert other.says("hello").status_code == 200


def test_more_streams_than_one_visitor_needs_are_refused(visitor: Visitor) -> None:
    most = RateLimits().streams
    streams = [visitor.stream("GET", "/events") for _ in range(most)]
    for stream in streams:
        assert stream.__enter__().status_code == 200
    refused = visitor.get("/events")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"]
    for stream in streams:
        stream.__exit__(None, None, None)


def test_more_sessions_than_an_address_needs_are_refused(website: Website) -> None:
    with httpx.Client(base_url=website.url, trust_env=False) as client:
        statuses = [client.post("/chat/session").status_code for _ in range(RateLimits().sessions_a_minute + 5)]
        # Behind a proxy on this machine, each visitor has an address of their own.
        elsewhere = client.post("/chat/session", headers={"X-Forwarded-For": "203.0.113.7"}).status_code
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert elsewhere == 200


def test_two_website_processes_serve_the_same_visitor(website: Website, visitor: Visitor, migrated_url: str) -> None:
    with (
        a_website(migrated_url) as second,
        Visitor(second, visitor.token) as elsewhere,
        elsewhere.listening() as events,
    ):
        until(events, is_event("typing"))
        visitor.says("hello")
        until(events, line("You said: hello"))
