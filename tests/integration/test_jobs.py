"""What happens by itself in every website process: notifications and erasure, through whatever goes wrong."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.database import tables
from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.domain.errors import HandoffError, StoreUnavailable
from bot.domain.handoff import Contact
from bot.handoff import services
from bot.privacy import export_and_erase
from bot.settings import Settings
from bot.website import jobs
from tests.databases import PostgresServer, new_database, running_postgres
from tests.handoffs import NOON, alert, at_once, waiting
from tests.mail import Mailbox, mail_server
from tests.servers import serving

LOOKS = 0.05
# Generous, for a slow machine: every wait ends as soon as its condition holds.
SECONDS_AT_MOST = 60
MONTHS_LATER = NOON + timedelta(days=91)


class Hook:
    """A webhook that remembers, and refuses as often as it is told to."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.refusals = 0
        self.app = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.refusals -= 1
        if self.refusals >= 0:
            return PlainTextResponse("no", 503)
        self.told.append((await request.json())["text"])
        return PlainTextResponse("ok")


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def hook_url(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(hook.app) as port:
        yield f"http://127.0.0.1:{port}/hook"


def settings(**given: str) -> Settings:
    return Settings.read({"DATABASE_URL": "sqlite://", "PUBLIC_URL": "https://chat.example.org", **given})


def run_until(done: Callable[[], bool], *runs: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs jobs, as the website's lifespan does, until something holds; ends them."""

    async def both() -> None:
        tasks = [asyncio.create_task(run()) for run in runs]
        while not done():
            assert not any(task.done() for task in tasks), "a job has ended"
            await asyncio.sleep(LOOKS)
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    asyncio.run(asyncio.wait_for(both(), SECONDS_AT_MOST))


def later(seconds: float = 0) -> Callable[[], datetime]:
    """A clock on which each look at it is so many seconds after the one before."""
    times = iter(range(10**6))
    return lambda: NOON + timedelta(seconds=seconds * next(times))


def test_two_processes_tell_by_mail_and_webhook_once_each(store: Store, hook: Hook, hook_url: str) -> None:
    mailbox = Mailbox()
    for number in range(3):
        waiting(store, f"web-{number}")
    with mail_server(mailbox) as port:
        chosen = settings(
            SMTP_URL=f"smtp://127.0.0.1:{port}",
            MAIL_FROM="desk@example.org",
            NOTIFY_EMAILS="anna@example.org",
            NOTIFY_WEBHOOK=hook_url,
        )
        process = partial(jobs.run, store, chosen, later(), LOOKS)
        run_until(lambda: bool(mailbox.mails and hook.told), process, process)
    assert hook.told == ["3 visitors are waiting. https://chat.example.org/console"]
    assert [mail.get_content().split()[-1] for mail in mailbox.mails] == ["https://chat.example.org/console"]


def test_a_refused_notification_comes_through_later(store: Store, hook: Hook, hook_url: str) -> None:
    hook.refusals = 2
    waiting(store)
    run_until(lambda: bool(hook.told), partial(jobs.run, store, settings(NOTIFY_WEBHOOK=hook_url), later(10), LOOKS))
    assert hook.refusals == -1


def test_a_mail_server_that_is_away_holds_back_no_webhook(store: Store, hook: Hook, hook_url: str) -> None:
    alert(store)
    chosen = settings(
        SMTP_URL="smtp://127.0.0.1:1",
        MAIL_FROM="desk@example.org",
        NOTIFY_EMAILS="anna@example.org",
        NOTIFY_WEBHOOK=hook_url,
    )
    run_until(lambda: bool(hook.told), partial(jobs.run, store, chosen, later(), LOOKS))
    assert hook.told == ["A conversation needs your attention now. https://chat.example.org/console/alerts/1"]


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    with running_postgres() as server:
        yield server


def test_jobs_wait_for_a_database_that_is_away(
    own_postgres: PostgresServer, hook: Hook, hook_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = new_database(own_postgres)
    upgrade(url)
    store = Store.open(url)
    waiting(store)
    own_postgres.stop()

    def back() -> bool:
        if "does not answer" in caplog.text and not store.answers():
            own_postgres.ensure_postgres_running()
        return bool(hook.told)

    run_until(back, partial(jobs.run, store, settings(NOTIFY_WEBHOOK=hook_url), later(), LOOKS))
    assert caplog.text.count("'webhook' waits for it") == 1
    store.engine.dispose()


def test_a_mistake_in_a_job_ends_nothing_and_tells_nobodys_words(
    store: Store, hook: Hook, hook_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waiting(store)
    look, failures = jobs.notify, iter([True, True])

    def fails_twice(*arguments: object) -> None:
        if next(failures, False):
            raise ValueError("Maria has AML")
        look(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "notify", fails_twice)
    run_until(lambda: bool(hook.told), partial(jobs.run, store, settings(NOTIFY_WEBHOOK=hook_url), later(), LOOKS))
    assert "ValueError" in caplog.text
    assert "Maria" not in caplog.text


def test_without_anybody_to_tell_no_notification_is_kept(store: Store) -> None:
    waiting(store)
    asyncio.run(jobs.run(store, settings(RETENTION_DAYS="0"), later(), LOOKS))
    with store.reading() as work:
        assert work.execute(sa.select(tables.notifications)).all() == []


# ------------------------------------------------------------------------------------------------ retention


def said(store: Store, conversation: str, at: datetime) -> None:
    with store.work() as work:
        work.execute(
            tables.events.insert().values(
                sender_id=conversation, type_name="user", timestamp=at.timestamp(), data='{"event": "user"}'
            )
        )
        work.commit()


def test_what_has_rested_for_too_long_is_erased_and_the_rest_is_kept(store: Store) -> None:
    said(store, "old", NOON)
    said(store, "recent", NOON)
    said(store, "recent", NOON + timedelta(days=2))
    waiting(store, "waited", contact=Contact(NOON, email="maria@example.org"))
    run_until(
        lambda: export_and_erase.is_erased(store, "old") and export_and_erase.is_erased(store, "waited"),
        partial(jobs.run, store, settings(), lambda: MONTHS_LATER, LOOKS),
    )
    assert export_and_erase.kept(store, "recent")["events"] == 2
    assert "events" not in export_and_erase.kept(store, "old")
    with store.reading() as work:
        assert work.execute(sa.select(tables.contacts)).all() == []


def test_two_processes_erase_each_conversation_once(store: Store) -> None:
    for number in range(10):
        said(store, f"web-{number}", NOON)
    results = at_once([partial(jobs.erase_expired, store, settings(), lambda: MONTHS_LATER)] * 2)
    assert sum(result for result in results if isinstance(result, int)) == 10


def test_nothing_is_erased_if_everything_is_to_be_kept(store: Store) -> None:
    said(store, "old", NOON)
    asyncio.run(jobs.run(store, settings(RETENTION_DAYS="0"), lambda: NOON + timedelta(days=9999), LOOKS))
    assert export_and_erase.kept(store, "old")


def test_one_conversation_that_cannot_be_erased_does_not_keep_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("web-1", "web-2", "web-3"):
        said(store, name, NOON)
    erase = export_and_erase.erase

    def refuses_one(store: Store, conversation: str, *arguments: object) -> bool:
        if conversation == "web-2":
            raise HandoffError("Busy.")
        return erase(store, conversation, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(export_and_erase, "erase", refuses_one)
    with caplog.at_level(logging.WARNING):
        assert jobs.erase_expired(store, settings(), lambda: MONTHS_LATER) == 2
    assert "web-2" not in caplog.text


def test_a_database_that_goes_away_ends_the_round(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said(store, "web-1", NOON)

    def gone(*_: object) -> bool:
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(export_and_erase, "erase", gone)
    with pytest.raises(StoreUnavailable):
        jobs.erase_expired(store, settings(), lambda: MONTHS_LATER)


def test_an_open_handoff_is_cancelled_by_erasure(store: Store) -> None:
    waiting(store, "old")
    jobs.erase_expired(store, settings(), lambda: MONTHS_LATER)
    assert services.standing(store, "old") == services.Standing()
