"""The website's way into Rasa, over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.channels.errors import BadRequest
from bot.channels.rest import LONGEST_MESSAGE_ID
from bot.channels.web import WebChannel, WebMessage
from bot.conversation import transcript
from bot.database.unit_of_work import Store
from bot.settings import Settings
from tests.agents import VISITOR, FakeAgent, broken, serving_channels
from tests.handoffs import active, member
from tests.servers import KEY

FIELDS = {"sender": VISITOR, "message": "what is CRS?", "message_id": "1"}


def body(**changes: Any) -> bytes:
    return json.dumps({**FIELDS, **changes}).encode()


def test_a_message_is_read() -> None:
    assert WebMessage.from_body(body()) == WebMessage(VISITOR, "what is CRS?", "1")


@pytest.mark.parametrize("id", [None, "", 7, ["1"], "a" * (LONGEST_MESSAGE_ID + 1)])
def test_a_message_needs_an_id_so_that_it_can_be_sent_again(id: object) -> None:
    with pytest.raises(BadRequest, match="`message_id` must be a text of 1 to 64 characters"):
        WebMessage.from_body(body(message_id=id))


@pytest.mark.parametrize("broken", [b"", b"[]", b"\xff", body(sender=""), body(message=None)])
def test_what_no_channel_accepts_is_refused(broken: bytes) -> None:
    with pytest.raises(BadRequest):
        WebMessage.from_body(broken)


@pytest.fixture
def agent(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAgent]:
    monkeypatch.setenv("SECRET_KEY", KEY)
    agent = FakeAgent()
    yield agent
    agent.close()


@pytest.fixture
def website(agent: FakeAgent) -> Iterator[httpx.Client]:
    """The website as Rasa sees it."""
    channel = WebChannel.from_credentials(None)
    headers = {"Authorization": f"Bearer {Settings.read().internal_key()}"}
    with serving_channels(agent, channel) as url, httpx.Client(base_url=url, headers=headers, trust_env=False) as http:
        yield http
    channel.store.engine.dispose()


def send(website: httpx.Client, **changes: Any) -> httpx.Response:
    return website.post("/web/webhook", content=body(**changes))


def said(store: Store) -> list[str]:
    return [line.text for line in transcript.lines(store, VISITOR)]


def test_a_message_is_received_when_it_is_stored_with_its_reply(website: httpx.Client, store: Store) -> None:
    response = send(website)
    assert (response.status_code, response.json()) == (200, {"status": "received"})
    question, answer = transcript.lines(store, VISITOR)
    assert (question.text, question.message_id, answer.text) == ("what is CRS?", "1", "answer")


def test_a_message_that_is_sent_again_is_received_and_read_once(
    website: httpx.Client, agent: FakeAgent, store: Store
) -> None:
    assert [send(website).status_code for _ in range(3)] == [200] * 3
    assert agent.answered == ["what is CRS?"]
    assert said(store) == ["what is CRS?", "answer"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "bearer é", KEY])
def test_nobody_but_the_website_writes_as_a_visitor(website: httpx.Client, store: Store, header: str) -> None:
    del website.headers["Authorization"]
    assert send(website).status_code == 401
    headers = {b"Authorization": header.encode()}
    assert website.post("/web/webhook", content=body(), headers=headers).status_code == 401
    assert said(store) == []


def test_the_key_itself_is_not_the_password(website: httpx.Client) -> None:
    website.headers["Authorization"] = f"Bearer {KEY}"
    assert send(website).status_code == 401


def test_a_malformed_message_is_refused_with_a_reason(website: httpx.Client, store: Store) -> None:
    response = send(website, message_id=None)
    assert response.status_code == 400
    assert "message_id" in response.json()["error"]
    assert said(store) == []


def test_what_could_not_be_stored_may_be_sent_again(website: httpx.Client, store: Store) -> None:
    with broken(store):
        response = send(website)
    assert response.status_code == 503
    assert "again" in response.json()["error"]
    assert send(website).status_code == 200
    assert said(store) == ["what is CRS?", "answer"]


def test_no_word_of_a_visitor_is_in_the_log_of_a_failure(
    website: httpx.Client, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with broken(store):
        send(website, message="quokka")
    assert caplog.records
    assert "quokka" not in caplog.text


def test_while_staff_own_the_conversation_a_message_is_received_without_a_reply(
    website: httpx.Client, store: Store
) -> None:
    active(store, member(store), VISITOR)
    assert send(website).status_code == 200
    assert said(store) == ["what is CRS?"]
