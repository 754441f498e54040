"""The database's versions (Alembic); ``python -m bot migrate`` brings it to the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from bot.database.engine import connect

FOLDER = Path(__file__).parent
# Any number that nothing else in the database uses as its advisory lock.
LOCK = 7_236_001


def upgrade(url: str) -> None:
    """Brings the database to the newest version; two processes that do so at once do it one after the other."""
    engine = connect(url)
    with engine.connect() as connection, connection.begin():
        _lock(connection)
        command.upgrade(configuration(connection), "head")
    engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    # SQLite: the transaction is the only one that writes, from its beginning (bot/database/engine.py).
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
