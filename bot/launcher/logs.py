"""The log file of each process, in var/log."""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

KEPT_BYTES = 5_000_000
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def open_log(folder: Path, name: str) -> IO[bytes]:
    """Opens ``<name>.log`` for appending; nobody else on the machine can read it.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    rotate(path)
    log = path.open("ab")
    path.chmod(0o600)
    return log


def rotate(path: Path) -> None:
    """Past 5 MB, what a log holds becomes ``<name>.log.1`` and the log begins anew, also while a process writes to it.

    The process holds the file open to append, so it is emptied, not replaced; a line that is written at this very
    moment may be lost. Nothing stands between a process and its log: it goes on writing whatever happens to the
    launcher.
    """
    if _size(path) <= KEPT_BYTES:
        return
    kept = path.with_suffix(".log.1")
    try:
        shutil.copyfile(path, kept)
        kept.chmod(0o600)
    except OSError:
        # A full disk: then the space is worth more than the old lines.
        kept.unlink(missing_ok=True)
    with suppress(OSError):
        os.truncate(path, 0)


def lines_since(path: Path, start: int) -> list[str]:
    """Non-empty lines that were written after byte ``start``, without colours; all, if the log began anew since."""
    try:
        with path.open("rb") as file:
            file.seek(start if _size(path) >= start else 0)
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return [line.rstrip() for line in _ANSI.sub("", text).splitlines() if line.strip()]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def most_telling(lines: list[str]) -> str:
    """The last line that names an error, or else the last line."""
    errors = [line for line in lines if re.search(r"\b\w*(Error|Exception)\b|\berror\b", line)]
    return ([*lines[-1:], *errors[-1:]] or ["no output"])[-1].strip()
