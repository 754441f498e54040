"""A staff console for tests: a real database file, cheap password hashes, a clock that tests set."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from bot.accounts import own_account
from bot.accounts.passwords import Passwords
from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.domain.staff import Role, Staff
from bot.settings import Settings
from bot.website.app import create_app
from tests.servers import KEY, free_port, serving

PASSWORD = "a quiet river at dawn"
# As the real ones, but cheap.
PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
CSRF = re.compile(r'<meta name="csrf-token" content="(\w+)">')


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = datetime.now(timezone.utc).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        """Lets time pass: ``passes(hours=1)``."""
        self.now += timedelta(**time)


@dataclass
class Desk:
    """A running website with a console.

    Attributes:
        url: without a slash at the end.
    """

    url: str
    store: Store
    clock: Clock = field(default_factory=Clock)


def new_store(folder: Path) -> Store:
    """An SQLite file with all tables."""
    url = f"sqlite:///{folder}/console.db"
    upgrade(url)
    return Store.open(url)


@contextmanager
def a_console(folder: Path, clock: Clock | None = None, **variables: str) -> Iterator[Desk]:
    """Serves a website while the block runs; ``variables`` are its environment's. Nothing is erased for its age."""
    store, clock = new_store(folder), clock or Clock()
    port = free_port()
    environment = {
        "WEB_PORT": str(port),
        "RASA_PORT": str(free_port()),
        "SECRET_KEY": KEY,
        "DATABASE_URL": f"sqlite:///{folder}/console.db",
        "RETENTION_DAYS": "0",
        # Their clocks jump.
        "SESSION_IDLE_MINUTES": "720",
        **variables,
    }
    settings = Settings.read(environment)
    with serving(create_app(settings, store=store, clock=clock, passwords=PASSWORDS), port):
        yield Desk(f"http://127.0.0.1:{port}", store, clock)


def add_staff(store: Store, login: str, name: str = "", role: Role = Role.AGENT) -> Staff:
    """Somebody who can sign in with ``PASSWORD``."""
    person = Staff(login, name or login.capitalize(), role, datetime.now(timezone.utc), PASSWORDS.hash(PASSWORD))
    with store.work() as work:
        work.add(person)
        work.commit()
    found = own_account.by_id(store, person.id or 0)
    assert found is not None
    return found


class StaffClient(httpx.Client):
    """A browser of a member of staff, without the browser: keeps cookies, sends the CSRF token of the last page."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(base_url=desk.url, trust_env=False, headers={"Accept": "text/html"})

    def page(self, path: str) -> str:
        """A page, redirects followed."""
        response = self.get(path, follow_redirects=True)
        assert response.status_code == 200, response.text
        self.headers["X-CSRF-Token"] = CSRF.findall(response.text)[0]
        return response.text

    def submit(self, path: str, **fields: str) -> httpx.Response:
        """Sends a form as the last page would; redirects are not followed."""
        return self.post(path, data=fields)

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        """Signs in."""
        self.page("/console/sign-in")
        response = self.submit("/console/sign-in", login=login, password=password, next="/console/account")
        if response.status_code == 303:
            self.page("/console/account")
        return response


@contextmanager
def signed_in(desk: Desk, login: str) -> Iterator[StaffClient]:
    """Somebody at the console."""
    with StaffClient(desk) as client:
        assert client.sign_in(login).status_code == 303
        yield client
