"""The one database: its engine, tuned the same way for whoever opens it."""

import sqlite3
from contextlib import closing, suppress
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import QueuePool

from bot.database import postgresql

# For another writer, or for a free connection: less than a visitor's patience.
SECONDS_TO_WAIT = 2
SECONDS_FOR_A_STATEMENT = 10
# Five stay open, and so many more are opened when they are needed; who finds none free waits. PostgreSQL takes a
# hundred in all, unless told otherwise.
MOST_EXTRA_CONNECTIONS = 10
MILLISECONDS_TO_EMPTY_LOG = 500


# Execution option of an engine or connection that only reads: SQLite lets it in beside a writer.
READING = "reading"


def connect(
    url: str,
    seconds_for_a_statement: float = SECONDS_FOR_A_STATEMENT,
    most_extra_connections: int = MOST_EXTRA_CONNECTIONS,
) -> Engine:
    """An engine for ``url``; it opens a connection only when one is used.

    An error of the database never carries a visitor's words into a log: parameters are hidden.
    """
    arguments: dict[str, Any] = {"hide_parameters": True}
    if url in {"sqlite://", "sqlite:///:memory:"}:
        arguments["connect_args"] = {"check_same_thread": False}
        arguments["poolclass"] = sa.pool.StaticPool
    else:
        arguments["poolclass"] = QueuePool
        arguments["pool_timeout"] = SECONDS_TO_WAIT
        arguments["max_overflow"] = most_extra_connections
        if url.startswith("sqlite"):
            arguments["connect_args"] = {"check_same_thread": False, "timeout": SECONDS_TO_WAIT}
        else:
            arguments["connect_args"] = postgresql.connect_arguments(seconds_for_a_statement, SECONDS_TO_WAIT)
            # A server may have ended a connection that was kept; a file cannot, and asking costs as much as a query.
            arguments["pool_pre_ping"] = True
    engine: Engine = sa.create_engine(url, **arguments)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _tune_sqlite)
        sa.event.listen(engine, "begin", _begin)
    return engine


def empty_log(engine: Engine) -> bool:
    """Old pages leave SQLite's write-ahead log, which keeps what has been erased; False when somebody is reading them.

    Writers wait as long as this does, so it does not wait for long.
    """
    if engine.dialect.name != "sqlite":
        return True
    with (
        closing(cast(sqlite3.Connection, engine.raw_connection())) as connection,
        closing(connection.cursor()) as cursor,
    ):
        ((usual,),) = cursor.execute("PRAGMA busy_timeout").fetchall()
        cursor.execute(f"PRAGMA busy_timeout={MILLISECONDS_TO_EMPTY_LOG}")
        try:
            ((busy, _, _),) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError:
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
    return not busy


def _tune_sqlite(connection: Any, _: Any) -> None:
    # pysqlite begins transactions late and of itself; SQLAlchemy's begin event does it instead (see its documentation
    # of the dialect), so that a unit of work is one transaction from its first read.
    connection.isolation_level = None
    cursor = connection.cursor()
    # First, for the next statement may have to wait too.
    cursor.execute(f"PRAGMA busy_timeout={SECONDS_TO_WAIT * 1000}")
    # Write-ahead log: readers do not wait for the writer, and a commit costs one sync of the log. Another process may
    # be switching it on at this moment.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What is erased is overwritten, not only left out.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin(connection: Any) -> None:
    # A transaction that will write has to say so at its beginning: SQLite refuses one that reads, lets another commit,
    # and then wants to write.
    reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
