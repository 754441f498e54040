"""Whether a program that runs is alive: it answers, whatever it answers.

Alive is less than healthy. A Rasa server whose database is away is not healthy, but it answers emergencies; starting it
again would silence it and mend nothing. One that stands still (a deadlock, an event loop that never comes back) holds
its port, takes connections and answers nobody: only that is lost.
"""

import time
from dataclasses import dataclass
from threading import Event, Thread

from bot.launcher.web import ask


@dataclass(frozen=True)
class Patience:
    """How long a program is waited for.

    Attributes:
        seconds: from one question to the next, and most for an answer.
        misses: answers in a row that may be missing, before it is lost.
        misses_while_starting: the same until the first answer, since loading takes its time.
        first_pause: seconds before the second start after another; each further one doubles it.
        longest_pause: most seconds between two starts.
        recovered_after: seconds of life after which an end counts as the first one again.
    """

    seconds: float = 5.0
    misses: int = 4
    misses_while_starting: int = 60
    first_pause: float = 1.0
    longest_pause: float = 30.0
    recovered_after: float = 60.0


class Liveness:
    """Asks one running program again and again, in a thread of its own: a question may take seconds.

    Attributes:
        answered: whether it has answered yet.
    """

    def __init__(self, url: str, patience: Patience, answered: bool = False) -> None:
        self.answered = answered
        self._url = url
        self._patience = patience
        # Counted, not timed: when the launcher itself stood still (Ctrl-Z), nobody asked.
        self._misses = 0
        self._over = Event()
        Thread(target=self._ask, name=f"liveness of {url}", daemon=True).start()

    @property
    def lost(self) -> bool:
        """Whether it has not answered for too long."""
        allowed = self._patience.misses if self.answered else self._patience.misses_while_starting
        return self._misses >= allowed

    def stop(self) -> None:
        """No more questions."""
        self._over.set()

    def _ask(self) -> None:
        pause = self._patience.seconds
        while not self._over.wait(pause):
            asked = time.monotonic()
            status, _ = ask(self._url, timeout=self._patience.seconds)
            pause = max(0.0, asked + self._patience.seconds - time.monotonic())
            if status is None:
                self._misses += 1
            else:
                self.answered, self._misses = True, 0
