"""A unit of work on the database: everything in it happens, or nothing does.

    with store.work() as work:
        work.handoff(7).release()
        work.commit()

Leaving the block without ``commit`` rolls back.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bot.database import tables
from bot.database.engine import READING, connect
from bot.domain.alert import Alert
from bot.domain.audit import AuditEvent
from bot.domain.errors import AlreadyTaken, IllegalMove, NotAllowed, NotFound, StoreUnavailable
from bot.domain.handoff import OPEN, Handoff
from bot.domain.reply import Reply
from bot.domain.staff import Role, Staff

Found = TypeVar("Found")
# Alembic's table: one row that a probe writes anew.
_VERSION = sa.table("alembic_version", sa.column("version_num"))


class Work:
    """One unit of work; ``session`` is SQLAlchemy's.

    In one that writes, a handoff, reply or alert that is looked up is locked until the end: a second click waits for
    the first and then sees what it did.
    """

    def __init__(self, session: Session, writes: bool) -> None:
        self.session = session
        self._writes = writes

    def commit(self) -> None:
        """Makes everything in this unit of work happen."""
        self.session.commit()

    def add(self, thing: object) -> None:
        """Keeps something new."""
        self.session.add(thing)

    def get(self, kind: type[Found], id: int) -> Found:
        """The thing with this id.

        Raises:
            NotFound: there is none.
        """
        found: Found | None = self.session.get(kind, id)
        if found is None:
            raise NotFound(f"There is no {kind.__name__.lower()} {id} (any more).")
        return found

    def handoff(self, id: int) -> Handoff:
        """One handoff."""
        self._lock(tables.handoffs, tables.handoffs.c.id == id)
        return self.get(Handoff, id)

    def staff(self, id: int) -> Staff:
        """One member of staff."""
        return self.get(Staff, id)

    def admin(self, id: int) -> Staff:
        """The admin who does something.

        Raises:
            NotAllowed: no admin, or disabled.
        """
        admin = self.staff(id)
        if not admin.enabled or admin.role is not Role.ADMIN:
            raise NotAllowed("Only admins may do this.")
        return admin

    def reply(self, id: int) -> Reply:
        """One reply."""
        self._lock(tables.replies, tables.replies.c.id == id)
        return self.get(Reply, id)

    def alert(self, id: int) -> Alert:
        """One alert."""
        self._lock(tables.alerts, tables.alerts.c.id == id)
        return self.get(Alert, id)

    def open_handoff(self, conversation: str) -> Handoff | None:
        """The conversation's handoff that waits or is active."""
        is_it = sa.and_(tables.handoffs.c.conversation == conversation, tables.handoffs.c.state.in_(OPEN))
        self._lock(tables.handoffs, is_it)
        found: Handoff | None = self.session.execute(sa.select(Handoff).where(is_it)).scalar_one_or_none()
        return found

    def last_handoff(self, conversation: str) -> Handoff | None:
        """The conversation's newest handoff, open or not."""
        is_it = tables.handoffs.c.conversation == conversation
        self._lock(tables.handoffs, is_it)
        query = sa.select(Handoff).where(is_it)
        found: Handoff | None = self.session.execute(query.order_by(tables.handoffs.c.id.desc()).limit(1)).scalar()
        return found

    def audit(self, event: AuditEvent) -> None:
        """Records what happens, in the same transaction."""
        self.session.add(event)

    def execute(self, statement: Any, rows: Any = None) -> Any:
        """Runs a statement of SQLAlchemy's expression language, once for each of ``rows`` if there are any."""
        return self.session.execute(statement, rows)

    def alone(self, lock: int) -> None:
        """Nobody else is past this line with the same number until this unit of work ends."""
        # SQLite lets in one writer anyway.
        if self.session.get_bind().dialect.name == "postgresql":
            self.session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))

    def _lock(self, table: sa.Table, condition: Any) -> None:
        # A statement of its own: PostgreSQL would join the row as it is after the wait to others as they were before.
        if self._writes:
            self.session.execute(sa.select(table.c.id).where(condition).order_by(table.c.id).with_for_update())


class Store:
    """Opens units of work.

    Args:
        engine: of the one database.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(**{READING: True})

    @classmethod
    def open(cls, url: str) -> "Store":
        """A store for a database's URL; connects when it is first used."""
        return cls(connect(url))

    def rows(self, statement: sa.sql.Select, **parameters: Any) -> list[Row]:
        """All rows of one statement that only reads, outside any transaction: cheaper than a unit of work.

        Args:
            statement: made once, with ``sa.bindparam`` for what changes, so that SQLAlchemy knows it again.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with _translated_errors(), self._reading.connect() as connection:
            return list(connection.execute(statement, parameters))

    def probe(self) -> None:
        """Reads and writes, without changing anything: a locked table, a locked file or a full disk is noticed.

        Raises:
            StoreUnavailable: the database does not take what is written.
        """
        with self.work() as work:
            work.execute(tables.events.delete().where(tables.events.c.id == -1))
            work.execute(_VERSION.update().values(version_num=_VERSION.c.version_num))
            work.commit()

    def answers(self) -> bool:
        """Whether the database can be reached."""
        try:
            self.rows(sa.select(1))
        except StoreUnavailable:
            return False
        return True

    def work(self) -> AbstractContextManager[Work]:
        """A unit of work.

        Raises:
            StoreUnavailable: the database does not answer.
            AlreadyTaken: somebody else changed the same handoff at the same moment.
            IllegalMove: a constraint of the database forbids the change.
        """
        return _work(self.engine, writes=True)

    def reading(self) -> AbstractContextManager[Work]:
        """A unit of work that only reads, and waits for no writer.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return _work(self._reading, writes=False)


@contextmanager
def _work(engine: Engine, writes: bool) -> Iterator[Work]:
    with Session(engine, future=True, expire_on_commit=False) as session, _translated_errors():
        yield Work(session, writes)


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except StaleDataError as error:
        raise AlreadyTaken("A colleague has just changed this conversation: look again.") from error
    except IntegrityError as error:
        raise IllegalMove("The database does not allow this change.") from error
    except (OperationalError, InterfaceError, TimeoutError) as error:
        raise StoreUnavailable("The database does not answer.") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable("The database does not answer.") from error
        raise
