"""Ctrl-C and termination as a question that loops ask, so that no step is torn apart in the middle."""

import signal
from types import FrameType

from bot.launcher.errors import Interrupted

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """Becomes true with the first signal that asks the launcher to stop."""

    def __init__(self) -> None:
        self.made = False

    def listen(self) -> "StopRequest":
        """Takes over SIGINT, SIGTERM and SIGHUP."""
        for number in STOPPING:
            signal.signal(number, self._receive)
        return self

    def check(self) -> None:
        """Raises Interrupted once a stop was requested."""
        if self.made:
            raise Interrupted

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.made = True
