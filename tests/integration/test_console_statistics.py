"""Statistics, in real databases; and the admins' pages, over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.accounts import administration, own_account
from bot.database.unit_of_work import Store
from bot.domain.handoff import Kind, Outcome, State
from bot.domain.staff import Role
from bot.handoff import canned_replies, services, statistics
from bot.handoff.statistics import Length
from tests.console import PASSWORD, PASSWORDS, Desk, a_console, add_staff, signed_in
from tests.handoffs import NOON, member, waiting

MIDNIGHT = NOON.replace(hour=0)
MINUTE = timedelta(minutes=1)


def over(store: Store, days: int = 1) -> statistics.Statistics:
    return statistics.over(store, MIDNIGHT, MIDNIGHT + timedelta(days=days))


def handled(store: Store, staff_id: int, conversation: str, minutes: int, rating: int | None = None) -> None:
    """A handoff taken after ``minutes``, answered after twice and resolved after thrice as long."""
    handoff_id = waiting(store, conversation)
    services.take(store, handoff_id, staff_id, NOON + minutes * MINUTE)
    services.reply(store, handoff_id, staff_id, "Hello", f"to {conversation}", NOON + 2 * minutes * MINUTE)
    services.resolve(store, handoff_id, staff_id, Outcome.ANSWERED, NOON + 3 * minutes * MINUTE)
    if rating:
        services.rate(store, conversation, rating, NOON + 4 * minutes * MINUTE)


def test_nothing_happened(store: Store) -> None:
    found = over(store)
    assert (found.total, found.mean_rating, found.waiting) == (0, None, Length(0))
    assert set(found.states.values()) == {0}


def test_times_are_medians_and_ninetieth_percentiles(store: Store) -> None:
    anna = member(store)
    for minutes in range(1, 12):
        handled(store, anna, f"web-{minutes}", minutes)
    found = over(store)
    assert found.waiting == Length(11, 6 * MINUTE, 10 * MINUTE)
    assert found.first_reply == Length(11, 12 * MINUTE, 20 * MINUTE)
    assert found.resolution == Length(11, 18 * MINUTE, 30 * MINUTE)


def test_between_two_the_percentile_lies_between_them(store: Store) -> None:
    anna = member(store)
    handled(store, anna, "web-1", 10)
    handled(store, anna, "web-2", 20)
    assert over(store).waiting == Length(2, 15 * MINUTE, 19 * MINUTE)


def test_handoffs_are_counted_by_state_kind_outcome_day_and_rating(store: Store) -> None:
    anna = member(store)
    handled(store, anna, "web-1", 5, rating=5)
    handled(store, anna, "web-2", 5, rating=2)
    waiting(store, "web-3", at=NOON + timedelta(days=1))
    waiting(store, "web-4")
    services.cancel(store, "web-4", NOON)
    services.open_handoff(store, "web-5", "web", Kind.ENROLLMENT, None, NOON)
    waiting(store, "yesterday", at=MIDNIGHT - MINUTE)
    waiting(store, "too late", at=MIDNIGHT + timedelta(days=2))
    found = over(store, days=2)
    assert found.total == 5
    assert found.states == {State.WAITING: 2, State.ACTIVE: 0, State.RESOLVED: 2, State.CANCELLED: 1}
    assert found.kinds == {Kind.ENROLLMENT: 1, Kind.HUMAN: 4}
    assert found.outcomes[Outcome.ANSWERED] == 2
    assert list(found.days.values()) == [4, 1]
    assert found.ratings == {1: 0, 2: 1, 3: 0, 4: 0, 5: 1}
    assert found.mean_rating == 3.5


# ------------------------------------------------------------------------------------------- pages


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_console(tmp_path) as desk:
        add_staff(desk.store, "olga", role=Role.ADMIN)
        desk.clock.now = NOON + timedelta(hours=2)
        yield desk


def test_the_statistics_page_shows_plots_and_the_same_numbers_as_tables(desk: Desk) -> None:
    anna = member(desk.store)
    for minutes in (2, 4):
        handled(desk.store, anna, f"web-{minutes}", minutes, rating=4)
    with signed_in(desk, "olga") as browser:
        page = browser.page("/console/statistics")
        assert page.count('<svg class="plot"') == 5
        assert page.count("as a table</summary>") == 5
        assert "Average rating" in page
        assert "4.0 of 5" in page
        assert "3 min" in page
        assert "From 3 Feb" not in page
        assert "2026-02-03 to 2026-03-04" in page
        assert "By week" in browser.page("/console/statistics?from=2025-01-01&to=2026-03-04")
        assert "Nothing in this period." in browser.page("/console/statistics?from=2026-01-01&to=2026-01-02")


@pytest.mark.parametrize("query", ["from=x&to=y", "from=2026-03-04&to=2020-01-01", "from=0001-01-01", "to=9999-12-31"])
def test_a_period_that_makes_no_sense_shows_one_that_does(desk: Desk, query: str) -> None:
    with signed_in(desk, "olga") as browser:
        assert "Handoffs opened from 20" in browser.page(f"/console/statistics?{query}")


def test_an_admin_adds_somebody_who_then_signs_in(desk: Desk) -> None:
    with signed_in(desk, "olga") as browser:
        refused = browser.submit("/console/staff", name="Anna", login="olga", role="agent")
        assert refused.status_code == 422
        assert 'id="login-error"' in refused.text
        assert 'value="Anna"' in refused.text
        page = browser.submit("/console/staff", name="Anna", login="anna", role="agent").text
        link = page.split('id="link">')[1].split("<")[0]
        assert link not in browser.page("/console/staff")
        assert "no password yet" in browser.page("/console/staff")
    own_account.accept(desk.store, PASSWORDS, link.rsplit("/", 1)[1], "Anna", PASSWORD, desk.clock())
    with signed_in(desk, "anna") as browser:
        assert "Anna" in browser.page("/console/account")


def test_an_admin_changes_roles_disables_enables_and_resets(desk: Desk) -> None:
    anna = add_staff(desk.store, "anna").id
    with signed_in(desk, "olga") as browser:
        for move, done in (
            ("role", "Anna is now an admin."),
            ("disable", "Anna has been disabled."),
            ("enable", "Anna has been enabled."),
        ):
            assert browser.submit(f"/console/staff/{anna}/{move}", role="admin").status_code == 303
            assert done in browser.page("/console/staff")
        assert "One-time link for Anna" in browser.submit(f"/console/staff/{anna}/reset").text
        olga = next(person.id for person in administration.all_of(desk.store) if person.login == "olga")
        for move in ("disable", "reset", "role"):
            response = browser.submit(f"/console/staff/{olga}/{move}", role="agent")
            assert response.status_code == 409
            assert "last admin" in response.text


def test_an_admin_who_becomes_an_agent_is_led_to_the_queue(desk: Desk) -> None:
    other = add_staff(desk.store, "ivan", role=Role.ADMIN).id
    with signed_in(desk, "ivan") as browser:
        response = browser.submit(f"/console/staff/{other}/role", role="agent")
        assert response.headers["Location"] == "/console/"
        assert browser.get("/console/staff").status_code == 403


def test_an_admin_adds_previews_changes_and_removes_canned_replies(desk: Desk) -> None:
    text = "Hello {visitor}, I am {staff}. <b>{x}</b>"
    with signed_in(desk, "olga") as browser:
        preview = browser.submit("/console/canned/new", title="Hello", text=text, do="preview").text
        assert "Hello Maria, I am Olga. &lt;b&gt;{x}&lt;/b&gt;" in preview
        assert canned_replies.all_of(desk.store) == []
        assert browser.submit("/console/canned/new", title="Hello", text=text, do="save").status_code == 303
        assert "has been saved" in browser.page("/console/canned")
        assert "Hello Maria" in browser.page("/console/canned")
        assert "Hello {visitor}" in browser.page("/console/canned/1")
        refused = browser.submit("/console/canned/1", title="", text="What was typed stays", do="save")
        assert refused.status_code == 422
        assert "What was typed stays" in refused.text
        assert browser.submit("/console/canned/1/remove").status_code == 303
        assert "There are none yet" in browser.page("/console/canned")
        assert browser.get("/console/canned/1").status_code == 404
