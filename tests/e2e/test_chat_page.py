"""The chat page in a real browser, in front of a stand-in for Rasa."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from bot.console.app import create_app
from tests.servers import FakeRasa, free_port, serving, website_settings

pytestmark = pytest.mark.e2e

QUESTION = "What are the side effects of CAR-T?"
RELATED = "What are the signs of CRS?"
ANSWER = {
    "recipient_id": "web",
    "text": (
        f"{QUESTION}\n\nSome are serious:\n- fever\n- confusion\n\nTell the care team at once.\n\n"
        'Source: CAR T-Cell Therapy, "Possible Side Effects"; Treatment Options, "Side Effects"'
    ),
    "buttons": [{"title": RELATED, "payload": "/related{}"}],
    "metadata": {
        "kind": "answer",
        "title": QUESTION,
        "sources": [
            {"document": "CAR T-Cell Therapy", "section": "Possible Side Effects"},
            {"document": "Treatment Options", "section": "Side Effects"},
        ],
    },
}
EMERGENCY = {
    "recipient_id": "web",
    "text": "This may be an emergency.\n\nCall 112 in Europe, 911 in the US, 120 in China.",
    "metadata": {"kind": "emergency"},
}


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your question").fill(text)
    page.get_by_role("button", name="Send").click()


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def test_an_answer_has_paragraphs_lists_and_folded_sources(page: Page, website: str, rasa: FakeRasa) -> None:
    rasa.replies[QUESTION] = [ANSWER]
    page.goto(website)
    ask(page, QUESTION)
    reply = page.locator(".reply")
    expect(reply.locator("p.title")).to_have_text(QUESTION)
    expect(reply.locator(".text li")).to_have_text(["fever", "confusion"])
    expect(reply).not_to_contain_text("Source:")
    section = reply.get_by_text("“Possible Side Effects”")
    expect(section).to_be_hidden()
    reply.get_by_text("Sources", exact=True).click()
    expect(section).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("")


def test_a_button_sends_its_payload_and_shows_its_title(page: Page, website: str, rasa: FakeRasa) -> None:
    rasa.replies[QUESTION] = [ANSWER]
    page.goto(website)
    ask(page, QUESTION)
    page.get_by_role("button", name=RELATED).click()
    expect(page.locator(".asked p")).to_have_text([QUESTION, RELATED])
    expect(log(page)).to_contain_text("You said: /related{}")
    assert [message["message"] for message in rasa.received] == [QUESTION, "/related{}"]
    assert len({message["sender"] for message in rasa.received}) == 1


def test_a_reload_keeps_the_log_and_the_conversation(page: Page, website: str, rasa: FakeRasa) -> None:
    rasa.replies[QUESTION] = [ANSWER]
    page.goto(website)
    ask(page, QUESTION)
    expect(page.locator(".reply")).to_have_count(1)
    page.reload()
    expect(page.locator(".asked p")).to_have_text([QUESTION])
    expect(page.locator(".reply .text li")).to_have_count(2)
    ask(page, "and then?")
    expect(page.locator(".reply")).to_have_count(2)
    assert len({message["sender"] for message in rasa.received}) == 1


def test_a_new_chat_forgets_the_old_one(page: Page, website: str, rasa: FakeRasa) -> None:
    page.goto(website)
    expect(page.get_by_role("button", name="New chat")).to_be_hidden()
    ask(page, "hello")
    expect(page.locator(".reply")).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.get_by_role("button", name="New chat").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, "hello again")
    expect(page.locator(".reply")).to_have_count(1)
    assert len({message["sender"] for message in rasa.received}) == 2


def test_enter_sends_and_shift_enter_breaks_the_line(page: Page, website: str, rasa: FakeRasa) -> None:
    page.goto(website)
    field = page.get_by_label("Your question")
    field.press_sequentially("two")
    field.press("Shift+Enter")
    field.press_sequentially("lines")
    field.press("Enter")
    expect(page.locator(".reply")).to_have_count(1)
    field.fill("   ")
    field.press("Enter")
    expect(field).to_have_value("")
    assert [message["message"] for message in rasa.received] == ["two\nlines"]


def test_the_page_works_by_keyboard_alone(page: Page, website: str, rasa: FakeRasa) -> None:
    page.goto(website)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to your question")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect(page.locator(".reply")).to_have_text(["Assistant: You said: hello"])
    expect(page.get_by_label("Your question")).to_be_focused()


def test_an_emergency_reply_is_set_apart_with_numbers_to_call(page: Page, website: str, rasa: FakeRasa) -> None:
    rasa.replies["he cannot breathe"] = [EMERGENCY]
    page.goto(website)
    ask(page, "he cannot breathe")
    urgent = page.locator(".reply.urgent")
    expect(urgent).to_contain_text("Emergency: act now")
    assert [link.get_attribute("href") for link in urgent.get_by_role("link").all()] == [
        "tel:112",
        "tel:911",
        "tel:120",
    ]


def test_what_people_and_the_bot_write_never_becomes_markup(page: Page, website: str, rasa: FakeRasa) -> None:
    markup = "<img src=x onerror=alert(1)><b>bold</b>"
    page.goto(website)
    ask(page, markup)
    expect(page.locator(".reply .text")).to_have_text(f"You said: {markup}")
    expect(page.locator(".asked p")).to_have_text(markup)
    assert log(page).locator("img, b").count() == 0


def test_while_an_answer_is_awaited_the_page_says_so_and_keeps_what_is_typed_next(
    page: Page, website: str, rasa: FakeRasa
) -> None:
    rasa.silent = True
    page.goto(website)
    ask(page, "first")
    expect(page.get_by_role("status")).to_contain_text("Looking for the answer")
    ask(page, "second")
    expect(page.locator(".asked p")).to_have_text(["first", "second"])
    page.reload()
    rasa.silent = False
    expect(page.locator(".failed")).to_have_count(2)
    page.get_by_role("button", name="Try again").first.click()
    expect(page.locator(".reply .text")).to_have_text(["You said: first", "You said: second"])
    expect(page.get_by_role("status")).to_be_empty()


def test_with_rasa_down_nothing_is_lost_and_trying_again_works(page: Page, rasa: FakeRasa) -> None:
    rasa_port = free_port()
    with serving(create_app(website_settings(rasa_port))) as port:
        page.goto(f"http://127.0.0.1:{port}/")
        ask(page, "are you there?")
        expect(page.locator(".failed")).to_contain_text("not available at the moment")
        expect(page.locator(".asked p")).to_have_text(["are you there?"])
        with serving(rasa.app, rasa_port):
            page.get_by_role("button", name="Try again").click()
            expect(page.locator(".reply .text")).to_have_text(["You said: are you there?"])
            expect(page.locator(".failed")).to_have_count(0)
    assert len(rasa.received) == 1


def test_offline_messages_are_sent_in_order_when_the_connection_is_back(
    page: Page, website: str, rasa: FakeRasa
) -> None:
    page.goto(website)
    page.context.set_offline(True)
    ask(page, "first")
    expect(page.locator(".failed")).to_contain_text("check your connection")
    ask(page, "second")
    expect(page.locator(".asked p")).to_have_text(["first", "second"])
    page.context.set_offline(False)
    expect(page.locator(".reply .text")).to_have_text(["You said: first", "You said: second"])
    assert [message["message"] for message in rasa.received] == ["first", "second"]


def test_a_message_that_is_far_too_long_can_be_shortened(page: Page, website: str, rasa: FakeRasa) -> None:
    page.goto(website)
    ask(page, "a" * 13_000)
    expect(page.locator(".failed")).to_contain_text("too long")
    page.get_by_role("button", name="Edit message").click()
    expect(page.get_by_label("Your question")).to_have_value("a" * 13_000)
    ask(page, "short")
    expect(page.locator(".reply .text")).to_have_text(["You said: short"])


def test_an_expired_session_is_renewed_without_a_word(page: Page, website: str, rasa: FakeRasa) -> None:
    page.goto(website)
    page.evaluate("sessionStorage.setItem('car-t-chat', JSON.stringify({token: 'stale', turns: []}))")
    page.reload()
    ask(page, "hello")
    expect(page.locator(".reply .text")).to_have_text(["You said: hello"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, website: str, rasa: FakeRasa, scheme: str, width: int
) -> None:
    rasa.replies |= {QUESTION: [ANSWER], "he cannot breathe": [EMERGENCY], "w" * 300: [{"text": "w" * 300}]}
    context = browser.new_context(
        viewport={"width": width, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(website)
    for text in (QUESTION, "he cannot breathe", "w" * 300):
        ask(page, text)
    expect(page.locator(".reply")).to_have_count(3)
    page.get_by_text("Sources", exact=True).click()
    rasa.status = 500
    ask(page, "down?")
    expect(page.locator(".failed")).to_be_visible()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
