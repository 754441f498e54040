"""The console's queue, alerts and search, over HTTP."""

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bot.console.live_pages import changes
from bot.conversation.live_updates import LiveUpdates
from bot.database import tables
from bot.database.async_store import AsyncStore
from bot.domain.alert import AlertKind
from bot.domain.handoff import Contact, Kind, Outcome
from bot.handoff import services
from bot.website.app import utc_now
from tests.console import Desk, StaffClient, a_console, add_staff, new_store, signed_in
from tests.handoffs import alert, waiting
from tests.said import visitor_says


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_console(tmp_path) as desk:
        add_staff(desk.store, "anna")
        add_staff(desk.store, "ben")
        yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[StaffClient]:
    with signed_in(desk, "anna") as client:
        yield client


def rows(page: str) -> list[int]:
    return [int(id) for id in re.findall(r'<tr role="row" id="handoff-(\d+)"', page)]


def test_the_queue_shows_reason_country_channel_language_waiting_time_state(desk: Desk, anna: StaffClient) -> None:
    since = desk.clock() - timedelta(minutes=65)
    contact = Contact(since, name="Maria Lopez", country="Peru")
    services.open_handoff(desk.store, "web-1", "telegram", Kind.ENROLLMENT, contact, since, "es")
    page = anna.page("/console")
    for words in ("Enrollment #1", "Peru", "Telegram", "Spanish", "1 h 5 min", "Waiting"):
        assert words in page
    assert "Maria" not in page


def test_an_urgent_conversation_is_on_top_and_says_so(desk: Desk, anna: StaffClient) -> None:
    first, second = waiting(desk.store, "a"), waiting(desk.store, "b")
    alert(desk.store, "b")
    page = anna.page("/console")
    assert rows(page) == [second, first]
    assert "Urgent" in page


def test_filters_and_pages_are_in_the_address(desk: Desk, anna: StaffClient) -> None:
    for number in range(26):
        waiting(desk.store, f"web-{number}")
    services.take(desk.store, 3, 1, desk.clock())
    assert rows(anna.page("/console?mine=1")) == [3]
    second = anna.page("/console?state=waiting&channel=web&kind=human&page=1")
    assert len(rows(second)) == 25
    assert "Page" not in second
    assert rows(anna.page("/console?page=2")) == [3]
    assert "page=1" in anna.page("/console?kind=human&page=2")


@pytest.mark.parametrize("query", ["state=?", "page=0", "page=x", "page=99999999999999", "kind=%00", "channel=%00%ff"])
def test_a_query_that_makes_no_sense_shows_the_queue_all_the_same(desk: Desk, anna: StaffClient, query: str) -> None:
    assert "Queue" in anna.page(f"/console?{query}")


@pytest.mark.parametrize(
    "fields",
    [
        {"q": "%", "since": "never", "until": "9999-12-31"},
        {"outcome": "x", "page": "-1"},
        {"q": "x" * 5000},
        {"q": "\x00"},
        {},
    ],
)
def test_a_search_that_makes_no_sense_finds_nothing_or_everything(
    desk: Desk, anna: StaffClient, fields: dict[str, str]
) -> None:
    assert "Past handoffs" in anna.page("/console/past")
    assert anna.submit("/console/past", **fields).status_code == 200


def test_a_name_that_is_looked_for_is_in_no_address(desk: Desk, anna: StaffClient) -> None:
    for _ in range(60):
        waiting(desk.store, uuid4().hex, Contact(desk.clock(), name="Maria Lopez"), desk.clock())
    anna.page("/console/past")
    page = anna.submit("/console/past", q="maria", page="2").text
    assert "Page 2 of" in page
    assert not re.findall("href=[^>]*maria", page)
    assert "Nothing fits" in anna.submit("/console/past", q="nobody").text


def test_past_handoffs_are_found_by_name_and_outcome_without_showing_the_card(desk: Desk, anna: StaffClient) -> None:
    contact = Contact(desk.clock(), name="Maria Lopez", email="maria@example.org", country="Peru")
    found = waiting(desk.store, "web-1", contact, desk.clock())
    services.take(desk.store, found, 1, desk.clock())
    services.resolve(desk.store, found, 1, Outcome.ENROLLED, desk.clock())
    anna.page("/console/past")
    page = anna.submit("/console/past", q="maria", outcome="enrolled").text
    assert f"/console/handoffs/{found}" in page
    assert "Enrolled" in page
    assert "Lopez" not in page
    assert "Nothing fits" in anna.submit("/console/past", q="maria", outcome="other").text
    today = f"{desk.clock():%Y-%m-%d}"
    assert f"/console/handoffs/{found}" in anna.submit("/console/past", since=today, until=today).text


def test_unread_messages_are_marked_until_they_are_seen(desk: Desk, anna: StaffClient) -> None:
    services.take(desk.store, waiting(desk.store, "web-1"), 1, desk.clock())
    last = visitor_says(desk.store, "web-1", "Are you there?")
    assert "1 unread" in anna.page("/console")
    assert anna.submit("/console/handoffs/1/seen", line=str(last)).status_code == 204
    assert "unread" not in anna.page("/console").replace('data-unread="0"', "")


def test_an_alert_leads_to_its_conversation_and_can_be_seen(desk: Desk, anna: StaffClient) -> None:
    visitor_says(desk.store, "web-9", "I cannot breathe")
    alert(desk.store, "web-9")
    assert "/console/alerts/1" in anna.page("/console")
    page = anna.page("/console/alerts/1")
    assert "I cannot breathe" in page
    assert 'name="text"' not in page
    assert anna.submit("/console/alerts/1/seen").headers["location"] == "/console"
    assert "/console/alerts/1" not in anna.page("/console")
    assert "Seen by Anna" in anna.page("/console/alerts/1")


