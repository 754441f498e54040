import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.database import engine as engine_module
from bot.database.engine import READING, connect

SECRET = "words of a visitor"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/assistant.db"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT)"))
        connection.execute(sa.text("CREATE TABLE children (parent INTEGER REFERENCES parents (id))"))
    yield engine
    engine.dispose()


def names(engine: Engine) -> list[str]:
    with engine.execution_options(**{READING: True}).connect() as connection:
        return list(connection.execute(sa.text("SELECT name FROM parents ORDER BY id")).scalars())


def insert(connection: sa.engine.Connection, name: str) -> None:
    connection.execute(sa.text("INSERT INTO parents (name) VALUES (:name)"), {"name": name})


def test_nothing_is_opened_before_it_is_used(url: str) -> None:
    connect(url).dispose()
    assert not Path(url.removeprefix("sqlite:///")).exists()


def test_a_transaction_that_is_left_by_an_error_changes_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError), engine.begin() as connection:
        insert(connection, "lost")
        raise RuntimeError
    assert names(engine) == []


def test_a_reader_does_not_wait_for_the_writer_and_sees_nothing_half_done(engine: Engine) -> None:
    with engine.begin() as connection:
        insert(connection, "new")
        assert names(engine) == []
    assert names(engine) == ["new"]


def test_a_reader_sees_one_moment_only(engine: Engine) -> None:
    with engine.execution_options(**{READING: True}).begin() as reader:
        count = sa.text("SELECT count(*) FROM parents")
        assert reader.execute(count).scalar() == 0
        with engine.begin() as connection:
            insert(connection, "new")
        assert reader.execute(count).scalar() == 0


def test_the_second_writer_waits_from_its_beginning(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SECONDS_TO_WAIT", 0)
    impatient = connect(str(engine.url))
    with engine.begin(), pytest.raises(OperationalError, match="locked"), impatient.begin():
        pytest.fail("two writers at once")
    impatient.dispose()


def test_what_refers_to_nothing_is_refused(engine: Engine) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO children (parent) VALUES (7)"))


def test_an_error_does_not_repeat_what_was_to_be_stored(engine: Engine) -> None:
    with pytest.raises(OperationalError) as caught, engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO nowhere (name) VALUES (:name)"), {"name": SECRET})
    assert SECRET not in str(caught.value)


def test_a_process_that_is_killed_leaves_what_it_committed(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        insert(connection, "kept")
    # As the next process finds it: the log of the first one was never folded in.
    other = sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True)
    assert other.execute("SELECT name FROM parents").fetchall() == [("kept",)]
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    engine = connect("sqlite://")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT)"))
        insert(connection, "kept")
    assert names(engine) == ["kept"]
    engine.dispose()


def test_a_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SECONDS_TO_WAIT", 2)
    # It takes connections and says nothing.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = connect(f"postgresql://somebody@127.0.0.1:{silent.getsockname()[1]}/assistant")
        with pytest.raises(OperationalError, match="timeout"):
            engine.connect()
        engine.dispose()
