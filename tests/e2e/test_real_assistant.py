"""The whole product in a real browser: the website's process in front of the trained assistant."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import Assistant
from tests.servers import KEY, free_port

pytestmark = [pytest.mark.e2e, pytest.mark.model]

QUESTION = "What is cytokine release syndrome?"


@pytest.fixture(scope="module")
def real_website(assistant: Assistant) -> Iterator[str]:
    """Address of the website, run as ``make run`` runs it."""
    port, rasa_port = free_port(), urlsplit(assistant.url).port
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.console"],
        env={
            **os.environ,
            "WEB_PORT": str(port),
            "RASA_PORT": str(rasa_port),
            "SECRET_KEY": KEY,
            "DATABASE_URL": assistant.database_url,
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        assert any("Uvicorn running" in line for line in process.stderr)
        yield f"http://127.0.0.1:{port}/"
        process.terminate()
        assert "Traceback" not in process.stderr.read()


@pytest.fixture
def chat(page: Page, real_website: str) -> Page:
    """The chat page, opened by a new visitor."""
    page.goto(real_website)
    return page


def ask(page: Page, text: str) -> Locator:
    """Asks; the reply."""
    replies = page.locator(".reply")
    before = replies.count()
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(replies).to_have_count(before + 1)
    return replies.last


def test_an_answer_shows_its_sources_and_the_notice_once(chat: Page) -> None:
    reply = ask(chat, QUESTION)
    expect(reply).to_contain_text("cytokine", ignore_case=True)
    expect(reply).to_contain_text("general information, not medical advice")
    expect(reply).not_to_contain_text("Source:")
    source = reply.locator(".sources cite").first
    expect(source).to_be_hidden()
    reply.get_by_text("Sources", exact=True).click()
    expect(source).to_be_visible()
    expect(source).to_contain_text("CAR")
    expect(ask(chat, "What is apheresis?")).not_to_contain_text("not medical advice")


def test_a_related_question_is_answered_when_clicked(chat: Page) -> None:
    related = ask(chat, QUESTION).locator(".next button").first
    title = related.inner_text()
    related.click()
    expect(chat.locator(".asked p").last).to_have_text(title)
    expect(chat.locator(".reply")).to_have_count(2)
    expect(chat.locator(".reply").last.locator(".sources")).to_have_count(1)


def test_an_emergency_is_set_apart_and_can_be_called(chat: Page) -> None:
    reply = ask(chat, "he cannot breathe")
    expect(reply).to_have_class(re.compile(r"\burgent\b"))
    expect(reply.locator(".banner")).to_be_visible()
    for number in ("112", "911", "120"):
        expect(reply.get_by_role("link", name=number)).to_have_attribute("href", f"tel:{number}")
    expect(reply.locator(".next button")).to_have_count(0)
    expect(reply.locator(".sources")).to_have_count(0)


def test_a_reload_keeps_the_log_and_the_context(chat: Page) -> None:
    first = ask(chat, QUESTION).locator(".text").inner_text()
    chat.reload()
    expect(chat.locator(".asked p")).to_have_text([QUESTION])
    expect(chat.locator(".reply .text")).to_have_text([first], use_inner_text=True)
    reply = ask(chat, "what do doctors do about it?")
    expect(reply.locator(".sources")).to_have_count(1)
    expect(reply).to_contain_text("tocilizumab")
