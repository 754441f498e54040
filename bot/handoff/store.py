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
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bot.database import READING, connect
from bot.handoff import tables
from bot.handoff.errors import AlreadyTaken, IllegalMove, NotFound, StoreUnavailable
from bot.handoff.model import OPEN, Alert, AuditEvent, Handoff, Reply, Staff

Found = TypeVar("Found")


class Work:
    """One unit of work; ``session`` is SQLAlchemy's."""

    def __init__(self, session: Session) -> None:
        self.session = session

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
        return self.get(Handoff, id)

    def staff(self, id: int) -> Staff:
        """One member of staff."""
        return self.get(Staff, id)

    def reply(self, id: int) -> Reply:
        """One reply."""
        return self.get(Reply, id)

    def alert(self, id: int) -> Alert:
        """One alert."""
        return self.get(Alert, id)

    def open_handoff(self, conversation: str) -> Handoff | None:
        """The conversation's handoff that waits or is active."""
        query = sa.select(Handoff).where(
            tables.handoffs.c.conversation == conversation, tables.handoffs.c.state.in_(OPEN)
        )
        found: Handoff | None = self.session.execute(query).scalar_one_or_none()
        return found

    def last_handoff(self, conversation: str) -> Handoff | None:
        """The conversation's newest handoff, open or not."""
        query = sa.select(Handoff).where(tables.handoffs.c.conversation == conversation)
        found: Handoff | None = self.session.execute(query.order_by(tables.handoffs.c.id.desc()).limit(1)).scalar()
        return found

    def audit(self, event: AuditEvent) -> None:
        """Records what happens, in the same transaction."""
        self.session.add(event)

    def execute(self, statement: Any) -> Any:
        """Runs a statement of SQLAlchemy's expression language."""
        return self.session.execute(statement)


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

    def work(self) -> AbstractContextManager[Work]:
        """A unit of work.

        Raises:
            StoreUnavailable: the database does not answer.
            AlreadyTaken: somebody else changed the same handoff at the same moment.
            IllegalMove: a constraint of the database forbids the change.
        """
        return _work(self.engine)

    def reading(self) -> AbstractContextManager[Work]:
        """A unit of work that only reads, and waits for no writer.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return _work(self._reading)


@contextmanager
def _work(engine: Engine) -> Iterator[Work]:
    with Session(engine, future=True, expire_on_commit=False) as session:
        try:
            yield Work(session)
        except StaleDataError as error:
            raise AlreadyTaken("A colleague has just changed this conversation: look again.") from error
        except IntegrityError as error:
            raise IllegalMove("The database does not allow this change.") from error
        except (OperationalError, InterfaceError) as error:
            raise StoreUnavailable("The database does not answer.") from error
