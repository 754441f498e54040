"""Causes faults in a running product while 60 visitors talk to it, and prints what they heard.

The figures in docs/reliability.md were made with it.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.reliability.faults import FAULTS
from tests.reliability.figures import table
from tests.reliability.scenario import run


def main(arguments: Sequence[str]) -> int:
    """Runs the faults that are named, all of them unless told; 1 when a promise was not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"one of {', '.join(FAULTS)}; all unless told")
    names = parser.parse_args(arguments).faults or list(FAULTS)
    if unknown := set(names) - set(FAULTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    runs = []
    for name in names:
        print(f"{name}: {FAULTS[name].seconds} seconds ...", flush=True)
        with tempfile.TemporaryDirectory(prefix="reliability-") as folder:
            runs.append(run(FAULTS[name], Path(folder)))
    print(table(runs))
    broken = {each.fault: each.broken() for each in runs if each.broken()}
    for name, promises in broken.items():
        print(f"{name}: not kept: {', '.join(promises)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
