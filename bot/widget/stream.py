"""A visitor's view of the conversation, as it changes: an endless answer of server-sent events.

It ends after some minutes, because proxies like that better; the page opens the next one where this one ended.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.conversation import feedback, transcript, typing_indicator
from bot.conversation.live_updates import LiveUpdates
from bot.conversation.transcript import Speaker
from bot.database.async_store import AsyncStore
from bot.database.unit_of_work import Store
from bot.domain.errors import StoreUnavailable
from bot.handoff import services
from bot.privacy import export_and_erase
from bot.widget.errors import NotAuthorized
from bot.widget.outgoing import Event, line_json, standing_json

SECONDS_BETWEEN_HEARTBEATS = 15
# Not all streams of a moment shall end at the same moment.
SECONDS_OPEN = (240, 300)
# A page that starts anew gets so many lines at most: the newest.
MOST_LINES = 500
HEARTBEAT = ": still here\n\n"


def check_goes_on(store: Store, conversation: str) -> None:
    """Asks the database whether the conversation is still there (blocks).

    Raises:
        NotAuthorized: it has been erased, here or by staff; its token is good for nothing.
    """
    if export_and_erase.is_erased(store, conversation):
        raise NotAuthorized("The conversation was deleted: ask for a new token at /chat/session.")


@dataclass
class Reader:
    """Reads what a page does not have yet.

    Args:
        clock: the time, UTC.
        last: id of the newest line that the page has.
    """

    database: AsyncStore
    conversation: str
    clock: Callable[[], datetime]
    last: int
    _told: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def news(self) -> list[Event]:
        """What is new since the last call.

        Raises:
            NotAuthorized: the conversation has been erased.
            StoreUnavailable: the database does not answer.
        """
        return await self.database.run(self._read)

    def _read(self) -> list[Event]:
        store = self.database.store
        lines = transcript.lines(store, self.conversation, after=self.last, limit=MOST_LINES)
        helpful = feedback.opinions(store, self.conversation) if lines else {}
        events = [Event("line", line_json(line, helpful.get(line.id)), line.id) for line in lines]
        self.last = lines[-1].id if lines else self.last
        standing = services.standing(store, self.conversation)
        typing = typing_indicator.who_is_typing(store, self.clock(), self.conversation)
        # Last: what has been read so far may have been read in the middle of an erasure.
        check_goes_on(store, self.conversation)
        events += self._if_new("standing", standing_json(standing))
        events += self._if_new("typing", {"staff": (self.conversation, Speaker.STAFF) in typing})
        return events

    def _if_new(self, name: str, data: dict[str, Any]) -> list[Event]:
        if self._told.get(name) == data:
            return []
        self._told[name] = data
        return [Event(name, data)]


class EventStream(Response):
    """The answer: what is new at first, then the events as they happen, with heartbeats between them.

    Args:
        place: held while the stream is open.
        greeting: told after what is new.

    Raises:
        TooMany, NotAuthorized, StoreUnavailable: when it is sent; nothing has been sent then.
    """

    media_type = "text/event-stream"

    def __init__(
        self, reader: Reader, live: LiveUpdates, place: AbstractContextManager[None], greeting: Sequence[Event]
    ) -> None:
        self._reader = reader
        self._live = live
        self._place = place
        self._greeting = greeting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams until it is time, the page leaves, or the process stops."""
        with self._place:
            first = [*await self._reader.news(), *self._greeting]
            # Proxies must not collect the events.
            headers = {"X-Accel-Buffering": "no"}
            body = StreamingResponse(self._parts(first), media_type=self.media_type, headers=headers)
            await body(scope, receive, send)

    async def _parts(self, first: Sequence[Event]) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        ends = loop.time() + random.uniform(*SECONDS_OPEN)  # noqa: S311
        with self._live.watching(self._reader.conversation) as changed:
            # What happened between the first look and this moment woke nobody.
            changed.set()
            yield "".join(event.encode() for event in first)
            while not self._live.closed and loop.time() < ends:
                try:
                    await asyncio.wait_for(changed.wait(), SECONDS_BETWEEN_HEARTBEATS)
                except asyncio.TimeoutError:
                    yield HEARTBEAT
                    continue
                changed.clear()
                try:
                    events = await self._reader.news()
                except (NotAuthorized, StoreUnavailable):
                    # The page comes back, and is told then.
                    return
                yield "".join(event.encode() for event in events)
