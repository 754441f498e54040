"""Whoever asks for much waits behind whoever asks for little."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from bot.widget.fair_queue import FairQueue

LONG = 60.0


class Visits:
    """Visits to a queue, each of which keeps its place until it is told to leave.

    Attributes:
        inside: (address, conversation) of who has a place, in the order in which they got it.
    """

    def __init__(self, queue: FairQueue) -> None:
        self._queue = queue
        self._tasks: list[asyncio.Task[None]] = []
        self._leave: dict[tuple[str, str], list[asyncio.Event]] = {}
        self.inside: list[tuple[str, str]] = []

    async def come(
        self, address: str, conversation: str, patience: float = LONG, cost: int = 1
    ) -> "asyncio.Task[None]":
        task = asyncio.create_task(self._visit(address, conversation, patience, cost))
        self._tasks.append(task)
        await settled()
        return task

    async def leave(self, address: str, conversation: str) -> None:
        self._leave[address, conversation].pop(0).set()
        await settled()

    async def _visit(self, address: str, conversation: str, patience: float, cost: int) -> None:
        async with self._queue.place(address, conversation, patience, cost):
            self.inside.append((address, conversation))
            leave = asyncio.Event()
            self._leave.setdefault((address, conversation), []).append(leave)
            try:
                await leave.wait()
            finally:
                self.inside.remove((address, conversation))

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def settled() -> None:
    """Returns when everything that can go on has."""
    for _ in range(10):
        await asyncio.sleep(0)


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, LONG))


def test_one_address_has_only_some_of_the_places() -> None:
    async def story() -> None:
        visits = Visits(FairQueue(most=3, most_of_address=2))
        for number in range(10):
            await visits.come("greedy", f"web-{number}")
        assert len(visits.inside) == 2
        await visits.come("other", "web-other")
        assert visits.inside[-1] == ("other", "web-other")
        await visits.end()

    run(story())


def test_what_costs_much_has_its_address_to_itself() -> None:
    async def story() -> None:
        visits = Visits(FairQueue(most=9, most_of_address=4))
        await visits.come("one", "short")
        await visits.come("one", "long", cost=5)
        await visits.come("one", "short too")
        await visits.come("other", "long elsewhere", cost=5)
        assert visits.inside == [("one", "short"), ("one", "short too"), ("other", "long elsewhere")]
        await visits.leave("one", "short")
        await visits.leave("one", "short too")
        assert visits.inside == [("other", "long elsewhere"), ("one", "long")]
        await visits.end()

    run(story())


def test_addresses_are_served_in_turn_whoever_came_first() -> None:
    async def story() -> None:
        visits = Visits(FairQueue(most=1, most_of_address=1))
        for number in range(5):
            await visits.come("greedy", f"web-{number}")
        await visits.come("modest", "web-modest")
        await visits.leave("greedy", "web-0")
        assert visits.inside == [("greedy", "web-1")]
        await visits.leave("greedy", "web-1")
        assert visits.inside == [("modest", "web-modest")]
        await visits.end()

    run(story())


def test_of_an_address_its_conversations_are_served_in_turn() -> None:
    async def story() -> None:
        visits = Visits(FairQueue(most=1, most_of_address=1))
        for _ in range(5):
            await visits.come("hospital", "talkative")
        await visits.come("hospital", "quiet")
        await visits.leave("hospital", "talkative")
        assert visits.inside == [("hospital", "talkative")]
        await visits.leave("hospital", "talkative")
        assert visits.inside == [("hospital", "quiet")]
        await visits.end()

    run(story())


def test_a_conversation_is_read_in_order_one_message_at_a_time() -> None:
    async def story() -> None:
        visits = Visits(FairQueue(most=4, most_of_address=4))
        for _ in range(3):
            await visits.come("one", "web-1")
        await visits.come("one", "web-2")
        assert visits.inside == [("one", "web-1"), ("one", "web-2")]
        await visits.leave("one", "web-1")
        assert visits.inside == [("one", "web-2"), ("one", "web-1")]
        await visits.end()

    run(story())


def test_whoever_gives_up_or_leaves_in_the_middle_holds_up_nobody() -> None:
    async def story() -> None:
        queue = FairQueue(most=1, most_of_address=1)
        visits = Visits(queue)
        first = await visits.come("one", "web-1")
        impatient = await visits.come("two", "web-2", patience=0.001)
        with pytest.raises(asyncio.TimeoutError):
            await impatient
        waiting = await visits.come("three", "web-3")
        waiting.cancel()
        await visits.come("four", "web-4")
        first.cancel()
        await settled()
        assert visits.inside == [("four", "web-4")]
        await visits.leave("four", "web-4")
        assert (queue._waiting, queue._cost_by_address, queue._served) == ({}, {}, set())
        await visits.end()

    run(story())
