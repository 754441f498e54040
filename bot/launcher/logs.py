"""The log file of each process, in var/log."""

import os
import re
from pathlib import Path
from typing import IO

KEPT_BYTES = 5_000_000
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def open_log(folder: Path, name: str) -> IO[bytes]:
    """Opens ``<name>.log`` for appending; one that has grown past 5 MB becomes ``<name>.log.1`` first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > KEPT_BYTES:
        os.replace(path, path.with_suffix(".log.1"))
    return path.open("ab")


def lines_since(path: Path, start: int) -> list[str]:
    """Non-empty lines that were written after byte ``start``, without colours."""
    with path.open("rb") as file:
        file.seek(start)
        text = file.read().decode("utf-8", "replace")
    return [line.rstrip() for line in _ANSI.sub("", text).splitlines() if line.strip()]


def most_telling(lines: list[str]) -> str:
    """The last line that names an error, or else the last line."""
    errors = [line for line in lines if re.search(r"\b\w*(Error|Exception)\b|\berror\b", line)]
    return ([*lines[-1:], *errors[-1:]] or ["no output"])[-1].strip()
