"""Takes the measurements, one side at a time, so that neither takes the processor from the other."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice

import aiohttp

from bot.launcher.progress import Progress
from tests.benchmark.channel.browser import Widget, a_browser, timed
from tests.benchmark.channel.crowd import all_ask, connect, storm
from tests.benchmark.channel.plan import ChannelPlan
from tests.benchmark.channel.samples import AFTER, CONNECTED, CUT, KILLED, READY, ChannelSamples
from tests.benchmark.channel.servers import Servers
from tests.benchmark.channel.visitors import Visitor

WARM_UP = 3
# Connections break after this part of the time that one question of everybody takes: most are on their way then.
BEFORE_THE_CUT = 0.3
WEBSITE = "benchmark-channel-website"


@dataclass(frozen=True)
class ChannelSide:
    """One of the two.

    Attributes:
        serving: runs its servers.
        pages: serves its widgets' pages, given the servers' address.
        widgets: by name, with how many of a round's questions each is asked.
        visitor: makes a visitor, given a number, the servers' address and a session.
        killed: whether the process that holds the connections can be killed alone.
    """

    name: str
    serving: Callable[[], AbstractContextManager[Servers]]
    pages: Callable[[str], AbstractContextManager[str]]
    widgets: Mapping[str, tuple[Widget, int]]
    visitor: Callable[[int, str, aiohttp.ClientSession], Visitor]
    killed: bool
    samples: ChannelSamples = field(default_factory=ChannelSamples)


def measure(sides: Sequence[ChannelSide], plan: ChannelPlan, questions: Sequence[str]) -> None:
    """Fills in the sides' samples.

    Raises:
        BenchmarkError, LauncherError: a side did not do its work.
    """
    for turn in range(plan.rounds):
        for side in sides:
            with side.serving() as servers:
                side.samples.memory[READY].append(servers.memory())
                _in_the_browser(side, servers, turn, questions)
                asyncio.run(_crowd(side, servers, plan, questions))
                side.samples.memory[AFTER].append(servers.memory())


def _in_the_browser(side: ChannelSide, servers: Servers, turn: int, questions: Sequence[str]) -> None:
    with _progress(f"{side.name}: in a browser"), side.pages(servers.url) as url, a_browser() as browser:
        for name, (widget, number) in side.widgets.items():
            # Rasa, the database and the browser's code caches are warm then.
            timed(browser, widget, url, questions[:WARM_UP])
            mine = list(islice(questions, turn * number, (turn + 1) * number))
            side.samples.browser[name] += timed(browser, widget, url, mine)


async def _crowd(side: ChannelSide, servers: Servers, plan: ChannelPlan, questions: Sequence[str]) -> None:
    samples = side.samples
    before = servers.stored()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        visitors = [side.visitor(number, servers.url, session) for number in range(plan.visitors)]
        with _progress(f"{side.name}: {plan.visitors} visitors connect"):
            await connect(visitors)
        samples.memory[CONNECTED].append(servers.memory())
        with _progress(f"{side.name}: at a reading pace"):
            samples.paced += await all_ask(visitors, questions, plan.questions_each, plan.pause)
        with _progress(f"{side.name}: all at once"):
            computed, own = servers.processor_seconds(), time.process_time()
            rush = await all_ask(visitors, questions, plan.questions_each)
            samples.rush += rush
            samples.processor += servers.processor_seconds() - computed
            samples.visitors_processor += time.process_time() - own
        with _progress(f"{side.name}: connections break"):
            before_cut = BEFORE_THE_CUT * rush.seconds / plan.questions_each
            for name, cut in _cuts(side, servers).items():
                samples.storms[name].append(await storm(visitors, questions, before_cut, cut))
        samples.sent += sum(len(visitor.asked) for visitor in visitors)
        samples.stored += servers.stored() - before
        await asyncio.gather(*(visitor.leave() for visitor in visitors))


def _cuts(side: ChannelSide, servers: Servers) -> dict[str, Callable[[], Awaitable[None]] | None]:
    cuts: dict[str, Callable[[], Awaitable[None]] | None] = {CUT: None}
    if side.killed:
        cuts[KILLED] = lambda: asyncio.to_thread(servers.kill, WEBSITE)
    return cuts


@contextmanager
def _progress(label: str) -> Iterator[None]:
    progress = Progress(label)
    try:
        yield
    except BaseException:
        progress.broken_off()
        raise
    progress.done()
