"""What a crowd of visitors does at once."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.benchmark.channel.visitors import Asked, Visitor

# Connecting: enough at once to be quick, few enough not to be a flood.
CONNECTING_AT_ONCE = 20


@dataclass
class Tally:
    """What became of questions.

    Attributes:
        lost: without an answer.
        doubled: with the same text shown twice.
        milliseconds: from sending to the answer, of those that have one.
        seconds: that all of it took.
    """

    asked: int = 0
    answered: int = 0
    lost: int = 0
    doubled: int = 0
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.asked + other.asked,
            self.answered + other.answered,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.milliseconds + other.milliseconds,
            self.seconds + other.seconds,
        )


@dataclass
class Storm:
    """What became of a crowd whose connections were cut.

    Attributes:
        under_way: questions that were sent and not answered at that moment.
        shown: how many of them have been answered in the end.
        doubled: with the same text shown twice.
        seconds: from the cut until the last visitor was connected again.
        missing: lines that were shown before and not after a reload; None where there is no history.
    """

    under_way: int
    shown: int
    doubled: int
    seconds: float
    missing: int | None


def tally(asked: Sequence[Asked], seconds: float) -> Tally:
    """Counts."""
    times = [one.milliseconds for one in asked if one.milliseconds is not None]
    doubled = sum(one.doubled for one in asked)
    return Tally(len(asked), len(times), len(asked) - len(times), doubled, times, seconds)


async def connect(visitors: Sequence[Visitor]) -> None:
    """Connects all of them."""
    places = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def one(visitor: Visitor) -> None:
        async with places:
            await visitor.connect()

    await asyncio.gather(*map(one, visitors))


async def all_ask(
    visitors: Sequence[Visitor], questions: Sequence[str], each: int, pause: tuple[float, float] = (0.0, 0.0)
) -> Tally:
    """Every visitor asks ``each`` questions, one after the other, with a pause of random seconds before each."""
    before = {id(visitor): len(visitor.asked) for visitor in visitors}

    async def one(number: int, visitor: Visitor) -> None:
        for turn in range(each):
            # At first everybody is somewhere in their pause.
            await asyncio.sleep(random.uniform(*pause) if turn else random.uniform(0.0, pause[1]))
            await visitor.ask(questions[(number * each + turn) % len(questions)])

    started = time.perf_counter()
    await asyncio.gather(*(one(number, visitor) for number, visitor in enumerate(visitors)))
    seconds = time.perf_counter() - started
    return tally([asked for visitor in visitors for asked in visitor.asked[before[id(visitor)] :]], seconds)


async def storm(
    visitors: Sequence[Visitor],
    questions: Sequence[str],
    seconds_before: float,
    cut: Callable[[], Awaitable[None]] | None = None,
) -> Storm:
    """All ask, and in the middle of it all connections break; who is back asks once more.

    Args:
        seconds_before: between sending and the cut.
        cut: breaks the connections; the visitors themselves unless told.
    """
    asking = [
        asyncio.create_task(visitor.ask(questions[number % len(questions)])) for number, visitor in enumerate(visitors)
    ]
    await asyncio.sleep(seconds_before)
    under_way = [visitor.asked[-1] for visitor in visitors if visitor.asked[-1].shown is None]
    for visitor in visitors:
        visitor.expect_cut()
    started = time.perf_counter()
    await (cut() if cut else _cut_all(visitors))
    await asyncio.gather(*(visitor.back() for visitor in visitors))
    seconds = time.perf_counter() - started
    await asyncio.gather(*asking)
    # Rasa reads in turn: with these answered, those from before the cut are, or never will be.
    await all_ask(visitors, questions, 1)
    missing = [await visitor.missing() for visitor in visitors]
    return Storm(
        len(under_way),
        sum(asked.shown is not None for asked in under_way),
        sum(asked.doubled for asked in under_way),
        seconds,
        None if None in missing else sum(filter(None, missing)),
    )


async def _cut_all(visitors: Sequence[Visitor]) -> None:
    await asyncio.gather(*(visitor.cut() for visitor in visitors))
