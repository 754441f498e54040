"""The database's versions (Alembic); ``python -m bot migrate`` brings it to the newest."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from bot.database.engine import connect

FOLDER = Path(__file__).parent
# Any number that nothing else in the database uses as its advisory lock.
LOCK = 7_236_001
# Nobody waits for a migration, and a large table takes long.
SECONDS_FOR_A_STATEMENT = 3600
# What a database may hold that no release of ours has seen yet: the conversations of a bare Rasa, SQLite's own notes.
BEFORE_THE_FIRST = {"events", "sqlite_sequence"}


class NotOurs(Exception):
    """The database is of a newer release, or of another program; the message says which, and what to do."""


def upgrade(url: str) -> None:
    """Brings the database to the newest version; two processes that do so at once do it one after the other.

    Raises:
        NotOurs: nothing was changed.
    """
    engine = connect(url, SECONDS_FOR_A_STATEMENT)
    try:
        with engine.connect() as connection, connection.begin():
            _lock(connection)
            _check(connection)
            command.upgrade(configuration(connection), "head")
    finally:
        engine.dispose()


def _check(connection: Connection) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(configuration(connection)).walk_revisions()}
    current = set(MigrationContext.configure(connection).get_current_heads())
    if current - known:
        raise NotOurs(
            f"The database is of version {', '.join(current)}, which this release does not know: start the "
            "newer release that made it, or go back to a backup of the time before (no database is turned back)."
        )
    if not current and (others := set(sa.inspect(connection).get_table_names()) - BEFORE_THE_FIRST):
        raise NotOurs(
            f"The database holds tables of another program ({', '.join(sorted(others)[:3])}): "
            "set DATABASE_URL to a database of the assistant's own."
        )


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    # SQLite: the transaction is the only one that writes, from its beginning (bot/database/engine.py).
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
