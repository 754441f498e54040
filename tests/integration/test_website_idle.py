"""What the website asks of the database while nobody watches and nothing is to be sent."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import httpx
import pytest
import sqlalchemy as sa

from bot.database.unit_of_work import Store
from bot.domain.business_hours import Hours
from bot.domain.handoff import Kind
from bot.handoff import services
from bot.notifications import schedule
from bot.website import jobs
from bot.website.app import create_app
from tests.servers import free_port, serving
from tests.website import website_settings

SECONDS = 12
WAYS = {
    "SMTP_URL": "smtp://127.0.0.1:9",
    "MAIL_FROM": "desk@example.org",
    "NOTIFY_EMAILS": "staff@example.org",
    "NOTIFY_WEBHOOK": "http://127.0.0.1:9/hook",
}


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    asked: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    yield asked


def test_an_idle_website_asks_at_most_once_a_second_and_never_locks(store: Store, statements: list[str]) -> None:
    settings = website_settings(free_port(), str(store.engine.url), **WAYS)
    with serving(create_app(settings, store=store)) as port:
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
        pause = threading.Event()
        # What it does once, at its start.
        pause.wait(jobs.SECONDS_BETWEEN_NOTIFICATIONS)
        statements.clear()
        pause.wait(SECONDS)
        asked = list(statements)
    assert 1 <= len(asked) <= SECONDS
    assert all(statement.startswith("SELECT") for statement in asked)


def test_a_visitor_who_waits_is_noticed_by_the_one_question(store: Store) -> None:
    settings = website_settings(free_port(), **WAYS)
    now = datetime.now(timezone.utc)
    about = ("mail", now, Hours.of(settings), timedelta(minutes=15))
    assert not schedule.is_anything_missing(store, *about)
    services.open_handoff(store, "web-1", "web", Kind.HUMAN, None, now)
    assert schedule.is_anything_missing(store, *about)
