"""The database's versions: from nothing, from a database that only has Rasa's events, again, and all at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy.engine import Engine

from bot.database import tables
from bot.database.engine import connect
from bot.database.migrations import FOLDER, upgrade

# Where SQLite notes the last id of a table that never uses one again.
SQLITES_OWN = "sqlite_sequence"
# A database somewhere has run these: they never change again, and a further change is a further migration.
RELEASED = {
    "0001_first.py": "9ec206abb2963ac8dc4fad24ac43ba4240a8c9d53bd0d55f630fbecb84c91178",
    "0002_staff_sessions.py": "52b773c08f4846e8bb01f539a0e0f859075f4be4cc0b2c8c37e02b7fc7fb6467",
}
RASAS = SQLTrackerStore.SQLEvent.__table__


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def names(engine: Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {SQLITES_OWN}


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        options = {"compare_type": True, "include_name": lambda name, kind, parents: name != SQLITES_OWN}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, tables.metadata))


def shape(table: sa.Table) -> dict[str, tuple[str, bool, bool]]:
    return {column.name: (str(column.type), column.nullable, column.primary_key) for column in table.columns}


def test_what_was_released_has_not_changed() -> None:
    found = {name: sha256((FOLDER / "versions" / name).read_bytes()).hexdigest() for name in RELEASED}
    assert found == RELEASED


def test_from_nothing_every_table_is_made_as_the_code_has_it(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    assert names(engine) == {*tables.metadata.tables, "alembic_version"}
    assert differences(engine) == []


def test_a_database_that_only_rasa_has_used_keeps_its_conversations(database_url: str, engine: Engine) -> None:
    RASAS.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(RASAS.insert(), [{"sender_id": "web-1", "type_name": "user", "data": "{}"}])
    upgrade(database_url)
    assert differences(engine) == []
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.events.c.sender_id)).scalars().all() == ["web-1"]


def test_a_second_time_changes_nothing(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    with engine.begin() as connection:
        connection.execute(tables.canned_replies.insert().values(title="Hello", text="Hello"))
    upgrade(database_url)
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.canned_replies.c.title)).scalars().all() == ["Hello"]


def test_three_processes_at_once_do_it_once(database_url: str, engine: Engine) -> None:
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(upgrade, [database_url] * 3))
    assert differences(engine) == []
    with engine.connect() as connection:
        assert len(connection.exec_driver_sql("SELECT * FROM alembic_version").all()) == 1


def test_rasa_finds_its_table_as_it_would_make_it(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    RASAS.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(RASAS.insert().values(sender_id="web-1", type_name="user", data="{}"))
        assert connection.execute(sa.select(RASAS.c.id)).scalars().all() == [1]


def test_the_events_are_described_as_rasa_describes_them() -> None:
    assert shape(tables.events) == shape(RASAS)
    assert {column.name for column in tables.events.columns if column.index} == {
        column.name for column in RASAS.columns if column.index
    }
