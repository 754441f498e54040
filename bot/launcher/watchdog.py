"""Ends the product's processes when the launcher was killed without a chance to do so (``kill -9``).

The launcher holds this process's standard input open and writes ``+GROUP`` for each process group that it
starts and ``-GROUP`` for each that it has stopped. When the input ends, whatever group is left has lost its
launcher. It is run as a file, with the standard library alone, so that it costs next to nothing.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 10.0


def main(lines: Iterable[str]) -> None:
    """Keeps the list of groups until the input ends, then ends the groups."""
    groups: set[int] = set()
    for line in lines:
        if line.startswith("+"):
            groups.add(int(line[1:]))
        else:
            groups.discard(int(line[1:]))
    _end(groups)


def _end(groups: set[int]) -> None:
    left = {group for group in groups if _signal(group, signal.SIGTERM)}
    deadline = time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(sys.stdin)
