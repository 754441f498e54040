"""A real browser, the website, and behind it a stand-in for Rasa or the trained assistant."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.database.migrations import upgrade
from tests.conftest import Assistant
from tests.website import FakeRasa, Website, a_website
from tests.whole import Product, website_before

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Generous, for a slow machine: every wait ends as soon as its condition holds.
MILLISECONDS_TO_APPEAR = 30_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium where there is one, else playwright's own."""
    expect.set_options(timeout=MILLISECONDS_TO_APPEAR)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser profile; the test fails if the page throws or breaks its own security policy."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Security Policy" in line.text else None)
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """URL of an SQLite file with all tables."""
    url = f"sqlite:///{tmp_path}/website.db"
    upgrade(url)
    return url


@pytest.fixture
def website(database_url: str) -> Iterator[Website]:
    """The website, in front of a stand-in for Rasa."""
    with a_website(database_url) as website:
        yield website


@pytest.fixture
def rasa(website: Website) -> FakeRasa:
    """A stand-in for Rasa that a test teaches its replies."""
    return website.rasa


@pytest.fixture(scope="session")
def product(assistant: Assistant) -> Iterator[Product]:
    """The whole product: the website's own process in front of the trained assistant."""
    with website_before(assistant.url, assistant.folder, {"DATABASE_URL": assistant.database_url}) as product:
        yield product
    assert "Traceback" not in product.log.read_text("utf-8")
