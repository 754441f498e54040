"""The database before anything uses it."""

import os
import sqlite3
from contextlib import suppress
from datetime import datetime, timezone

import sqlalchemy as sa

from bot.accounts import administration
from bot.database.migrations import NotOurs, upgrade
from bot.database.unit_of_work import Store
from bot.domain.errors import StoreUnavailable
from bot.launcher.errors import DatabaseUnavailable
from bot.settings import Settings


def prepare_database(settings: Settings) -> None:
    """Makes or updates the tables; a file is nobody else's on this machine.

    Raises:
        DatabaseUnavailable: it cannot be reached, opened or used.
    """
    try:
        upgrade(settings.database_url)
    except NotOurs as error:
        raise DatabaseUnavailable(str(error)) from error
    except (sa.exc.OperationalError, sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise DatabaseUnavailable(
            f"The database cannot be opened ({type(error).__name__}): check DATABASE_URL, and that the server runs."
        ) from error
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
        raise DatabaseUnavailable(
            f"The database is damaged, or is none ({error.__cause__ or error}): put a backup in its place, or correct "
            "DATABASE_URL."
        ) from error
    _close_to_others(settings.database_url)


def _close_to_others(url: str) -> None:
    # A file of an earlier release was open to everybody; SQLite gives the files beside it the same mode.
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        for file in (path, f"{path}-wal", f"{path}-shm"):
            with suppress(FileNotFoundError, PermissionError):
                os.chmod(file, 0o600)


def first_admin_link(settings: Settings) -> str | None:
    """A one-time link by which the first admin chooses a password; None once somebody has."""
    store = Store.open(settings.database_url)
    try:
        return administration.first_admin_link(store, settings, datetime.now(timezone.utc))
    except StoreUnavailable:
        return None
    finally:
        store.engine.dispose()
