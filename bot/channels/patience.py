"""Limits on waiting, for who shares an event loop with others."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

SECONDS_OF_A_TICK = 0.1


@asynccontextmanager
async def at_most(seconds: float) -> AsyncIterator[None]:
    """Ends the block after so many seconds of waiting (``waited``).

    Raises:
        asyncio.TimeoutError: it took longer.
    """

    async def has_passed() -> bool:
        await waited(seconds)
        return True

    async with unless(has_passed):
        yield


@asynccontextmanager
async def unless(reason: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """Ends the block as soon as there is a reason for it: when ``reason`` comes to True.

    Raises:
        asyncio.TimeoutError: there was.
    """
    block = asyncio.current_task()
    ended = False

    async def watch() -> None:
        nonlocal ended
        ended = await reason()
        if ended and block is not None:
            block.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if ended:
            raise asyncio.TimeoutError from None
        raise
    finally:
        watching.cancel()


async def waited(seconds: float) -> None:
    """Returns after so many seconds in which the loop was free.

    Time during which it computes something for others does not count: a server that is busy is not one that hangs, and
    refusing what it is about to answer would make it busier.
    """
    for _ in range(round(seconds / SECONDS_OF_A_TICK)):
        await asyncio.sleep(SECONDS_OF_A_TICK)
