import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store

if TYPE_CHECKING:
    from actions.dependencies import Dependencies
    from tests.dialogue import Talk


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


@pytest.fixture
def dependencies(store: Store) -> "Dependencies":
    """The collaborators of all actions."""
    # Not above: spaCy takes seconds to load, and few tests need it.
    from tests.dialogue import dependencies_on

    return dependencies_on(store)


@pytest.fixture
def talk(dependencies: "Dependencies") -> "Talk":
    """A conversation with the form's logic."""
    from tests.dialogue import Talk

    return Talk(dependencies)
