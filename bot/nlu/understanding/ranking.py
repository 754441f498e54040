"""An intent's place in the ranking of a message."""

from typing import NamedTuple


class Ranked(NamedTuple):
    """One intent's place in a message's ranking.

    Attributes:
        intent: full name, ``faq/crs_timing`` or ``greet``.
        probability: 0 to 1, over all intents.
        similarity: cosine to the nearest training question of this intent, -1 to 1.
    """

    intent: str
    probability: float
    similarity: float

    @property
    def score(self) -> float:
        """How sure: probability times similarity, 0 to 1."""
        return self.probability * max(self.similarity, 0.0)
