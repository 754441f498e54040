"""What the safety rules found in a text."""

from dataclasses import dataclass

CRISIS, RED_FLAG, NOT_NOW, SUPPOSED = "crisis", "red_flag", "not_now", "supposed"


@dataclass(frozen=True)
class Signals:
    """What the rules found in one interpretation.

    Attributes:
        meanings: of the rules that matched (data/nlu/safety_rules.yml).
        dangerous_number: a fever, low oxygen or low blood pressure is given as a number.
    """

    meanings: frozenset[str] = frozenset()
    dangerous_number: bool = False

    @property
    def calm(self) -> bool:
        """Past, supposed or negated, or about patients in general and nobody in particular."""
        in_general = "general" in self.meanings and "somebody" not in self.meanings
        return in_general or not self.meanings.isdisjoint({NOT_NOW, SUPPOSED})

    @property
    def crisis(self) -> bool:
        """Words that are never about anything else."""
        return CRISIS in self.meanings

    @property
    def dangerous_now(self) -> bool:
        """A dangerous number that is neither past nor supposed nor about patients in general."""
        return self.dangerous_number and not self.calm

    @property
    def happening(self) -> bool:
        """Somebody has a dangerous symptom, now."""
        return {RED_FLAG, "now"} <= self.meanings and not self.calm
