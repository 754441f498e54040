import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.handoff.migrations import upgrade
from bot.handoff.store import Store


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database of the newest version, for copies."""
    file = tmp_path_factory.mktemp("migrated") / "assistant.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def database_url(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of an SQLite database without data, which the settings name too."""
    shutil.copy(migrated_file, tmp_path / "assistant.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/assistant.db")
    return f"sqlite:///{tmp_path}/assistant.db"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with nothing in it."""
    store = Store.open(database_url)
    yield store
    store.engine.dispose()
