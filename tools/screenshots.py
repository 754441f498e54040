"""Makes the pictures of the console and the chat in docs/screenshots (``make screenshots``).

It needs no trained model: a stand-in answers with the assistant's real words. Everybody in the pictures is invented.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from bot.conversation import typing_indicator
from bot.conversation.transcript import Speaker
from bot.database.migrations import upgrade
from bot.domain.handoff import Contact, Kind
from bot.handoff import services
from bot.outbox import delivery
from tests.console import PASSWORD, Clock, Desk, a_console, add_staff
from tests.e2e.chat import ask, said
from tests.website import Website, a_website
from tools.invented import MARIA, NOW, SHORT_QUESTION, Words, fill, spoken

FOLDER = Path("docs/screenshots")
LARGEST_BYTES = 200_000
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
ARGUMENTS = ["--no-sandbox", "--hide-scrollbars"]


def main() -> int:
    """Makes all pictures; exit status 1 when one is too large."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    words = Words()
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS) as browser,
    ):
        _console(browser, Path(folder), words)
        _chat(browser, f"sqlite:///{folder}/chat.db", words)
    sizes = {picture.name: picture.stat().st_size for picture in sorted(FOLDER.glob("*.png"))}
    for name, size in sizes.items():
        sys.stdout.write(f"{size // 1000:4} kB  {FOLDER / name}\n")
    return int(max(sizes.values()) > LARGEST_BYTES)


def _take(page: Page | Locator, name: str, **options: Any) -> None:
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide", **options)


@contextmanager
def _somebody(browser: Browser, url: str, size: ViewportSize = DESKTOP) -> Iterator[Page]:
    context = browser.new_context(
        base_url=url, viewport=size, color_scheme="light", reduced_motion="reduce", locale="en-GB", timezone_id="UTC"
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


# ------------------------------------------------------------------------------------------------ the console


def _console(browser: Browser, folder: Path, words: Words) -> None:
    clock = Clock()
    clock.now = NOW
    with a_console(folder, clock) as desk:
        maria = fill(desk.store, words)
        with _staff(browser, desk, "olga") as page:
            _admins_pages(page)
        with _staff(browser, desk, "anna") as page:
            _agents_pages(page, desk, maria)
        with _staff(browser, desk, "anna", PHONE) as page:
            page.goto(f"/console/handoffs/{maria}")
            _is_live(page)
            _take(page, "console-phone")


@contextmanager
def _staff(browser: Browser, desk: Desk, login: str, size: ViewportSize = DESKTOP) -> Iterator[Page]:
    with _somebody(browser, desk.url, size) as page:
        # The times in the pictures are those of the invented day.
        page.clock.set_fixed_time(NOW)
        # As in a browser whose user has not decided yet; one without a screen refuses.
        page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'default' })")
        page.goto("/console/")
        if login == "olga":
            page.set_viewport_size({"width": 1280, "height": 560})
            _take(page, "console-sign-in")
            page.set_viewport_size(size)
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Queue")).to_be_visible()
        yield page


def _admins_pages(page: Page) -> None:
    for path, name in [("statistics", "statistics"), ("staff", "staff"), ("canned", "canned-replies")]:
        page.goto(f"/console/{path}")
        _take(page, f"console-{name}", full_page=name == "statistics")
    page.goto("/console/privacy")
    page.get_by_label("Conversation id").fill(MARIA)
    page.get_by_role("button", name="Look").click()
    _take(page, "console-privacy")


def _is_live(page: Page) -> None:
    # The page's script has put the times in the reader's words.
    expect(page.locator("time").first).to_have_text(re.compile("^Mar 4, 2026"))


