"""A message's interpretations with what the components found in each, and the thresholds that weigh them."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from bot.nlu.safety.signals import Signals
from bot.nlu.understanding.ranking import Ranked

FAQ_PREFIX = "faq/"
WHOLE, SEGMENT, IN_CONTEXT = "whole", "segment", "in_context"


@dataclass(frozen=True)
class Thresholds:
    """When the assistant is sure enough. All 0 to 1; config.yml holds the values and what each of them means."""

    known: float
    hedge: float
    sure: float
    between: float
    outside: float
    echo: float
    second: float
    alarm: float
    alarm_with_sign: float
    alarm_trace: float
    alarm_share: float
    alarm_possible: float
    personal: float
    personal_with_sign: float
    personal_trace: float
    alone: float

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Thresholds":
        """Reads a component's configuration.

        Raises:
            ValueError: a value is missing or no number from 0 to 1, or ``between`` is above ``sure``.
        """
        values: dict[str, Any] = {field.name: config.get(field.name) for field in fields(cls)}
        for name, value in values.items():
            if not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ValueError(f"{name} must be a number from 0 to 1, not {value!r}.")
        thresholds = cls(**values)
        if thresholds.between > thresholds.sure:
            raise ValueError("between must not be above sure.")
        return thresholds

    def as_config(self) -> dict[str, Any]:
        """As Rasa's component configuration."""
        return asdict(self)


@dataclass(frozen=True)
class Interpretation:
    """One interpretation of a message.

    Attributes:
        text: its words.
        kind: whole, segment or in_context (bot/nlu/components/message_reader.py).
        ranking: all intents, most probable first.
        signals: what the safety rules found.
        known: whether the text is word for word a title or a training question.
    """

    text: str
    kind: str
    ranking: list[Ranked]
    signals: Signals
    known: bool = False

    def of(self, intent: str) -> Ranked:
        """One intent's place; nowhere, if it was never trained."""
        return next((ranked for ranked in self.ranking if ranked.intent == intent), Ranked(intent, 0.0, 0.0))

    def probability(self, intent: str) -> float:
        """Of one intent, 0 to 1."""
        return self.of(intent).probability

    def share(self, intents: Collection[str]) -> float:
        """Of several intents together, 0 to 1."""
        return sum(ranked.probability for ranked in self.ranking if ranked.intent in intents)

    @property
    def top(self) -> Ranked:
        """The most probable intent."""
        return self.ranking[0]

    @cached_property
    def questions(self) -> list[Ranked]:
        """The answers among the ranking, most probable first."""
        return [ranked for ranked in self.ranking if ranked.intent.startswith(FAQ_PREFIX)]

    @cached_property
    def faq_share(self) -> float:
        """Probability of all answers together: is it a question that the documents answer, whichever it is?"""
        return sum(ranked.probability for ranked in self.questions)
