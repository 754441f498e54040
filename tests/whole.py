"""The whole product for tests: the website, started as ``make run`` starts it, in front of the trained assistant."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

from bot.accounts.administration import first_admin_link
from bot.database.unit_of_work import Store
from bot.launcher.processes import Processes
from bot.launcher.programs import programs
from bot.launcher.signals import StopRequest
from bot.launcher.supervise import start
from bot.settings import Settings
from tests.assistant import running_rasa
from tests.servers import free_port


@dataclass(frozen=True)
class Product:
    """The running product.

    Attributes:
        settings: what its website reads.
        log: what its website wrote.
    """

    settings: Settings
    log: Path

    @property
    def url(self) -> str:
        """Where people find it, without a slash at the end."""
        return self.settings.website_url

    def first_admin_link(self) -> str:
        """What ``make run`` prints as long as nobody can sign in."""
        store = Store.open(self.settings.database_url)
        try:
            link = first_admin_link(store, self.settings, datetime.now(timezone.utc))
        finally:
            store.engine.dispose()
        assert link, "An admin has a password already."
        return link


@contextmanager
def running_product(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Product]:
    """All processes with a database of their own, while the block runs.

    Args:
        folder: for the database and the logs.
        environment: settings besides ports and database.
    """
    with running_rasa(folder, environment) as url:
        given = {"DATABASE_URL": f"sqlite:///{folder}/assistant.db", **(environment or {})}
        with website_before(url, folder, given) as product:
            yield product


@contextmanager
def website_before(rasa_url: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Product]:
    """The website's process in front of a running assistant, while the block runs.

    Args:
        rasa_url: any address of its Rasa server.
        folder: for the log.
        environment: the settings that both share, besides the ports.
    """
    ports = {"WEB_PORT": str(free_port()), "RASA_PORT": str(urlsplit(rasa_url).port)}
    given = {**environment, **ports}
    settings = Settings.read(given)
    website = next(program for program in programs(settings, Path()) if program.name == "website")
    with Processes(folder) as processes:
        start([replace(website, environment={**website.environment, **given})], processes, StopRequest())
        yield Product(settings, folder / "website.log")
