"""The stream that tells a page of the console that something has changed; the page then reads itself anew."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.console.context import Console
from bot.conversation.live_updates import LiveUpdates

SECONDS_BETWEEN_SIGNS_OF_LIFE = 15.0
# Then the browser connects again by itself, and the session is looked at again.
SECONDS_OF_STREAM = 240.0


def routes(console: Console) -> list[BaseRoute]:
    """``/live?conversation=...``: Server-Sent Events."""

    async def live(request: Request) -> Response:
        conversation = request.query_params.get("conversation") or None
        return StreamingResponse(changes(console.live, conversation), media_type="text/event-stream")

    return [Route("/live", live)]


async def changes(
    live: LiveUpdates,
    conversation: str | None,
    alive: float = SECONDS_BETWEEN_SIGNS_OF_LIFE,
    lasts: float = SECONDS_OF_STREAM,
) -> AsyncIterator[str]:
    """``changed`` with "here" when the conversation changes, with "elsewhere" when only others do.

    ``away`` when the database does not answer; when it does again, everything is taken for changed.

    Args:
        alive: after so many seconds of silence comes an ``alive``, so that a dead connection is noticed.
        lasts: seconds until the stream ends.
    """
    time = asyncio.get_running_loop().time
    end = time() + lasts
    with live.watching() as anywhere, live.watching(conversation) as here:
        yield "retry: 1000\n" + _event("alive")
        while time() < end:
            if await _set_within(anywhere, alive):
                where = "here" if here.is_set() else "elsewhere"
                anywhere.clear()
                here.clear()
                yield _event("away") if live.away else _event("changed", where)
            else:
                yield _event("away" if live.away else "alive")


def _event(name: str, data: str = "") -> str:
    return f"event: {name}\ndata: {data}\n\n"


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True
