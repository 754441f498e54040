"""A queue that is fair by address and by conversation: whoever asks for much waits behind whoever asks for little.

Addresses are served in turn, and of an address its conversations, so that a single message waits for one of everybody
else at most. An address has only some of the places, and a conversation one: it is read in order anyway.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from async_timeout import timeout

Waiting = deque["asyncio.Future[None]"]


class FairQueue:
    """Gives out places, to be used on one event loop.

    Args:
        most: places at the same time.
        most_of_address: of these, for one address.
    """

    def __init__(self, most: int, most_of_address: int) -> None:
        self._most = most
        self._most_of_address = most_of_address
        self._waiting: OrderedDict[str, OrderedDict[str, Waiting]] = OrderedDict()
        self._taken_by_address: Counter[str] = Counter()
        self._taken_by_conversation: set[str] = set()

    @asynccontextmanager
    async def place(self, address: str, conversation: str, patience: float) -> AsyncIterator[None]:
        """A place while the block runs.

        Args:
            patience: seconds to wait for one.

        Raises:
            asyncio.TimeoutError: none became free in time.
        """
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, OrderedDict()).setdefault(conversation, deque()).append(turn)
        self._give_out()
        try:
            # Not asyncio.wait_for, which forgets that it was cancelled when the place comes at the same moment.
            async with timeout(patience):
                await turn
            yield
        finally:
            if turn.done() and not turn.cancelled():
                self._take_back(address, conversation)
            else:
                self._leave(address, conversation, turn)
            self._give_out()

    def _give_out(self) -> None:
        while self._taken_by_address.total() < self._most and (turn := self._next()):
            turn.set_result(None)

    def _next(self) -> "asyncio.Future[None] | None":
        for address, conversations in self._waiting.items():
            if self._taken_by_address[address] >= self._most_of_address:
                continue
            for conversation, turns in conversations.items():
                turn = turns[0]
                # One that has been given up is about to leave.
                if conversation not in self._taken_by_conversation and not turn.done():
                    self._leave(address, conversation, turn)
                    self._taken_by_address[address] += 1
                    self._taken_by_conversation.add(conversation)
                    return turn
        return None

    def _leave(self, address: str, conversation: str, turn: "asyncio.Future[None]") -> None:
        """Takes it out of the queue; its conversation and its address go to the end of their lines."""
        conversations = self._waiting.get(address, OrderedDict())
        turns = conversations.get(conversation, deque())
        if turn not in turns:
            return
        turns.remove(turn)
        for line, key, left in ((conversations, conversation, turns), (self._waiting, address, conversations)):
            if left:
                line.move_to_end(key)
            else:
                del line[key]

    def _take_back(self, address: str, conversation: str) -> None:
        self._taken_by_address[address] -= 1
        if not self._taken_by_address[address]:
            del self._taken_by_address[address]
        self._taken_by_conversation.discard(conversation)
