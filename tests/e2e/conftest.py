"""A real browser, the website, and a stand-in for Rasa."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.console.app import create_app
from tests.servers import FakeRasa, serving, website_settings

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
def rasa() -> FakeRasa:
    """A stand-in for Rasa that a test teaches its replies."""
    return FakeRasa()


@pytest.fixture
def website(rasa: FakeRasa) -> Iterator[str]:
    """Address of the website, in front of the stand-in."""
    with serving(rasa.app) as rasa_port, serving(create_app(website_settings(rasa_port))) as port:
        yield f"http://127.0.0.1:{port}/"
