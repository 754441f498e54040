"""Takes the measurements. The sides take turns, so that a noisy moment of the machine hits both."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count

from bot.launcher.progress import Progress
from tests.benchmark.figures import Samples
from tests.benchmark.plan import Plan
from tests.benchmark.sides import Server, Side
from tests.benchmark.visitors import RestChannel, at_once, in_turn, visitors_session

# Messages of a long conversation before it is the other side's turn.
TURN = 10

Message = tuple[str, str]


def measure(sides: Sequence[Side], plan: Plan, questions: Sequence[str]) -> list[Samples]:
    """Trains, starts and questions the sides; their samples in the same order.

    Raises:
        BenchmarkError, LauncherError: a side did not do its work.
    """
    samples = [Samples(training=side.train()) for side in sides]
    for _ in range(plan.starts):
        for side, taken in zip(sides, samples, strict=True):
            _start_up(side, taken, questions[0])
    with ExitStack() as stack:
        servers = [stack.enter_context(side.serving()) for side in sides]
        for server, taken in zip(servers, samples, strict=True):
            taken.memory_loaded = server.memory()
        asyncio.run(_Interview(plan, questions).hold(servers, samples))
        for server, taken in zip(servers, samples, strict=True):
            taken.memory_after = server.memory()
    return samples


def _start_up(side: Side, taken: Samples, question: str) -> None:
    with side.serving() as server:
        taken.ready.append(server.ready_seconds)
        started = time.perf_counter()
        asyncio.run(_ask_once(server, f"start-up-{len(taken.ready)}", question))
        taken.first_answer.append(server.ready_seconds + time.perf_counter() - started)


async def _ask_once(server: Server, sender: str, question: str) -> None:
    async with visitors_session() as session:
        await RestChannel(server.name, server.webhook, session).ask(sender, question)


class _Interview:
    """All questions that are put to the running servers."""

    def __init__(self, plan: Plan, questions: Sequence[str]) -> None:
        self._plan = plan
        self._questions = questions
        self._senders = (f"visitor-{number}" for number in count())

    async def hold(self, servers: Sequence[Server], samples: Sequence[Samples]) -> None:
        """Fills in latencies, throughput and the number of unanswered messages."""
        async with visitors_session() as session:
            channels = [RestChannel(server.name, server.webhook, session) for server in servers]
            pairs = list(zip(channels, samples, strict=True))
            for channel in channels:
                await in_turn(channel, self._new_conversations(0, self._plan.warm_up))
                channel.refuse_silence()
            await self._short(pairs)
            await self._long(pairs)
            for channel, taken in pairs:
                channel.refuse_silence()
                taken.asked, taken.unanswered = channel.asked, channel.unanswered

    async def _short(self, pairs: Sequence[tuple[RestChannel, Samples]]) -> None:
        progress = Progress("New conversations, and many at once")
        for turn in range(self._plan.rounds):
            first = turn * self._plan.new_conversations
            for channel, taken in pairs:
                taken.new += await in_turn(channel, self._new_conversations(first, self._plan.new_conversations))
                progress.tick()
            for channel, taken in pairs:
                taken.throughput.append(await at_once(channel, self._clients(turn)))
                progress.tick()
        progress.done()

    async def _long(self, pairs: Sequence[tuple[RestChannel, Samples]]) -> None:
        progress = Progress(f"Conversations of {self._plan.length} messages")
        for sender in (next(self._senders) for _ in range(self._plan.conversations)):
            script = [(sender, self._asked_at(number)) for number in range(1, self._plan.length + 1)]
            for _, taken in pairs:
                taken.conversations.append([])
            for begin in range(0, len(script), TURN):
                for channel, taken in pairs:
                    taken.conversations[-1] += await in_turn(channel, script[begin : begin + TURN])
                    progress.tick()
        progress.done()

    def _new_conversations(self, first: int, number: int) -> Iterator[Message]:
        return ((next(self._senders), self._question(first + index)) for index in range(number))

    def _clients(self, turn: int) -> list[list[Message]]:
        each = self._plan.messages_each
        first = turn * self._plan.clients * each
        return [
            [(sender, self._question(first + client * each + index)) for index in range(each)]
            for client, sender in enumerate(next(self._senders) for _ in range(self._plan.clients))
        ]

    def _asked_at(self, number: int) -> str:
        return self._question(self._plan.question_number(number))

    def _question(self, number: int) -> str:
        return self._questions[number % len(self._questions)]
