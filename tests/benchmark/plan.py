"""How much is measured."""

from dataclasses import dataclass

# Messages on either side of the tenth, and the last ones: enough for a median, few enough to be one place.
WINDOW = 10
EARLY = range(5, 5 + WINDOW + 1)


@dataclass(frozen=True)
class Plan:
    """Sizes of one run.

    Attributes:
        epochs: training passes of each of the stock pipeline's neural networks.
        starts: how often each server is started for the start-up time.
        warm_up: messages that each server answers before anything is timed.
        rounds: rounds of new conversations and of clients at once; the sides take turns.
        new_conversations: conversations of one message, in a round.
        clients: visitors at once.
        messages_each: messages of each of these visitors, in a round.
        conversations: long conversations with each side.
        length: messages of a long conversation.
        quick: whether this only shows that the benchmark works.
    """

    epochs: int
    starts: int
    warm_up: int
    rounds: int
    new_conversations: int
    clients: int
    messages_each: int
    conversations: int
    length: int
    quick: bool = False

    @property
    def late(self) -> range:
        """Numbers of a long conversation's last messages; the first message is number 1."""
        return range(self.length - WINDOW, self.length + 1)

    def question_number(self, message: int) -> int:
        """Which question message ``message`` of a long conversation asks: the same ones early and late."""
        return message % (self.late.start - EARLY.start)


FULL = Plan(
    epochs=100,
    starts=2,
    warm_up=30,
    rounds=3,
    new_conversations=100,
    clients=16,
    messages_each=20,
    conversations=1,
    length=500,
)
QUICK = Plan(
    epochs=3,
    starts=1,
    warm_up=3,
    rounds=1,
    new_conversations=10,
    clients=16,
    messages_each=2,
    conversations=1,
    length=30,
    quick=True,
)
