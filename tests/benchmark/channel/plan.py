"""How much of the channels is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ChannelPlan:
    """Sizes of one run.

    Attributes:
        rounds: of everything; the sides take turns.
        browser_questions: asked in a real browser, in a round.
        delayed_questions: the same of the stock widget as it comes, which takes its time by design.
        visitors: connected at once.
        questions_each: of each of them in the rush, and again at a reading pace.
        pause: seconds between an answer and the next question at a reading pace, from and to.
        quick: whether this only shows that it works.
    """

    rounds: int
    browser_questions: int
    delayed_questions: int
    visitors: int
    questions_each: int
    pause: tuple[float, float]
    quick: bool = False


# Staff of a large website's busiest hour would see so many; people read an answer in half a minute.
FULL = ChannelPlan(
    rounds=1, browser_questions=40, delayed_questions=5, visitors=500, questions_each=10, pause=(20.0, 40.0)
)
QUICK = ChannelPlan(
    rounds=1, browser_questions=6, delayed_questions=2, visitors=20, questions_each=3, pause=(0.5, 1.5), quick=True
)
