"""The database before anything uses it."""

from datetime import datetime, timezone

import sqlalchemy as sa

from bot.accounts import administration
from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.domain.errors import StoreUnavailable
from bot.launcher.errors import DatabaseUnavailable
from bot.settings import Settings


def prepare_database(settings: Settings) -> None:
    """Makes or updates the tables.

    Raises:
        DatabaseUnavailable: it cannot be reached or opened.
    """
    try:
        upgrade(settings.database_url)
    except (sa.exc.OperationalError, sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise DatabaseUnavailable(
            f"The database cannot be opened ({type(error).__name__}): check DATABASE_URL, and that the server runs."
        ) from error


def first_admin_link(settings: Settings) -> str | None:
    """A one-time link by which the first admin chooses a password; None once somebody has."""
    store = Store.open(settings.database_url)
    try:
        return administration.first_admin_link(store, settings, datetime.now(timezone.utc))
    except StoreUnavailable:
        return None
    finally:
        store.engine.dispose()
