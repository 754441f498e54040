"""A queue that is fair by address and by conversation: whoever asks for much waits behind whoever asks for little.

Addresses are served in turn, and of an address its conversations, so that a single message waits for one of everybody
else at most. An address may use some of the places only, by what its messages cost, and a conversation one: it is read
in order anyway.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from async_timeout import timeout


@dataclass(frozen=True, eq=False)
class Turn:
    """Somebody who waits."""

    address: str
    conversation: str
    cost: int
    comes: "asyncio.Future[None]"


Line = OrderedDict[str, deque[Turn]]


class FairQueue:
    """Gives out places, to be used on one event loop.

    Args:
        most: places at the same time.
        most_of_address: what the places of one address may cost together. A single one may cost more.
    """

    def __init__(self, most: int, most_of_address: int) -> None:
        self._most = most
        self._most_of_address = most_of_address
        self._waiting: OrderedDict[str, Line] = OrderedDict()
        self._cost_by_address: Counter[str] = Counter()
        self._served: set[str] = set()

    @asynccontextmanager
    async def place(self, address: str, conversation: str, patience: float, cost: int = 1) -> AsyncIterator[None]:
        """A place while the block runs.

        Args:
            patience: seconds to wait for one.

        Raises:
            asyncio.TimeoutError: none became free in time.
        """
        turn = Turn(address, conversation, cost, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(address, OrderedDict()).setdefault(conversation, deque()).append(turn)
        self._give_out()
        try:
            # Not asyncio.wait_for, which forgets that it was cancelled when the place comes at the same moment.
            async with timeout(patience):
                await turn.comes
            yield
        finally:
            if turn.comes.cancelled() or not turn.comes.done():
                self._leave(turn)
            else:
                self._take_back(turn)
            self._give_out()

    def _give_out(self) -> None:
        while len(self._served) < self._most and (turn := self._next()):
            self._leave(turn)
            self._cost_by_address[turn.address] += turn.cost
            self._served.add(turn.conversation)
            turn.comes.set_result(None)

    def _next(self) -> Turn | None:
        for line in self._waiting.values():
            for turns in line.values():
                if self._may_come(turns[0]):
                    return turns[0]
        return None

    def _may_come(self, turn: Turn) -> bool:
        used = self._cost_by_address[turn.address]
        affords = not used or used + turn.cost <= self._most_of_address
        # One that has been given up is about to leave.
        return affords and turn.conversation not in self._served and not turn.comes.done()

    def _leave(self, turn: Turn) -> None:
        """Takes it out of the queue; its conversation and its address go to the end of their lines."""
        line = self._waiting[turn.address]
        line[turn.conversation].remove(turn)
        _to_the_end(line, turn.conversation)
        _to_the_end(self._waiting, turn.address)

    def _take_back(self, turn: Turn) -> None:
        self._cost_by_address[turn.address] -= turn.cost
        if not self._cost_by_address[turn.address]:
            del self._cost_by_address[turn.address]
        self._served.discard(turn.conversation)


def _to_the_end(waiting: "OrderedDict[str, Line] | Line", key: str) -> None:
    if waiting[key]:
        waiting.move_to_end(key)
    else:
        del waiting[key]