def test_many_alerts_of_one_address_push_nobody_off_the_list(desk: Desk, anna: StaffClient) -> None:
    alert(desk.store, "web-real", at=desk.clock())
    for number in range(54):
        for _ in range(2):
            alert(desk.store, f"web-{number}", at=desk.clock() + timedelta(seconds=1))
    alert(desk.store, "web-later", AlertKind.CRISIS, desk.clock() + timedelta(seconds=2))
    page = anna.page("/console")
    shown = [int(id) for id in re.findall(r'<li id="alert-(\d+)"', page)]
    assert (shown[0], shown[-1], len(shown)) == (1, 110, 56)
    assert page.count("\N{MULTIPLICATION SIGN}2") == 54
    assert "110 alerts" in page
    assert anna.submit("/console/alerts/2/seen", until="3").status_code == 303
    assert "108 alerts" in anna.page("/console")


def test_a_page_that_is_full_of_alerts_leads_to_the_next(desk: Desk, anna: StaffClient) -> None:
    for number in range(101):
        alert(desk.store, f"web-{number}", at=desk.clock())
    first = anna.page("/console?state=waiting")
    assert "Page 1 of 2" in first
    assert 'id="alert-101"' not in first
    (following,) = re.findall(r'href="(\?[^"]*)" rel="next"', first)
    assert "state=waiting" in following
    second = anna.page(f"/console{following.replace('&amp;', '&')}")
    assert re.findall(r'<li id="alert-(\d+)"', second) == ["101"]
    assert len(re.findall(r'data-alerts="([^"]*)"', second)[0].split()) == 101


@pytest.mark.parametrize("path", ["/console/alerts/7", "/console/handoffs/7", f"/console/handoffs/{10**30}"])
def test_what_does_not_exist_is_not_found(anna: StaffClient, path: str) -> None:
    assert anna.get(path).status_code == 404


def test_ten_conversations_are_one_page(desk: Desk, anna: StaffClient) -> None:
    for number in range(10):
        services.take(desk.store, waiting(desk.store, f"web-{number}"), 1, desk.clock())
        visitor_says(desk.store, f"web-{number}", "hello")
    page = anna.page("/console")
    assert page.count("1 unread") == 10
    assert len(rows(page)) == 10


def test_a_notification_that_could_not_be_sent_is_shown_for_a_day(desk: Desk, anna: StaffClient) -> None:
    about = {"handoff_id": waiting(desk.store, "web-1"), "reason": "new", "way": "mail", "attempts": 5}
    when = {"created_at": desk.clock(), "failed_at": desk.clock(), "failure": "The mail server does not answer."}
    with desk.store.work() as work:
        work.execute(tables.notifications.insert().values(**about, **when))
        work.commit()
    assert "The mail server does not answer." in anna.page("/console")
    desk.clock.passes(hours=11)
    assert "1 notification could not be sent" in anna.page("/console")
    desk.clock.passes(hours=14)
    anna.sign_in("anna")
    assert "could not be sent" not in anna.page("/console")


def test_after_the_database_was_away_every_page_reads_itself_anew(tmp_path: Path) -> None:
    store = new_store(tmp_path)

    def rename(table: str, to: str) -> None:
        with store.engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {to}")

    async def away_and_back() -> None:
        live, noticed = LiveUpdates(AsyncStore(store), utc_now), asyncio.Event()
        handler = logging.Handler()
        handler.emit = lambda record: noticed.set()  # type: ignore[method-assign]
        logging.getLogger("bot.conversation.live_updates").addHandler(handler)
        running = asyncio.create_task(live.run())
        with live.watching() as changed:
            rename("typing", "away")
            await asyncio.wait_for(noticed.wait(), 30)
            changed.clear()
            rename("away", "typing")
            await asyncio.wait_for(changed.wait(), 30)
        running.cancel()
        logging.getLogger("bot.conversation.live_updates").removeHandler(handler)
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(away_and_back())
    store.engine.dispose()


def test_the_stream_says_where_something_changes(desk: Desk, anna: StaffClient) -> None:
    waiting(desk.store, "web-1")
    with anna.stream("GET", "/console/live?conversation=web-1", headers={"Accept": "text/event-stream"}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = events_of(response)
        assert next(events) == ("alive", "")
        # Nobody knows what has changed before anybody listened.
        assert next(events) == ("changed", "here")
        visitor_says(desk.store, "web-2", "hello")
        assert next(events) == ("changed", "elsewhere")
        visitor_says(desk.store, "web-1", "hello")
        assert next(events) == ("changed", "here")


def test_a_stream_ends_after_a_while_so_that_the_session_is_looked_at_again(desk: Desk) -> None:
    async def heard() -> list[str]:
        live = LiveUpdates(AsyncStore(desk.store), desk.clock)
        return [event async for event in changes(live, None, alive=0.01, lasts=0.03)]

    events = asyncio.run(heard())
    assert len(events) > 1
    assert all("event: alive" in event for event in events)


def test_nobody_listens_who_is_not_signed_in(desk: Desk) -> None:
    assert httpx.get(f"{desk.url}/console/live", headers={"Accept": "text/event-stream"}).status_code == 401


def events_of(response: httpx.Response) -> Iterator[tuple[str, str]]:
    name = ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field in {"data", "data:"}:
            yield name, value
