"""The console's frame in a real browser: axe, small and large screens, light and dark, keyboard only."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot.accounts import administration
from bot.domain.handoff import Outcome
from bot.domain.staff import Role
from bot.handoff import canned_replies, services
from bot.settings import Settings
from tests.console import PASSWORD, Desk, a_console, add_staff
from tests.handoffs import waiting

pytestmark = pytest.mark.e2e

WHAT = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = [
    "/sign-in",
    "/account",
    "/statistics",
    "/canned",
    "/canned/new",
    "/canned/1",
    "/staff",
    "/privacy",
    "/privacy?conversation=web-1",
    "/audit",
    "/nowhere",
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A console with somebody and something on every page."""
    with a_console(tmp_path_factory.mktemp("console")) as desk:
        store, now = desk.store, desk.clock()
        olga = add_staff(store, "olga", role=Role.ADMIN).id or 0
        anna = add_staff(store, "anna").id or 0
        administration.add(
            store, olga, "a.very.long.login.of.somebody.new@hospital.example.org", "New Person", Role.AGENT, now
        )
        administration.disable(store, olga, add_staff(store, "ivan").id or 0, now)
        canned_replies.save(store, olga, None, "Greeting", "Hello {visitor},\n\nI am {staff}.", now)
        for number in range(1, 5):
            handoff_id = waiting(store, f"web-{number}", at=now - timedelta(days=number))
            services.take(store, handoff_id, anna, now)
            services.resolve(store, handoff_id, anna, Outcome.ANSWERED, now)
            services.rate(store, f"web-{number}", number, now)
        yield desk


def sign_in(page: Page, desk: Desk, login: str) -> None:
    page.goto(f"{desk.url}/console/sign-in")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Console")).to_be_visible()


def problems(page: Page) -> list[Any]:
    found = Axe().run(page, options=WHAT).response["violations"]
    return [(page.url, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, desk: Desk, scheme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    page, found, too_wide = context.new_page(), [], []
    sign_in(page, desk, "olga")
    for path in PAGES:
        if path == "/sign-in":
            continue
        page.goto(f"{desk.url}/console{path}")
        found += problems(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)
    context.clear_cookies()
    page.goto(f"{desk.url}/console/sign-in?over=1")
    found += problems(page)
    page.get_by_label("Login").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += problems(page)
    context.close()
    assert found == []
    assert too_wide == []


def test_forms_that_were_refused_and_links_shown_once_are_accessible_too(page: Page, desk: Desk) -> None:
    sign_in(page, desk, "olga")
    page.goto(f"{desk.url}/console/staff")
    page.get_by_label("Name").fill("Second Olga")
    page.get_by_label("Login").fill("olga")
    page.get_by_role("button", name="Add and get a one-time link").click()
    login = page.get_by_label("Login")
    expect(login).to_have_attribute("aria-invalid", "true")
    expect(login).to_have_accessible_description(
        "Somebody has this login already: choose another one. Such as anna or anna@example.org."
    )
    assert problems(page) == []
    login.fill("olga.two")
    page.get_by_role("button", name="Add and get a one-time link").click()
    link = page.locator("#link").inner_text()
    assert problems(page) == []
    page.goto(link)
    assert problems(page) == []
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("The same password again").fill("short")
    page.get_by_role("button", name="Set password and sign in").click()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    assert problems(page) == []


def test_with_the_keyboard_alone_one_signs_in_skips_the_menu_and_signs_out(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/console/statistics")
    page.get_by_label("Login").focus()
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Statistics")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have signed out.")).to_be_visible()


def test_somebody_whose_session_was_ended_signs_in_and_is_back(page: Page, desk: Desk) -> None:
    sign_in(page, desk, "anna")
    # Away from the queue, which notices the end of the session by itself.
    page.goto("about:blank")
    anna = next(person for person in administration.all_of(desk.store) if person.login == "anna")
    with desk.store.work() as work:
        work.staff(anna.id or 0).session_epoch += 1
        work.commit()
    page.goto(f"{desk.url}/console/statistics?from=2026-01-01&to=2026-01-31")
    page.get_by_label("Login").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Handoffs opened from 2026-01-01 to 2026-01-31")).to_be_visible()


def test_the_first_admin_begins_with_the_link(page: Page, tmp_path: Path) -> None:
    with a_console(tmp_path) as desk:
        settings = Settings.read({"DATABASE_URL": "sqlite://", "PUBLIC_URL": desk.url})
        page.goto(administration.first_admin_link(desk.store, settings, desk.clock()) or "")
        page.get_by_label("Your name").fill("Olga")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same password again").fill(PASSWORD)
        page.get_by_role("button", name="Set password and sign in").click()
        expect(page.get_by_text("Welcome, Olga.")).to_be_visible()
        expect(page.get_by_role("link", name="Staff", exact=True)).to_be_visible()
