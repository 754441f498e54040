"""The widget for everybody: keyboard, screen reader, zoom, small screens, colours, reading direction."""

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from bot.domain.handoff import Outcome
from bot.handoff import services
from tests.e2e.chat import ANSWER, EMERGENCY, QUESTION, RELATED, ask, asked, said
from tests.website import Website

pytestmark = pytest.mark.e2e

LONG_WORD = "w" * 300


def focused(page: Page) -> str:
    """What has the focus, inside the widget too."""
    return str(
        page.evaluate(
            """() => {
                let element = document.activeElement;
                while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
                return element.getAttribute("aria-label") ?? element.id ?? element.textContent;
            }"""
        )
    )


def test_the_whole_chat_works_by_keyboard_alone(page: Page, website: Website) -> None:
    website.rasa.replies[QUESTION] = [ANSWER]
    page.add_init_script("sessionStorage.length || sessionStorage.setItem(`car-t-assistant ${origin}`, 'false')")
    page.goto(website.url)
    launcher = page.get_by_role("button", name="Open chat")
    while "Open chat" not in focused(page):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".reply")).to_have_count(1)
    sources = page.locator("summary")
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if sources.evaluate("summary => summary.getRootNode().activeElement === summary"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Possible Side Effects”")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=RELATED)).to_be_focused()
    page.keyboard.press("Enter")
    expect(asked(page)).to_have_text([QUESTION, RELATED])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(launcher).to_be_focused()


def test_the_focus_stays_in_the_open_dialog_and_goes_back_to_where_it_came_from(page: Page, website: Website) -> None:
    page.goto(website.url)
    page.get_by_role("button", name="Close chat").click()
    opener = page.get_by_role("button", name="Ask a question")
    opener.focus()
    page.keyboard.press("Enter")
    for key in ("Tab", "Shift+Tab"):
        seen = []
        for _ in range(20):
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.localName") == "car-t-assistant"
            seen.append(focused(page))
        assert {"More", "Close chat", "message", "Conversation"} <= set(seen)
    page.get_by_role("button", name="More", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Download this chat")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_chat_that_opens_by_itself_leaves_the_focus_alone(page: Page, website: Website) -> None:
    page.goto(website.url)
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")


def test_deleting_asks_first_and_escape_means_no(page: Page, website: Website) -> None:
    page.goto(website.url)
    ask(page, "hello")
    expect(said(page)).to_have_count(1)
    page.get_by_role("button", name="More", exact=True).click()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(said(page)).to_have_count(1)


WATCH = """() => {
    window.added = [];
    const log = document.querySelector("car-t-assistant").shadowRoot.querySelector("[role=log]");
    window.live = log.getAttribute("aria-live");
    new MutationObserver((records) => {
        for (const record of records)
            if (log.getAttribute("aria-live") === "polite")
                for (const node of record.addedNodes) added.push(node.textContent);
    }).observe(log, { childList: true });
}"""


def test_each_message_is_added_to_the_live_log_once_and_history_is_not_read_out(page: Page, website: Website) -> None:
    page.goto(website.url)
    expect(page.get_by_role("log", name="Conversation")).to_be_visible()
    page.evaluate(WATCH)
    for number, text in enumerate(("one", "two"), 1):
        ask(page, text)
        expect(said(page)).to_have_count(number)
    expect(page.locator(".state").last).to_have_text("Sent")
    added = page.evaluate("added")
    assert [re.sub("Sen.*", "", text) for text in added] == [
        "You: one",
        "Assistant: You said: one",
        "You: two",
        "Assistant: You said: two",
    ]
    page.reload()
    page.evaluate(WATCH)
    expect(said(page)).to_have_count(2)
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert page.evaluate("added") == []
    ask(page, "three")
    expect(said(page)).to_have_count(3)
    assert len(page.evaluate("added")) == 2


SCREENS: list[ViewportSize] = [
    {"width": 1440, "height": 900},
    {"width": 360, "height": 740},
    # 1280 x 720 at 200 %, and 400 %.
    {"width": 640, "height": 360},
    {"width": 320, "height": 256},
]
LOOKS: list[dict[str, Any]] = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"forced_colors": "active"},
    {"color_scheme": "light", "direction": "rtl"},
]


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "forced colours", "right to left"])
def test_axe_finds_nothing_and_nothing_is_cut_off(browser: Browser, website: Website, look: dict[str, Any]) -> None:
    rasa = website.rasa
    rasa.replies |= {
        QUESTION: [ANSWER],
        "he cannot breathe": [EMERGENCY],
        LONG_WORD: [{"text": LONG_WORD, "metadata": {"ask": "email"}}],
    }
    right_to_left = look.get("direction") == "rtl"
    settings = {name: value for name, value in look.items() if name != "direction"}
    context = browser.new_context(viewport=SCREENS[0], reduced_motion="reduce", **settings)
    page = context.new_page()
    if right_to_left:
        page.route(website.url + "/", in_arabic)
    page.goto(website.url)
    find_nothing(page)
    for text in (QUESTION, "he cannot breathe", LONG_WORD):
        page.locator("#message").fill(text)
        page.locator("#message").press("Enter")
        expect(asked(page).last).to_have_text(text)
        expect(page.locator(".asked[data-state=sent]").last).to_contain_text(text)
    expect(page.locator(".reply")).to_have_count(3)
    expect(page.locator("car-t-assistant .root")).to_have_attribute("dir", "rtl" if right_to_left else "ltr")
    page.locator("#message").fill("maria@example")
    page.locator("#message").press("Enter")
    page.locator("summary").click()
    page.locator(".thumb").last.click()
    handoff, anna = website.staff_join(website.conversations()[0])
    expect(page.locator(".standing.active")).to_be_visible()
    now = datetime.now(timezone.utc)
    services.reply(website.store, handoff, anna, "Hello", "request-1", now)
    rasa.hands_over_replies()
    expect(page.locator(".reply.staff")).to_be_visible()
    services.resolve(website.store, handoff, anna, Outcome.ANSWERED, now)
    expect(page.locator(".standing.resolved")).to_be_visible()
    rasa.status = 500
    page.locator("#message").fill("down?")
    page.locator("#message").press("Enter")
    expect(page.locator(".asked[data-state=failed]")).to_be_visible()
    page.locator(".tool").first.click()
    for screen in SCREENS:
        page.set_viewport_size(screen)
        find_nothing(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
        assert page.locator(".log").evaluate("log => log.scrollWidth <= log.clientWidth")
        for part in (page.locator("#message"), page.locator(".send"), page.locator(".tool").last):
            part.scroll_into_view_if_needed()
            expect(part).to_be_in_viewport(ratio=0.9)
    page.locator(".menu button").last.click()
    find_nothing(page)
    context.close()


def in_arabic(route: Route) -> None:
    """The page as an Arabic website would have it."""
    response = route.fetch()
    route.fulfill(response=response, body=response.text().replace('<html lang="en">', '<html lang="ar" dir="rtl">'))


def find_nothing(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_on_a_phone_the_chat_fills_the_screen_and_waits_to_be_opened(browser: Browser, website: Website) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(website.url)
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Open chat").tap()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_have_attribute("aria-modal", "true")
    assert dialog.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    # The keyboard would hide the notice.
    expect(page.get_by_role("heading", name="CAR-T assistant")).to_be_focused()
    ask(page, "hello")
    expect(said(page)).to_have_text(["You said: hello"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Close chat").tap()
    expect(dialog).to_be_hidden()
    context.close()


def test_nothing_moves_for_those_who_asked_for_less_motion(page: Page, website: Website) -> None:
    website.rasa.silent = True
    page.goto(website.url)
    ask(page, "hello")
    dot = page.locator(".dots i").first
    expect(dot).to_be_attached()
    assert dot.evaluate("dot => getComputedStyle(dot).animationName") == "none"
    website.rasa.silent = False
