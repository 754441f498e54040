"""A message's readings with what the components found in each, and the thresholds that weigh them."""

from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from bot.nlu.safety.signals import Signals
from bot.nlu.understanding.ranking import Ranked

FAQ_PREFIX = "faq/"
WHOLE, PART, IN_CONTEXT = "whole", "part", "in_context"


@dataclass(frozen=True)
class Thresholds:
    """When the assistant is sure enough. All 0 to 1, chosen on held-out questions (docs/evaluation.md).

    Attributes:
        sure: score (probability x nearness) from which an answer is given.
        between: score from which "did you mean" is asked; below it the assistant is lost.
        outside: probability of "out of scope" from which nothing is asked any more.
        echo: score below which a given answer opens with the question that was understood.
        second: score that the second question in a message needs to be answered as well.
        crisis: probability from which a reading is a crisis.
        emergency: probability from which a reading is an emergency.
        emergency_with_sign: the same, when the rules see a dangerous symptom that somebody has now.
        alarm_in_talk: probability of crisis or emergency that is enough where no question is asked.
        personal: probability from which a message asks for a judgement.
        personal_part: the same for one of its parts.
        personal_with_sign: the same, when the rules see the words of such a question.
        safety_near: nearness to an example of crisis, emergency or personal advice below which ...
        safety_far: ... its probability must reach this.
        safety_whole: probability that the whole message must give to what one of its parts says.
        near: nearness below which a message may be in another language.
    """

    sure: float = 0.25
    between: float = 0.06
    outside: float = 0.85
    echo: float = 0.40
    second: float = 0.50
    crisis: float = 0.50
    emergency: float = 0.40
    emergency_with_sign: float = 0.02
    alarm_in_talk: float = 0.20
    personal: float = 0.40
    personal_part: float = 0.60
    personal_with_sign: float = 0.15
    safety_near: float = 0.45
    safety_far: float = 0.85
    safety_whole: float = 0.02
    near: float = 0.75

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """As Rasa's component configuration."""
        return asdict(cls())

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Thresholds":
        """Reads a component's configuration.

        Raises:
            ValueError: a value is no number from 0 to 1, or ``between`` is above ``sure``.
        """
        values = {field.name: config[field.name] for field in fields(cls)}
        for name, value in values.items():
            if not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ValueError(f"{name} must be a number from 0 to 1, not {value!r}.")
        if values["between"] > values["sure"]:
            raise ValueError("between must not be above sure.")
        return cls(**values)


@dataclass(frozen=True)
class Reading:
    """One reading of a message.

    Attributes:
        text: its words.
        kind: whole, part or in_context (bot/nlu/components/message_reader.py).
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

    @property
    def top(self) -> Ranked:
        """The most probable intent."""
        return self.ranking[0]

    @cached_property
    def questions(self) -> list[Ranked]:
        """The answers among the ranking, most probable first."""
        return [ranked for ranked in self.ranking if ranked.intent.startswith(FAQ_PREFIX)]


def is_far_from_everything(whole: Reading, thresholds: Thresholds) -> bool:
    """Whether nothing known is near, so that it is worth asking which language this is."""
    return max(ranked.nearness for ranked in whole.ranking[:3]) < thresholds.near
