"""The REST channel: what it reads, what it returns, and what staff wrote meanwhile."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from bot.channels.errors import BadRequest
from bot.channels.rest import IncomingMessage, RestChannel, WholeReplies
from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.handoff import Outcome
from bot.domain.reply import CARRIES_REPLIES, Reply, ReplyState
from bot.handoff import services
from bot.outbox import delivery
from tests.agents import VISITOR, FakeAgent, broken, serving_channels
from tests.handoffs import NOON, active, member, replies
from tests.said import bot_says

FIELDS = {"sender": "visitor", "message": "what is CRS?"}


def body(**changes: Any) -> bytes:
    return json.dumps({**FIELDS, **changes}).encode()


def test_a_request_is_read() -> None:
    assert IncomingMessage.from_body(body()) == IncomingMessage("visitor", "what is CRS?")


@pytest.mark.parametrize("unknown", [{"input_channel": "telegram"}, {"metadata": {"a": 1}}, {"stream": True}])
def test_unknown_fields_are_ignored(unknown: dict[str, Any]) -> None:
    assert IncomingMessage.from_body(body(**unknown)) == IncomingMessage.from_body(body())


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "é 😀", "a" * 100_000])
def test_any_text_is_a_message(text: str) -> None:
    assert IncomingMessage.from_body(body(message=text)).text == text


def test_a_senders_name_is_taken_without_the_spaces_around_it() -> None:
    assert IncomingMessage.from_body(body(sender="  visitor ")).sender == "visitor"


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"\xff\xfe\xfd", b"sender=visitor", b"[" * 100_000],
    ids=["empty", "cut off", "no UTF-8", "a form", "too deep"],
)
def test_what_is_no_json_is_refused(broken: bytes) -> None:
    with pytest.raises(BadRequest, match="The body must be JSON in UTF-8"):
        IncomingMessage.from_body(broken)


@pytest.mark.parametrize("other", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_refused(other: bytes) -> None:
    with pytest.raises(BadRequest, match="The body must be an object"):
        IncomingMessage.from_body(other)


@pytest.mark.parametrize("sender", [None, 1, "", "   ", ["visitor"], {}, "a" * 256])
def test_a_sender_is_a_text_of_1_to_255_characters(sender: object) -> None:
    with pytest.raises(BadRequest, match="`sender` must be a text of 1 to 255 characters"):
        IncomingMessage.from_body(body(sender=sender))


@pytest.mark.parametrize("sender", ["a\x00b", "a\nb", "a\x1bb", "a\ud800b", "a\u202eb"])
def test_a_sender_holds_no_control_characters(sender: str) -> None:
    with pytest.raises(BadRequest, match="`sender` must not hold control characters"):
        IncomingMessage.from_body(body(sender=sender))


@pytest.mark.parametrize("text", [None, 1, True, ["text"], {"text": "a"}])
def test_a_message_is_a_text(text: object) -> None:
    with pytest.raises(BadRequest, match="`message` must be a text"):
        IncomingMessage.from_body(body(message=text))


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_both_fields_are_needed(field: str) -> None:
    incomplete = {key: value for key, value in FIELDS.items() if key != field}
    with pytest.raises(BadRequest, match=f"`{field}` must be a text"):
        IncomingMessage.from_body(json.dumps(incomplete).encode())


def collected(message: dict[str, Any]) -> dict[str, Any]:
    replies = WholeReplies()
    asyncio.run(replies.send_response("visitor", message))
    (reply,) = replies.messages
    return dict(reply)


def test_a_reply_stays_whole_across_blank_lines() -> None:
    assert collected({"text": "one\n\ntwo"}) == {"recipient_id": "visitor", "text": "one\n\ntwo"}


@pytest.mark.parametrize(
    "extra",
    [
        {"buttons": [{"title": "a", "payload": "a"}]},
        {"metadata": {"kind": "answer"}},
        {"custom": {"form": "enrollment"}},
    ],
)
def test_what_belongs_to_a_reply_stays_with_it(extra: dict[str, Any]) -> None:
    assert collected({"text": "one", **extra}) == {"recipient_id": "visitor", "text": "one", **extra}


def test_what_is_empty_or_internal_is_left_out() -> None:
    assert set(collected({"text": "one", "buttons": [], "utter_action": "utter_x"})) == {"recipient_id", "text"}


def test_replies_keep_their_order() -> None:
    replies = WholeReplies()
    for text in ("one", "two"):
        asyncio.run(replies.send_response("visitor", {"text": text}))
    assert [reply["text"] for reply in replies.messages] == ["one", "two"]


def test_the_length_of_messages_comes_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_MESSAGE_LENGTH", "500")
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    channel = RestChannel.from_credentials(None)
    assert (channel.name(), channel.max_message_length) == ("rest", 500)


@pytest.fixture
def agent(database_url: str) -> Iterator[FakeAgent]:
    agent = FakeAgent()
    yield agent
    agent.close()


@pytest.fixture
def rest(agent: FakeAgent) -> Iterator[httpx.Client]:
    channel = RestChannel.from_credentials(None)
    headers = {"Content-Type": "application/json"}
    with (
        serving_channels(agent, channel) as url,
        httpx.Client(base_url=f"{url}/rest", headers=headers, trust_env=False) as http,
    ):
        yield http
    channel.store.engine.dispose()


def say(rest: httpx.Client, text: str) -> list[str]:
    response = rest.post("/webhook", content=body(sender=VISITOR, message=text))
    assert response.status_code == 200
    return [reply["text"] for reply in response.json()]


@pytest.fixture
def staff(store: Store) -> int:
    return member(store)


def written(store: Store, staff: int, text: str) -> Reply:
    """A reply of staff that was sent, and so waits for the visitor to fetch it."""
    standing = services.standing(store, VISITOR)
    handoff_id = standing.handoff_id or active(store, staff, VISITOR)
    reply = services.reply(store, handoff_id, staff, text, uuid4().hex, NOON)
    bot_says(store, VISITOR, text, kind="staff", staff="Anna", reply_id=reply.id)
    delivery.mark_sent(store, reply.id or 0, NOON, delivered=False)
    return reply


def states(store: Store) -> list[ReplyState]:
    return [reply.state for reply in replies(store, VISITOR) if reply.text]


def test_a_message_gets_its_replies(rest: httpx.Client) -> None:
    assert say(rest, "what is CRS?") == ["answer"]


def test_while_staff_own_the_conversation_there_is_no_reply(rest: httpx.Client, store: Store, staff: int) -> None:
    active(store, staff, VISITOR)
    assert say(rest, "what is CRS?") == []


def test_what_staff_wrote_is_fetched_once_and_counts_as_delivered(rest: httpx.Client, store: Store, staff: int) -> None:
    written(store, staff, "Hello, I am Anna.")
    assert states(store) == [ReplyState.SENT]
    (reply,) = rest.get("/replies", params={"sender": VISITOR}).json()
    assert (reply["text"], reply["metadata"]["staff"]) == ("Hello, I am Anna.", "Anna")
    assert states(store) == [ReplyState.DELIVERED]
    assert rest.get("/replies", params={"sender": VISITOR}).json() == []


def test_what_staff_wrote_comes_before_the_answer_to_the_next_message(
    rest: httpx.Client, store: Store, staff: int
) -> None:
    written(store, staff, "one")
    written(store, staff, "two")
    assert say(rest, "thank you") == ["one", "two"]
    services.resolve(store, services.standing(store, VISITOR).handoff_id or 0, staff, Outcome.ANSWERED, NOON)
    assert say(rest, "what is CRS?") == ["answer"]
    assert states(store) == [ReplyState.DELIVERED] * 2


def test_nobody_fetches_what_was_written_to_another_visitor(rest: httpx.Client, store: Store, staff: int) -> None:
    written(store, staff, "for one visitor only")
    for sender in ("another", "", "%", VISITOR.upper()):
        assert rest.get("/replies", params={"sender": sender}).json() == []
    assert states(store) == [ReplyState.SENT]


def test_without_the_database_the_visitor_is_told_and_the_health_says_so(rest: httpx.Client, store: Store) -> None:
    assert rest.get("/").json() == {"status": "ok"}
    with broken(store):
        response = rest.post("/webhook", content=body(message="hello"))
        health = rest.get("/")
    assert (response.status_code, health.status_code) == (503, 503)
    assert response.json() == [
        {"recipient_id": "visitor", "text": "utter_unavailable", "metadata": {"kind": "unavailable"}}
    ]
    assert health.json() == {"status": "no database"}
    assert say(rest, "hello") == ["answer"]
    assert rest.get("/").status_code == 200


def test_a_message_with_an_id_is_read_once(rest: httpx.Client) -> None:
    asked = body(message="hello", message_id="7")
    assert [len(rest.post("/webhook", content=asked).json()) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("id", ["", 7, ["1"], "a" * 65])
def test_an_id_is_a_text_of_1_to_64_characters(id: object) -> None:
    with pytest.raises(BadRequest, match="`message_id` must be a text of 1 to 64 characters"):
        IncomingMessage.from_body(body(message_id=id))


def test_a_malformed_request_gets_a_reason(rest: httpx.Client) -> None:
    response = rest.post("/webhook", content=b"[]")
    assert response.status_code == 400
    assert "must be an object" in response.json()["error"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_web_page_may_send_without_asking_is_refused(rest: httpx.Client, content_type: str) -> None:
    refused = rest.post("/webhook", content=body(sender=VISITOR), headers={"Content-Type": content_type})
    assert refused.status_code == 415


@pytest.mark.parametrize("header", [{"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_web_page_writes_or_takes_replies(
    rest: httpx.Client, store: Store, staff: int, header: dict[str, str]
) -> None:
    written(store, staff, "Hello")
    assert rest.post("/webhook", content=body(sender=VISITOR), headers=header).status_code == 403
    assert rest.get("/replies", params={"sender": VISITOR}, headers=header).status_code == 403
    assert states(store) == [ReplyState.SENT]


def test_each_message_tells_the_actions_that_staffs_replies_reach_its_sender(rest: httpx.Client, store: Store) -> None:
    say(rest, "I want to talk to a person")
    of_visitor = sa.select(tables.events.c.data).where(tables.events.c.type_name == "user")
    (row,) = store.rows(of_visitor)
    assert json.loads(row.data)["metadata"][CARRIES_REPLIES]
