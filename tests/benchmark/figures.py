"""From samples to figures, and the aims that they are held against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.benchmark.plan import EARLY, Plan


@dataclass
class Samples:
    """Everything measured of one side. Seconds, milliseconds a message, messages a second, MB.

    Attributes:
        training: seconds of one training.
        ready: seconds from process start to ready, of each start.
        first_answer: seconds from process start to the end of the first answer, of each start.
        new: milliseconds of each first message of a conversation.
        conversations: milliseconds of each message, for each long conversation.
        throughput: messages a second, of each round.
        memory_loaded: MB once ready.
        memory_after: MB after all messages.
    """

    training: float
    ready: list[float] = field(default_factory=list)
    first_answer: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    conversations: list[list[float]] = field(default_factory=list)
    throughput: list[float] = field(default_factory=list)
    memory_loaded: float = 0.0
    memory_after: float = 0.0
    asked: int = 0
    unanswered: int = 0

    def at(self, messages: range) -> list[float]:
        """Milliseconds of these messages of the long conversations; the first message is number 1."""
        return [times[number - 1] for times in self.conversations for number in messages]


def p95(values: Sequence[float]) -> float:
    """The value that 95 % are not above, interpolated."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


@dataclass(frozen=True)
class Figure:
    """A row of the comparison.

    Attributes:
        more_is_better: whether the higher value is the better one.
    """

    name: str
    unit: str
    ours: float
    stock: float
    more_is_better: bool = False

    @property
    def factor(self) -> float:
        """How many times better ours is; below 1 when it is worse."""
        better, worse = (self.ours, self.stock) if self.more_is_better else (self.stock, self.ours)
        return better / worse


@dataclass(frozen=True)
class Aim:
    """What was to be reached: ``value`` is to be at least (or, if ``at_most``, at most) ``bound``."""

    name: str
    value: float
    bound: float
    at_most: bool = False

    @property
    def reached(self) -> bool:
        """Whether it was."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def figures(ours: Samples, stock: Samples, plan: Plan) -> dict[str, Figure]:
    """The rows of the comparison by a short key, in the order in which they are shown."""

    def figure(name: str, unit: str, value: Callable[[Samples], float], *, more: bool = False) -> Figure:
        return Figure(name, unit, value(ours), value(stock), more)

    early = f"messages {EARLY[0]} to {EARLY[-1]} of a conversation"
    late = f"messages {plan.late[0]} to {plan.late[-1]}"
    return {
        "training": figure("training", "s", lambda side: side.training),
        "ready": figure("start-up until ready", "s", lambda side: median(side.ready)),
        "first": figure("start-up until the first answer", "s", lambda side: median(side.first_answer)),
        "new": figure("new conversation, p50", "ms", lambda side: median(side.new)),
        "new_p95": figure("new conversation, p95", "ms", lambda side: p95(side.new)),
        "early": figure(f"{early}, p50", "ms", lambda side: median(side.at(EARLY))),
        "early_p95": figure(f"{early}, p95", "ms", lambda side: p95(side.at(EARLY))),
        "late": figure(f"{late}, p50", "ms", lambda side: median(side.at(plan.late))),
        "late_p95": figure(f"{late}, p95", "ms", lambda side: p95(side.at(plan.late))),
        "throughput": figure(
            f"{plan.clients} visitors at once", "messages/s", lambda side: median(side.throughput), more=True
        ),
        "loaded": figure("memory when ready", "MB", lambda side: side.memory_loaded),
        "after": figure("memory after all messages", "MB", lambda side: side.memory_after),
    }


def aims(rows: dict[str, Figure], plan: Plan) -> list[Aim]:
    """The aims with what was measured; factors say how many times better ours is."""
    growth = rows["late"].ours / rows["early"].ours
    return [
        Aim("messages a second: at least 6 times stock", rows["throughput"].factor, 6),
        Aim("p50 in a new conversation: at most a sixth of stock", rows["new"].factor, 6),
        Aim("training: at most a tenth of stock", rows["training"].factor, 10),
        Aim(f"p50 at message {plan.length}: at most 1.5 times that at message 10", growth, 1.5, at_most=True),
        Aim("start-up until ready: faster than stock", rows["ready"].factor, 1),
    ]
