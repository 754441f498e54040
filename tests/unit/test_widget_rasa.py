import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

from bot.widget.errors import NotStored, Unavailable
from bot.widget.rasa import Rasa


class SlowRasa:
    """Answers nothing until it is told to.

    Attributes:
        received: ids of the messages that it has, in the order of their arrival.
    """

    def __init__(self) -> None:
        self.received: list[str] = []
        self.answer = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request.read().decode().rpartition("id-")[2][0])
        await self.answer.wait()
        return httpx.Response(200)

    def client(self) -> httpx.AsyncClient:
        """A client of it."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


async def settled() -> None:
    """Returns when everything that can go on has."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_rasa_has_only_so_many_messages_at_once_and_the_others_come_in_order() -> None:
    async def crowd() -> None:
        slow = SlowRasa()
        async with slow.client() as client:
            rasa = Rasa(client, ["http://rasa"], "key", most_at_once=2)
            handed = [
                asyncio.create_task(rasa.receive(f"web-{number}", "hello", f"id-{number}")) for number in range(5)
            ]
            await settled()
            assert slow.received == ["0", "1"]
            slow.answer.set()
            await asyncio.gather(*handed)
            assert slow.received == ["0", "1", "2", "3", "4"]

    asyncio.run(crowd())


def test_a_message_whose_turn_does_not_come_may_be_sent_again() -> None:
    async def crowd() -> None:
        slow = SlowRasa()
        async with slow.client() as client:
            rasa = Rasa(client, ["http://rasa"], "key", most_at_once=1, patience=0.01)
            first = asyncio.create_task(rasa.receive("web-1", "hello", "id-1"))
            await settled()
            with pytest.raises(Unavailable):
                await rasa.receive("web-2", "hello", "id-2")
            assert slow.received == ["1"]
            slow.answer.set()
            await first
            await rasa.receive("web-2", "hello", "id-2")
            assert slow.received == ["1", "2"]

    asyncio.run(crowd())


def test_a_message_that_fails_gives_its_turn_back() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    async def fail() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as client:
            rasa = Rasa(client, ["http://rasa"], "key", most_at_once=1, patience=0.01)
            for _ in range(3):
                with pytest.raises(Unavailable):
                    await rasa.receive("web-1", "hello", "id-1")

    asyncio.run(fail())


def test_what_the_bot_says_without_the_database_is_passed_on_as_a_page_may_see_it() -> None:
    reply = {"text": "Call 112.", "buttons": None, "metadata": {"kind": "emergency", "reviewed": "2026-01-01"}}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, json={"error": "not now", "code": "not_stored", "replies": [reply]})

    with pytest.raises(NotStored) as raised:
        handed_over(answer, "web-1")
    assert raised.value.content["replies"] == [{"text": "Call 112.", "buttons": [], "metadata": {"kind": "emergency"}}]
    assert int(raised.value.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"code": "not_stored"}', b'{"code": "not_stored", "replies": [1]}']
)
def test_a_refusal_without_replies_is_a_refusal(body: bytes) -> None:
    with pytest.raises(Unavailable) as raised:
        handed_over(lambda request: httpx.Response(503, content=body), "web-1")
    assert not isinstance(raised.value, NotStored)


def handed_over(answer: Callable[[httpx.Request], httpx.Response], *conversations: str) -> bool:
    """Hands a message of each conversation to two servers that answer so; whether one of them is reachable then."""

    async def hand_over() -> bool:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            rasa = Rasa(client, ["http://one", "http://two"], "key")
            for number, conversation in enumerate(conversations):
                await rasa.receive(conversation, "hello", f"id-{number}")
            return await rasa.reachable()

    return asyncio.run(hand_over())


def test_several_servers_share_the_conversations_and_each_conversation_stays_with_one() -> None:
    asked: dict[str, set[str]] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked.setdefault(json.loads(request.content)["sender"], set()).add(request.url.host)
        return httpx.Response(200)

    handed_over(answer, *(f"web-{number % 20}" for number in range(40)))
    assert all(len(hosts) == 1 for hosts in asked.values())
    assert set.union(*asked.values()) == {"one", "two"}


def test_while_one_server_is_down_the_other_takes_its_conversations() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "one":
            raise httpx.ConnectError("nobody there")
        return httpx.Response(200)

    assert handed_over(answer, *(f"web-{number}" for number in range(20)))


def test_what_a_server_may_have_taken_goes_to_no_other() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        raise httpx.ReadTimeout("no answer")

    with pytest.raises(Unavailable):
        handed_over(answer, "web-1")
    assert len(asked) == 1
