"""So many of so many, with what that says about all such messages."""

import math
import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"(\d+) of (\d+)")


@dataclass(frozen=True)
class Count:
    """Hits among a total that is not 0."""

    hits: int
    total: int

    def __str__(self) -> str:
        return f"{self.hits} of {self.total}"

    @classmethod
    def read(cls, written: str) -> "Count | None":
        """From "97 of 100"; None if it says something else."""
        found = _WRITTEN.fullmatch(written)
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.hits / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 percent interval of the share."""
        z, n, p = 1.96, self.total, self.share
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(middle - half, 0.0), min(middle + half, 1.0)
