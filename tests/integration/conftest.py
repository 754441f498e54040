import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from tests.databases import PostgresServer, clear, empty, new_database, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def empty_postgres_url(postgres: PostgresServer) -> str:
    """URL of a database that tests empty before they use it: a new one for each takes longer."""
    return new_database(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/assistant.db"
    url: str = request.getfixturevalue("empty_postgres_url")
    empty(url)
    return url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database of the newest version, for copies."""
    file = tmp_path_factory.mktemp("migrated") / "assistant.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres: PostgresServer) -> str:
    """URL of a database of the newest version that tests clear before they use it."""
    url = new_database(postgres)
    upgrade(url)
    return url


@pytest.fixture
def postgres_url(migrated_postgres_url: str) -> str:
    """URL of a PostgreSQL database of the newest version without data."""
    clear(migrated_postgres_url)
    return migrated_postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database of the newest version without data, of each kind in turn."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "assistant.db")
        return f"sqlite:///{tmp_path}/assistant.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    """A store with nothing in it, on each kind of database in turn."""
    store = Store.open(migrated_url)
    yield store
    store.engine.dispose()
