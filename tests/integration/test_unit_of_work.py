"""Units of work, what the database itself refuses, and a database that goes away and comes back."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.database import tables
from bot.database.engine import connect
from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.domain.audit import AuditEvent
from bot.domain.errors import IllegalMove, NotFound, StoreUnavailable
from bot.domain.handoff import Handoff, Kind, Outcome, State
from bot.handoff import services
from tests.databases import PostgresServer, new_database, running_postgres
from tests.handoffs import NOON, VISITOR, actions, active, handoff, member, waiting


def new_handoff(conversation: str = VISITOR) -> Handoff:
    return Handoff(conversation, "web", Kind.HUMAN, NOON)


def count(store: Store, table: sa.Table) -> int:
    with store.reading() as work:
        return int(work.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_leaving_without_commit_rolls_back(store: Store) -> None:
    with store.work() as work:
        work.add(new_handoff())
        work.session.flush()
    assert count(store, tables.handoffs) == 0


def test_an_error_rolls_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.work() as work:
        work.add(new_handoff())
        work.session.flush()
        raise ZeroDivisionError
    assert count(store, tables.handoffs) == 0


def test_committed_work_is_seen_by_another_process(store: Store, migrated_url: str) -> None:
    with store.work() as work:
        work.add(new_handoff())
        work.commit()
    other = Store.open(migrated_url)
    assert count(other, tables.handoffs) == 1
    other.engine.dispose()


def test_times_come_back_in_utc(store: Store) -> None:
    assert handoff(store, waiting(store)).created_at == NOON


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    with store.work() as writing:
        writing.add(new_handoff())
        writing.session.flush()
        assert count(store, tables.handoffs) == 0


def test_the_database_refuses_a_second_open_handoff(store: Store) -> None:
    waiting(store)
    with pytest.raises(IllegalMove), store.work() as work:
        work.add(new_handoff())
        work.commit()
    assert count(store, tables.handoffs) == 1


def test_closed_handoffs_do_not_count(store: Store) -> None:
    first = waiting(store)
    services.cancel(store, VISITOR, NOON)
    assert waiting(store) != first


@pytest.mark.parametrize(
    "values",
    [
        {"state": State.ACTIVE, "owner_id": None},
        {"state": State.WAITING, "owner_id": 1},
        {"rating": 0},
        {"rating": 6},
        {"owner_id": 4711, "state": State.ACTIVE},
    ],
    ids=str,
)
def test_the_database_refuses_what_makes_no_sense(store: Store, values: dict[str, object]) -> None:
    member(store)
    waiting(store)
    with pytest.raises(IllegalMove), store.work() as work:
        work.execute(tables.handoffs.update().values(**values))
        work.commit()


@pytest.mark.parametrize("change", ["UPDATE audit_events SET actor = 'nobody'", "DELETE FROM audit_events"])
def test_the_database_refuses_to_change_the_audit(store: Store, change: str) -> None:
    waiting(store)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(sa.text(change))
    assert actions(store) == ["opened"]


def test_an_audit_event_is_written_with_what_it_records_or_not_at_all(store: Store) -> None:
    waiting(store)
    with pytest.raises(IllegalMove), store.work() as work:
        work.audit(AuditEvent("opened", NOON, "visitor"))
        work.session.flush()
        work.add(new_handoff())
        work.commit()
    assert actions(store) == ["opened"]


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="no handoff 4711"), store.work() as work:
        work.handoff(4711)


def test_two_changes_of_one_handoff_do_not_overwrite_each_other(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    seen = handoff(store, handoff_id)
    services.release(store, handoff_id, anna, NOON)
    seen.resolve(Outcome.OTHER, NOON)
    with pytest.raises(IllegalMove, match="just changed"), store.work() as work:
        work.add(seen)
        work.commit()
    assert handoff(store, handoff_id).state is State.WAITING


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    with running_postgres() as server:
        yield server


def test_a_stopped_server_is_unavailable_and_work_goes_on_when_it_is_back(own_postgres: PostgresServer) -> None:
    url = new_database(own_postgres)
    upgrade(url)
    store = Store.open(url)
    waiting(store)
    own_postgres.stop()
    assert not store.answers()
    with pytest.raises(StoreUnavailable):
        services.cancel(store, VISITOR, NOON)
    own_postgres.ensure_postgres_running()
    assert store.answers()
    assert services.cancel(store, VISITOR, NOON)
    store.engine.dispose()


def test_a_server_that_stops_in_the_middle_of_the_work_has_changed_nothing(own_postgres: PostgresServer) -> None:
    url = new_database(own_postgres)
    upgrade(url)
    store = Store.open(url)
    with pytest.raises(StoreUnavailable), store.work() as work:
        work.add(new_handoff())
        work.session.flush()
        own_postgres.stop()
        work.commit()
    own_postgres.ensure_postgres_running()
    assert count(store, tables.handoffs) == 0
    store.engine.dispose()


def test_a_file_that_cannot_be_opened_is_unavailable() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/nowhere/assistant.db")
        with pytest.raises(StoreUnavailable):
            waiting(store)


def test_a_file_that_another_process_writes_for_too_long_is_unavailable(migrated_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "assistant.db"
    file.write_bytes(migrated_file.read_bytes())
    busy, impatient = Store.open(f"sqlite:///{file}"), Store(connect(f"sqlite:///{file}"))
    sa.event.listen(impatient.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=1"))
    with busy.work() as writing:
        writing.add(new_handoff())
        writing.session.flush()
        with pytest.raises(StoreUnavailable):
            waiting(impatient)
        assert count(impatient, tables.handoffs) == 0
    assert waiting(impatient)
    for store in (busy, impatient):
        store.engine.dispose()


def test_no_free_connection_is_unavailable(migrated_file: Path) -> None:
    engine = sa.create_engine(
        f"sqlite:///{migrated_file}", poolclass=sa.pool.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0
    )
    store = Store(engine)
    with store.reading() as first:
        first.execute(sa.select(1))
        with pytest.raises(StoreUnavailable), store.reading() as second:
            second.execute(sa.select(1))
    engine.dispose()