def _agents_pages(page: Page, desk: Desk, maria: int) -> None:
    _is_live(page)
    _take(page, "console-queue", full_page=True)
    page.goto(f"/console/handoffs/{maria}")
    _is_live(page)
    typing_indicator.mark_typing(desk.store, MARIA, Speaker.VISITOR, NOW)
    expect(page.get_by_text("The visitor is typing")).to_be_visible()
    page.get_by_label("Reply to the visitor").fill("I will ask the hospital about")
    _take(page, "console-conversation", full_page=True)
    page.get_by_role("button", name="Show contact details").click()
    expect(page.get_by_role("link", name="maria@example.org")).to_be_visible()
    _take(page.locator("#contact"), "console-contact")
    page.get_by_label("Reply to the visitor").fill("The hospital has answered: April is possible.")
    page.get_by_label("Reply to the visitor").press("Control+Enter")
    expect(page.get_by_text("Queued")).to_be_visible()
    for reply in delivery.claim(desk.store, NOW):
        delivery.record_failure(desk.store, reply.id or 0, NOW, "timed_out", final=True)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    _take(page.locator(".not-delivered"), "console-not-delivered")


# ------------------------------------------------------------------------------------------------ the chat


def _chat(browser: Browser, database_url: str, words: Words) -> None:
    upgrade(database_url)
    with a_website(database_url) as website:
        _teach(website, words)
        with _somebody(browser, website.url) as page:
            page.goto("/")
            _asks(page)
            _take(page, "chat-answer")
            _enrolls(page)
            _take(page, "chat-enrollment")
        with _somebody(browser, website.url, PHONE) as page:
            page.goto("/")
            page.get_by_role("button", name="Open chat").click()
            _asks(page)
            _take(page, "chat-phone")
            _talks(page, website, words)
            _take(page, "chat-staff")


def _teach(website: Website, words: Words) -> None:
    bad = [words.response("invalid_email"), words.step("contact")]
    website.rasa.replies |= {
        SHORT_QUESTION: [words.answer("crs_timing")],
        "I want to enroll": [words.step("consent")],
        "Yes, I agree": [words.step("contact")],
        "maria@example": bad,
        "I want to talk to a person": [words.step("consent")],
        "Yes, please": [words.response("handoff_waiting")],
    }


def _asks(page: Page) -> None:
    ask(page, SHORT_QUESTION)
    expect(said(page)).to_have_count(1)
    page.get_by_text("Sources", exact=True).click()
    page.get_by_role("log").evaluate("log => log.scrollTop = log.scrollHeight")
    page.mouse.move(0, 0)


def _enrolls(page: Page) -> None:
    ask(page, "I want to enroll")
    page.get_by_role("button", name="Yes, I agree").click()
    field = page.get_by_label("Your e-mail address or phone number")
    field.fill("maria@example")
    field.press("Enter")
    expect(page.get_by_role("button", name="Send anyway")).to_be_visible()


def _talks(page: Page, website: Website, words: Words) -> None:
    ask(page, "I want to talk to a person")
    ask(page, "Yes, please")
    expect(said(page)).to_have_count(3)
    now = datetime.now(timezone.utc)
    conversation, anna = website.conversations()[-1], add_staff(website.store, "anna").id or 0
    handoff = services.open_handoff(website.store, conversation, "web", Kind.HUMAN, Contact(now), now).id or 0
    services.take(website.store, handoff, anna, now)
    _hand_over(website, words)
    services.reply(website.store, handoff, anna, "Hello, I am Anna. How can I help?", "anna-1", now)
    _hand_over(website, words)
    expect(page.locator(".reply.staff")).to_be_visible()
    ask(page, "My mother is in hospital in Lima. Who tells us what a treatment would cost?")
    expect(page.locator(".asked .state").last).to_have_text("Sent")
    typing_indicator.mark_typing(website.store, conversation, Speaker.STAFF, datetime.now(timezone.utc))
    expect(page.locator(".status")).to_have_text("Anna is typing")


def _hand_over(website: Website, words: Words) -> None:
    now = datetime.now(timezone.utc)
    while due := delivery.claim(website.store, now):
        for reply in due:
            website.rasa.says(reply.conversation, **spoken(words, reply))
            delivery.mark_sent(website.store, reply.id or 0, now, delivered=False)


if __name__ == "__main__":
    sys.exit(main())
