"""The visitors' side of the whole product in a real browser: what the trained assistant answers, and how it looks."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chat import ask as send
from tests.whole import Product

pytestmark = [pytest.mark.e2e, pytest.mark.model]

QUESTION = "What is cytokine release syndrome?"


@pytest.fixture
def chat(page: Page, product: Product) -> Page:
    """The chat page, opened by a new visitor."""
    page.goto(product.url)
    return page


def ask(page: Page, text: str) -> Locator:
    """Asks; the reply."""
    replies = page.locator(".reply")
    before = replies.count()
    send(page, text)
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
