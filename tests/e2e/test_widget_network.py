"""The widget while the network, the website or Rasa is away; and on somebody else's website."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.website.app import create_app
from bot.widget.files import read_languages
from bot.widget.rate_limits import RateLimits
from tests.e2e.chat import ANSWER, EMERGENCY, QUESTION, ask, asked, menu, said
from tests.servers import free_port, serving
from tests.website import Website, a_website, website_settings

pytestmark = pytest.mark.e2e
# Five seconds are promised; a busy machine may need some more.
MILLISECONDS_TO_HEAR = 15_000


def until(found: Callable[[], bool], page: Page) -> None:
    """Lets the page go on until something is so."""
    while not found():
        page.wait_for_timeout(50)


def test_offline_messages_are_kept_and_sent_once_in_order_when_the_connection_is_back(
    page: Page, website: Website
) -> None:
    page.goto(website.url)
    ask(page, "zero")
    expect(said(page)).to_have_count(1)
    page.context.set_offline(True)
    ask(page, "first")
    expect(page.locator(".status")).to_contain_text("You are offline")
    ask(page, "second")
    expect(asked(page)).to_have_text(["zero", "first", "second"])
    assert len(website.rasa.received) == 1
    page.context.set_offline(False)
    expect(said(page)).to_have_text(["You said: zero", "You said: first", "You said: second"])
    expect(asked(page)).to_have_text(["zero", "first", "second"])
    assert [message["message"] for message in website.rasa.received] == ["zero", "first", "second"]
    expect(page.locator(".state").last).to_have_text("Sent")


def test_unsent_messages_outlive_a_reload(page: Page, website: Website) -> None:
    page.goto(website.url)
    website.rasa.status = 503
    ask(page, "first")
    expect(page.locator(".state")).to_contain_text("Not stored yet")
    ask(page, "second")
    page.reload()
    expect(asked(page)).to_have_text(["first", "second"])
    website.rasa.status = 200
    expect(said(page)).to_have_text(["You said: first", "You said: second"])


def test_trying_again_need_not_wait(page: Page, website: Website) -> None:
    page.clock.install()
    page.goto(website.url)
    # No time passes any more: nothing is tried again by itself.
    page.clock.pause_at(datetime.now(timezone.utc) + timedelta(hours=1))
    website.rasa.status = 503
    ask(page, "hello")
    expect(page.locator(".state")).to_contain_text("Not stored yet")
    website.rasa.status = 200
    page.get_by_role("button", name="Try again").click()
    expect(said(page)).to_have_text(["You said: hello"])


def test_a_message_whose_answer_was_lost_is_shown_and_read_once(page: Page, website: Website) -> None:
    website.rasa.deaf = True
    page.goto(website.url)
    ask(page, "hello")
    expect(page.locator(".state")).to_contain_text("Not stored yet")
    website.rasa.deaf = False
    expect(page.locator(".state")).to_have_text("Sent")
    expect(said(page)).to_have_text(["You said: hello"])
    expect(asked(page)).to_have_text(["hello"])
    assert len(website.rasa.received) >= 2
    assert len({message["message_id"] for message in website.rasa.received}) == 1


def test_a_website_that_was_away_is_found_again_and_nothing_is_lost(page: Page, database_url: str) -> None:
    port = free_port()
    with a_website(database_url, port=port) as website:
        page.goto(website.url)
        ask(page, "before")
        expect(said(page)).to_have_count(1)
        conversation = website.conversations()[0]
    ask(page, "while it is away")
    expect(page.locator(".state").last).to_contain_text("Not stored yet")
    with a_website(database_url, port=port) as website:
        expect(said(page)).to_have_text(["You said: before", "You said: while it is away"])
        website.rasa.says(conversation, "out of the blue")
        expect(said(page).last).to_have_text("out of the blue")
        expect(page.locator(".status")).to_be_empty()


def test_with_rasa_down_the_visitor_is_told_and_it_goes_on_by_itself(page: Page, database_url: str) -> None:
    rasa_port = free_port()
    with serving(create_app(website_settings(rasa_port, database_url))) as port:
        page.goto(f"http://127.0.0.1:{port}/")
        ask(page, "are you there?")
        expect(page.locator(".state")).to_contain_text("Not stored yet. It is kept here")
        with a_website(database_url) as other, serving(other.rasa.app, rasa_port):
            expect(said(page)).to_have_text(["You said: are you there?"])


def test_an_emergency_is_answered_at_once_although_nothing_can_be_stored_and_stored_once_when_it_can(
    page: Page, website: Website
) -> None:
    website.rasa.cannot_store = True
    website.rasa.replies["she cannot breathe"] = [EMERGENCY]
    page.goto(website.url)
    ask(page, "she cannot breathe")
    card = page.locator(".reply.unstored.urgent")
    expect(card.locator(".banner")).to_have_text("Emergency: act now")
    expect(card).to_contain_text("Call 112 in Europe")
    expect(card).to_contain_text("Not stored yet")
    expect(card.get_by_role("link", name="112")).to_be_visible()
    expect(page.locator(".asked .state")).to_contain_text("Not stored yet. It is kept here and will be sent again")
    expect(page.locator(".asked .state")).to_contain_text("In an emergency, do not wait for a reply here")
    # It is tried again and again; the same words are not shown again.
    card.evaluate("card => { window.firstCard = card; }")
    until(lambda: len(website.rasa.received) > 1, page)
    assert card.evaluate("card => card === window.firstCard")
    website.rasa.cannot_store = False
    expect(page.locator(".asked .state")).to_have_text("Sent")
    expect(page.locator(".unstored")).to_have_count(0)
    expect(page.locator(".reply.urgent")).to_have_count(1)
    expect(asked(page)).to_have_text(["she cannot breathe"])
    assert len({message["message_id"] for message in website.rasa.received}) == 1
    page.reload()
    expect(page.locator(".line")).to_have_count(2)


def test_a_message_that_could_not_be_stored_does_not_hold_up_an_emergency(page: Page, website: Website) -> None:
    website.rasa.cannot_store = True
    website.rasa.replies["she cannot breathe"] = [EMERGENCY]
    page.goto(website.url)
    ask(page, "hello")
    expect(said(page)).to_have_text(["You said: hello"])
    ask(page, "she cannot breathe")
    expect(page.locator(".reply.unstored.urgent")).to_be_visible()
    website.rasa.cannot_store = False
    expect(page.locator(".asked .state").last).to_have_text("Sent")
    expect(page.locator(".unstored")).to_have_count(0)
    expect(asked(page)).to_have_text(["hello", "she cannot breathe"])
    # In the transcript too: in the order in which they were written.
    page.reload()
    expect(asked(page)).to_have_text(["hello", "she cannot breathe"])
    expect(said(page)).to_have_count(2)


def test_when_the_assistant_says_nothing_the_visitor_soon_hears_in_their_language_what_not_to_wait_for(
    page: Page, database_url: str
) -> None:
    words = read_languages()["fr"]
    with (
        a_website(database_url, ALLOWED_ORIGINS="*") as website,
        foreign_page(website.url, language="fr") as address,
    ):
        website.rasa.silent = True
        page.goto(address)
        page.get_by_role("button", name="Ouvrir").first.click()
        page.get_by_label("Votre message").fill("hello")
        page.get_by_label("Votre message").press("Enter")
        state = page.locator(".asked .state")
        expect(state).to_contain_text(words["failed"], timeout=MILLISECONDS_TO_HEAR)
        expect(state).to_contain_text(words["inEmergency"])
        # It is still under way: nothing was sent twice.
        assert len(website.rasa.received) == 1
        page.goto("about:blank")


def test_too_many_messages_at_once_are_all_sent_in_the_end(page: Page, website: Website) -> None:
    page.goto(website.url)
    most = RateLimits().messages_a_minute
    page.evaluate("most => { for (let n = 0; n < most; n += 1) CarTAssistant.send(`message ${n}`); }", most + 1)
    expect(page.locator(".status")).to_have_text("That was a lot at once. Sending goes on by itself in a moment.")
    expect(said(page)).to_have_count(most)
    expect(asked(page)).to_have_count(most + 1)
    expect(page.locator(".asked[data-state=failed]")).to_have_count(1)


def test_a_message_that_is_far_too_long_can_be_shortened(page: Page, website: Website) -> None:
    page.goto(website.url)
    ask(page, "a" * 13_000)
    expect(page.locator(".state")).to_contain_text("too long")
    page.get_by_role("button", name="Edit message").click()
    expect(page.get_by_label("Your message")).to_have_value("a" * 13_000)
    ask(page, "short")
    expect(said(page)).to_have_text(["You said: short"])


STRICT = "default-src 'none'; script-src {0}; connect-src {0}; require-trusted-types-for 'script'; trusted-types 'none'"
# A page that styles everything, and asks for the strictest policy.
FOREIGN_PAGE = """<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>Hospital</title>
<script src="{url}/widget.js" defer data-language="{language}" data-position="left" data-title="Ask us"
  data-color="#ffd400"></script></head><body><h1>Hospital</h1><button type="button">Book</button></body></html>"""
STYLE = (
    "* { color: rgb(255, 0, 0) !important; font-size: 40px !important; display: block !important } .log { margin: 9em }"
)


@contextmanager
def foreign_page(website_url: str, port: int = 0, language: str = "en") -> Iterator[str]:
    """Another website with the one line on its page."""

    async def page(request: Request) -> Response:
        policy = STRICT.format(website_url) + "; style-src 'self'"
        html = FOREIGN_PAGE.format(url=website_url, language=language)
        html = html.replace("</head>", '<link rel="stylesheet" href="/style.css"></head>')
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    async def style(request: Request) -> Response:
        return PlainTextResponse(STYLE, media_type="text/css")

    with serving(Starlette(routes=[Route("/", page), Route("/style.css", style)]), port) as port:
        yield f"http://localhost:{port}"


def test_one_line_brings_the_widget_to_a_foreign_page_with_a_strict_policy(page: Page, database_url: str) -> None:
    port = free_port()
    with (
        a_website(database_url, ALLOWED_ORIGINS=f"http://localhost:{port}") as website,
        foreign_page(website.url, port) as address,
    ):
        website.rasa.replies[QUESTION] = [ANSWER]
        page.goto(address)
        before = page.locator("h1").evaluate("heading => getComputedStyle(heading).color")
        page.get_by_role("button", name="Open chat: Ask us").click()
        ask(page, QUESTION)
        expect(page.locator(".reply .text li")).to_have_text(["fever", "confusion"])
        # Styles leak neither way.
        text = page.locator(".reply .text")
        assert text.evaluate("text => getComputedStyle(text).color") == "rgb(21, 39, 45)"
        assert text.evaluate("text => getComputedStyle(text).fontSize") == "16px"
        assert page.locator("h1").evaluate("heading => getComputedStyle(heading).color") == before
        # As the page asked: on the left, in its colour, with words that can be read on it.
        assert page.get_by_role("dialog").evaluate("dialog => dialog.getBoundingClientRect().left") < 100
        bubble = asked(page).first.evaluate(
            "p => [getComputedStyle(p).backgroundColor, getComputedStyle(p).color].join()"
        )
        assert bubble == "rgb(255, 212, 0),rgb(0, 0, 0)"
        page.reload()
        page.get_by_text("What would you like to know?").wait_for()
        expect(page.locator(".reply .text li")).to_have_count(2)
        menu(page, "End and delete this chat")
        page.get_by_role("button", name="Delete it").click()
        expect(page.locator(".line")).to_have_count(0)
        assert page.context.cookies() == []


def test_on_a_page_that_is_not_allowed_nothing_is_sent(browser: Browser, website: Website) -> None:
    context = browser.new_context()
    page = context.new_page()
    with foreign_page(website.url) as address:
        page.goto(address)
        page.get_by_role("button", name="Open chat").click()
        ask(page, "hello")
        expect(page.locator(".state")).to_contain_text("Not stored yet")
    assert website.rasa.received == []
    context.close()


def test_the_page_can_open_close_send_and_listen(page: Page, website: Website) -> None:
    page.goto(website.url)
    page.evaluate(
        """() => {
            window.heard = [];
            for (const name of ["open", "close", "message", "standing"])
                CarTAssistant.on(name, (detail) => heard.push([name, detail?.text ?? detail?.state ?? null]));
            window.stop = CarTAssistant.on("message", () => heard.push(["second", null]));
            CarTAssistant.on("message", () => { throw new Error("the page's own mistake"); });
        }"""
    )
    page.evaluate("CarTAssistant.close()")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Ask a question").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate("stop()")
    page.evaluate("CarTAssistant.send('from the page')")
    expect(said(page)).to_have_text(["You said: from the page"])
    page.wait_for_function("heard.some(([name]) => name === 'standing')")
    heard = page.evaluate("heard")
    assert heard[:2] == [["close", None], ["open", None]]
    assert ["message", "from the page"] in heard
    assert heard.count(["message", "You said: from the page"]) == 1
    assert ["second", None] not in heard
    with pytest.raises(Exception, match="needs a text"):
        page.evaluate("CarTAssistant.send('  ')")


def test_the_interface_speaks_the_language_of_the_page(page: Page, database_url: str) -> None:
    with (
        a_website(database_url, ALLOWED_ORIGINS="*") as website,
        foreign_page(website.url, language="ar-EG") as address,
    ):
        page.goto(address)
        page.get_by_role("button", name="فتح المحادثة").click()
        root = page.locator("car-t-assistant .root")
        expect(root).to_have_attribute("dir", "rtl")
        expect(root).to_have_attribute("lang", "ar")
        page.get_by_label("رسالتك").fill("hello")
        page.get_by_label("رسالتك").press("Enter")
        expect(said(page)).to_have_text(["You said: hello"])
