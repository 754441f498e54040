"""Shows that a long step is still going on."""

import sys
import time
from typing import TextIO

EVERY_SECONDS = 15


class Progress:
    """One line with the seconds so far; on a terminal it counts in place, in a log it speaks up now and then.

    Args:
        label: what is going on, for example ``Training the model``.
        stream: where to write.
    """

    def __init__(self, label: str, stream: TextIO | None = None) -> None:
        self._label = label
        self._stream = stream or sys.stdout
        self._in_place = self._stream.isatty()
        self._started = time.monotonic()
        self._shown = 0
        self._write(f"{label} ...", "" if self._in_place else "\n")

    def tick(self) -> None:
        """Call it often; it writes when a second (in a log: a quarter of a minute) has passed."""
        seconds = int(time.monotonic() - self._started)
        if seconds >= self._shown + (1 if self._in_place else EVERY_SECONDS):
            self._shown = seconds
            self._write(f"{self._label} ... {seconds} s", "" if self._in_place else "\n")

    def done(self, outcome: str = "done") -> None:
        """Ends the line with the outcome and the time it took."""
        self._write(f"{self._label}: {outcome} ({time.monotonic() - self._started:.0f} s)", "\n")

    def broken_off(self) -> None:
        """Ends the line so that what follows starts on its own."""
        if self._in_place:
            self._stream.write("\n")
            self._stream.flush()

    def _write(self, text: str, end: str) -> None:
        self._stream.write(("\r\x1b[K" if self._in_place else "") + text + end)
        self._stream.flush()
