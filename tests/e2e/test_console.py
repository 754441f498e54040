"""The console's queue and conversation in a real browser, on a real database."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bot.conversation import typing_indicator
from bot.conversation.transcript import Speaker
from bot.database.unit_of_work import Store
from bot.domain.handoff import CannedReply, Contact
from bot.handoff import services
from bot.settings import Settings
from bot.website.app import create_app
from tests.console import PASSWORD, PASSWORDS, Clock, add_staff, new_store
from tests.handoffs import alert, handoff, replies, waiting
from tests.said import bot_answers, fail_replies, send_replies, visitor_says
from tests.servers import KEY, free_port, serving

pytestmark = pytest.mark.e2e

VISITOR = "web-1"
CONVERSATION = "/console/handoffs/1"


class Office:
    """A database, the websites on it, and the browsers of staff.

    Attributes:
        problems: what pages threw, and where they broke their security policy.
    """

    def __init__(self, folder: Path, browser: Browser, stack: ExitStack) -> None:
        self.store: Store = new_store(folder)
        self.clock = Clock()
        self.problems: list[str] = []
        self._settings = Settings.read(
            {"RASA_PORT": str(free_port()), "SECRET_KEY": KEY, "DATABASE_URL": f"sqlite:///{folder}/console.db"}
        )
        self._browser = browser
        self._stack = stack
        self.port = free_port()
        self.website = self.serve(self.port)

    def serve(self, port: int) -> ExitStack:
        """One more website on the database, until it is closed."""
        website = ExitStack()
        store = Store.open(self._settings.database_url)
        app = create_app(self._settings, store=store, clock=self.clock, passwords=PASSWORDS)
        website.enter_context(serving(app, port))
        self._stack.callback(website.close)
        return website

    def enter(self, login: str, port: int | None = None, **options: Any) -> Page:
        """Somebody signed in, in a browser of their own, at the queue."""
        context: BrowserContext = self._browser.new_context(
            reduced_motion="reduce", base_url=f"http://127.0.0.1:{port or self.port}", **options
        )
        self._stack.callback(context.close)
        page = context.new_page()
        self.watch(page)
        page.goto("/console")
        sign_in(page, login)
        return page

    def watch(self, page: Page) -> None:
        """Notes what goes wrong on a page."""
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self.problems.append(line.text) if "Security Policy" in line.text else None)

    def written(self) -> list[str]:
        """What staff wrote to the visitor."""
        return [reply.text for reply in replies(self.store, VISITOR) if reply.text]


@pytest.fixture
def office(tmp_path: Path, browser: Browser) -> Iterator[Office]:
    """Maria, web-1, waits (handoff 1); Anna (1) and Ben (2) work here."""
    with ExitStack() as stack:
        office = Office(tmp_path, browser, stack)
        add_staff(office.store, "anna")
        add_staff(office.store, "ben")
        contact = Contact(office.clock(), name="Maria Lopez", email="maria@example.org", country="Peru")
        bot_answers(office.store, VISITOR, "What are the side effects of CAR-T?", "Some are serious.")
        waiting(office.store, VISITOR, contact, office.clock())
        yield office
    assert office.problems == []


def sign_in(page: Page, login: str) -> None:
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Sign in")


def taken(office: Office, page: Page) -> Page:
    """Anna's conversation, open."""
    services.take(office.store, 1, 1, office.clock())
    page.goto(CONVERSATION)
    expect(field(page)).to_be_visible()
    return page


def field(page: Page) -> Locator:
    return page.get_by_label("Reply to the visitor")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def press_tab_to(page: Page, wanted: Locator) -> None:
    """Goes there with the keyboard, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"The keyboard does not reach {wanted}.")


def test_a_conversation_is_taken_and_answered_with_the_keyboard_alone(office: Office) -> None:
    page = office.enter("anna")
    press_tab_to(page, page.get_by_role("button", name="Take #1"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(CONVERSATION))
    expect(field(page)).to_be_visible()
    press_tab_to(page, field(page))
    page.keyboard.type("Hello,")
    page.keyboard.press("Enter")
    page.keyboard.type("how can I help?")
    page.keyboard.press("Control+Enter")
    expect(log(page)).to_contain_text("how can I help?")
    assert office.written() == ["Hello,\nhow can I help?"]
    expect(field(page)).to_have_value("")
    expect(field(page)).to_be_focused()


def test_the_queue_shows_new_requests_by_itself_and_says_so(office: Office) -> None:
    page = office.enter("anna")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    waiting(office.store, "web-2", at=office.clock())
    alert(office.store, "web-3")
    expect(page.get_by_role("link", name="A person #2")).to_be_visible()
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(3\) "))
    expect(page.locator("#announcement")).not_to_be_empty()
    page.get_by_role("button", name="Seen alert 1").click()
    expect(page.get_by_role("heading", name="Alerts")).to_be_hidden()


def test_new_requests_are_notified_once_staff_have_agreed(office: Office) -> None:
    page = office.enter("anna")
    page.add_init_script(
        """window.notified = [];
        window.Notification = class extends EventTarget {
          static permission = "default";
          static async requestPermission() { return (this.permission = "granted"); }
          constructor(title, options) { super(); window.notified.push([title, options.tag]); }
        };"""
    )
    page.reload()
    page.get_by_role("button", name="Notify me of new requests").click()
    expect(page.get_by_role("button", name="Notify me of new requests")).to_be_hidden()
    waiting(office.store, "web-2", at=office.clock())
    expect(page.get_by_role("link", name="A person #2")).to_be_visible()
    assert page.evaluate("window.notified") == [["A visitor is waiting", "waiting-2"]]


def test_of_two_who_take_at_once_one_gets_it_and_the_other_reads_who(office: Office) -> None:
    second = free_port()
    office.serve(second)
    pages = [office.enter("anna"), office.enter("ben", second)]
    for page in pages:
        page.goto(CONVERSATION)
        expect(page.get_by_role("button", name="Take")).to_be_visible()
    # Pressed inside both browsers without waiting for either.
    for page in pages:
        page.evaluate("setTimeout(() => document.querySelector('#take button').click())")
    for page in pages:
        expect(page.get_by_role("button", name="Take")).to_be_hidden()
    owner = handoff(office.store, 1).owner
    assert owner is not None
    winner, other = pages if owner.name == "Anna" else pages[::-1]
    expect(field(winner)).to_be_visible()
    expect(other.get_by_text(f"This conversation belongs to {owner.name}")).to_be_visible()
    expect(other.get_by_role("alert").filter(has_text="has")).to_be_visible()
    expect(field(other)).to_be_hidden()
    assert [reply.response for reply in replies(office.store, VISITOR)] == [services.JOINED]


def test_a_double_click_on_send_is_one_reply(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    field(page).fill("Hello")
    page.get_by_role("button", name="Send").dblclick()
    expect(log(page).get_by_text("Hello")).to_be_visible()
    expect(page.locator(".unsent")).to_have_count(0)
    assert office.written() == ["Hello"]


def test_what_the_visitor_writes_appears_while_focus_and_draft_stay(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    field(page).click()
    page.keyboard.type("I am just wri")
    page.get_by_text("Sources (1)").evaluate("summary => summary.parentElement.open = true")
    page.evaluate(
        """window.touched = 0;
        new MutationObserver((changes) => (window.touched += changes.length)).observe(
          document.querySelector(".entry .who"), { subtree: true, childList: true, characterData: true });"""
    )
    visitor_says(office.store, VISITOR, "Are you there?")
    expect(log(page)).to_contain_text("Are you there?")
    assert page.evaluate("window.touched") == 0, "A screen reader would read the old messages again."
    page.keyboard.type("ting")
    expect(field(page)).to_have_value("I am just writing")
    expect(page.get_by_text("“Possible Side Effects”")).to_be_visible()
    expect(log(page).get_by_text("Are you there?")).to_have_count(1)


def test_typing_is_seen_both_ways(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    typing_indicator.mark_typing(office.store, VISITOR, Speaker.VISITOR, office.clock())
    expect(page.get_by_text("The visitor is typing")).to_be_visible()
    field(page).click()
    with page.expect_response(lambda response: response.url.endswith("/typing")):
        page.keyboard.type("H")
    assert (VISITOR, Speaker.STAFF) in typing_indicator.who_is_typing(office.store, office.clock())


def test_a_reply_shows_how_far_it_has_come_and_is_tried_again(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    send_replies(office.store, office.clock())
    field(page).fill("Hello")
    page.get_by_role("button", name="Send").click()
    entry = log(page).locator(".entry", has_text="Hello")
    expect(entry).to_contain_text("Queued")
    fail_replies(office.store, office.clock())
    expect(entry).to_contain_text("Not delivered")
    expect(page.locator("#announcement")).to_contain_text("not delivered")
    entry.get_by_role("button", name="Try again").click()
    expect(entry).to_contain_text("Queued")
    send_replies(office.store, office.clock(), delivered=True)
    expect(entry).to_contain_text("Delivered")
    expect(log(page).get_by_text("Hello")).to_have_count(1)


def test_while_the_server_is_away_nothing_typed_is_lost_and_it_is_sent_once_it_is_back(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    office.website.close()
    expect(page.get_by_text("Reconnecting to the server")).to_be_visible()
    for text in ("First", "Second"):
        field(page).fill(text)
        page.get_by_role("button", name="Send").click()
    first, second = page.locator(".unsent").all()
    expect(first.get_by_text("Could not reach the server.")).to_be_visible()
    expect(second.get_by_text("It is sent after the one above.")).to_be_visible()
    field(page).fill("A third, half writ")
    office.serve(office.port)
    expect(log(page).get_by_text("Second")).to_be_visible()
    expect(page.get_by_text("Reconnecting to the server")).to_be_hidden()
    expect(page.locator(".unsent")).to_have_count(0)
    assert office.written() == ["First", "Second"]
    expect(field(page)).to_have_value("A third, half writ")
    page.reload()
    expect(field(page)).to_have_value("A third, half writ")


def test_a_reply_that_failed_once_goes_out_as_soon_as_the_server_is_heard(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    page.route("**/replies", lambda route: route.fulfill(status=503, json={"error": "The database is away."}))
    field(page).fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Could not reach the server.")).to_be_visible()
    page.unroute("**/replies")
    visitor_says(office.store, VISITOR, "Are you there?")
    expect(log(page).get_by_text("Hello")).to_be_visible()
    expect(page.locator(".unsent")).to_have_count(0)
    assert office.written() == ["Hello"]


def test_a_reply_whose_answer_got_lost_is_not_sent_twice(office: Office) -> None:
    page = taken(office, office.enter("anna"))

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/replies", lose_the_answer)
    field(page).fill("Hello")
    page.get_by_role("button", name="Send").click()
    # The transcript shows that it has arrived.
    expect(log(page).get_by_text("Hello")).to_be_visible()
    expect(page.locator(".unsent")).to_have_count(0)
    assert office.written() == ["Hello"]


def test_what_was_not_sent_is_still_there_after_a_reload(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    page.route("**/replies", lambda route: route.abort())
    field(page).fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Could not reach the server.")).to_be_visible()
    page.reload()
    # Only now: the page that is left would try again by itself, and be quicker than the reload.
    expect(page.get_by_text("This reply was not sent before the page was left.")).to_be_visible()
    page.unroute("**/replies")
    page.get_by_role("button", name="Edit").click()
    expect(field(page)).to_have_value("Hello")
    page.keyboard.press("Control+Enter")
    expect(log(page).get_by_text("Hello")).to_be_visible()
    assert office.written() == ["Hello"]


def test_when_the_session_is_over_sign_in_leads_back_and_nothing_typed_is_lost(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    field(page).fill("Hello")
    page.context.clear_cookies()
    # The page may notice by itself, before anything is sent: then the words are still the draft.
    with suppress(PlaywrightTimeout):
        page.get_by_role("button", name="Send").click(timeout=2000)
    expect(page).to_have_url(re.compile("/console/sign-in"))
    sign_in(page, "anna")
    expect(page).to_have_url(re.compile(CONVERSATION))
    expect(field(page)).to_be_visible()
    if page.locator(".unsent").get_by_text("Hello").count():
        page.get_by_role("button", name="Try again").click()
    else:
        expect(field(page)).to_have_value("Hello")
        field(page).press("Control+Enter")
    expect(log(page).get_by_text("Hello")).to_be_visible()
    assert office.written() == ["Hello"]


def test_a_page_from_before_another_sign_in_still_sends(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    page.evaluate("document.querySelector('meta[name=csrf-token]').content = 'of an earlier session'")
    field(page).fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(log(page).get_by_text("Hello")).to_be_visible()


def test_two_tabs_show_the_same_and_a_lost_conversation_keeps_the_draft_in_sight(office: Office) -> None:
    first = office.enter("anna")
    second = first.context.new_page()
    office.watch(second)
    for page in (first, second):
        page.goto(CONVERSATION)
    first.get_by_role("button", name="Take").click()
    expect(field(second)).to_be_visible()
    field(first).fill("From the first tab")
    first.get_by_role("button", name="Send").click()
    expect(log(second)).to_contain_text("From the first tab")
    field(second).fill("half written")
    first.get_by_text("Transfer", exact=True).click()
    first.get_by_label("To whom").select_option("Ben")
    first.get_by_role("button", name="Transfer now").click()
    expect(first.get_by_text("Transferred to Ben.")).to_be_visible()
    expect(second.get_by_text("This conversation belongs to Ben")).to_be_visible()
    expect(field(second)).to_have_value("half written")
    expect(second.get_by_role("button", name="Send")).to_be_disabled()


def test_a_conversation_is_resolved_with_an_outcome(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    page.get_by_text("Resolve", exact=True).click()
    page.get_by_label("Outcome").select_option("Question answered")
    visitor_says(office.store, VISITOR, "Thank you!")
    expect(log(page)).to_contain_text("Thank you!")
    expect(page.get_by_label("Outcome")).to_have_value("answered")
    page.get_by_role("button", name="Resolve now").click()
    expect(page.get_by_text("This handoff is closed.")).to_be_visible()
    expect(page.get_by_text("Outcome: Question answered")).to_be_visible()


def test_the_contact_card_opens_on_demand(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    expect(page.get_by_text("maria@example.org")).to_have_count(0)
    page.get_by_role("button", name="Show contact details").click()
    expect(page.get_by_role("link", name="maria@example.org")).to_be_visible()
    expect(page.get_by_role("heading", name="Contact")).to_be_focused()


def test_a_canned_reply_is_put_where_the_cursor_is(office: Office) -> None:
    with office.store.work() as work:
        work.add(CannedReply("Greeting", "Hello {visitor}, I am {staff}."))
        work.commit()
    page = taken(office, office.enter("anna"))
    field(page).fill("!")
    field(page).press("Home")
    page.get_by_label("Canned reply").select_option("Greeting")
    page.get_by_role("button", name="Insert").click()
    expect(field(page)).to_have_value("Hello Maria Lopez, I am Anna.!")


def test_a_note_is_kept_until_the_server_has_it(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    page.route("**/notes", lambda route: route.abort())
    page.get_by_label("New note").fill("Call in the morning.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("alert")).to_contain_text("Could not reach the server.")
    expect(page.get_by_label("New note")).to_have_value("Call in the morning.")
    page.unroute("**/notes")
    page.get_by_role("button", name="Add note").dblclick()
    expect(page.locator("#notes li")).to_have_count(1)
    expect(page.get_by_label("New note")).to_have_value("")
    expect(page.get_by_role("alert")).to_be_empty()


def test_unread_messages_of_other_conversations_are_marked(office: Office) -> None:
    page = taken(office, office.enter("anna"))
    services.take(office.store, waiting(office.store, "web-2"), 1, office.clock())
    visitor_says(office.store, "web-2", "hello")
    other = page.get_by_role("link", name="A person #2")
    expect(other).to_contain_text("1 unread")
    other.click()
    expect(page).to_have_url(re.compile("/console/handoffs/2"))
    expect(page.get_by_text("1 unread")).to_have_count(0)


def test_a_tab_in_the_background_is_up_to_date_when_it_is_looked_at(office: Office) -> None:
    first = taken(office, office.enter("anna"))
    second = first.context.new_page()
    office.watch(second)
    second.goto(CONVERSATION)
    for page in (first, second):
        page.evaluate("Object.defineProperty(document, 'hidden', { get: () => window.away, configurable: true })")
        look(page, away=True)
    visitor_says(office.store, VISITOR, "Are you there?")
    for page in (first, second):
        look(page, away=False)
        expect(log(page)).to_contain_text("Are you there?")


def look(page: Page, away: bool) -> None:
    """Turns to another tab, or back."""
    page.evaluate("away => { window.away = away; document.dispatchEvent(new Event('visibilitychange')); }", away)


def a_full_office(office: Office) -> None:
    """Something in every part of the pages."""
    for number in range(2, 5):
        waiting(office.store, f"web-{number}", at=office.clock())
    alert(office.store, VISITOR)
    alert(office.store, "web-9")
    visitor_says(office.store, VISITOR, "Averylongwordwithoutanyspace" * 20)
    services.take(office.store, 1, 1, office.clock())
    services.reply(office.store, 1, 1, "Hello", "r1", office.clock())
    services.add_note(office.store, 1, 2, "Call in the morning.", office.clock())
    for _ in range(2):
        fail_replies(office.store, office.clock())


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(office: Office, width: int, scheme: str) -> None:
    a_full_office(office)
    page = office.enter("anna", viewport={"width": width, "height": 800}, color_scheme=scheme)
    visits: list[tuple[str, Callable[[], None]]] = [
        ("/console", lambda: None),
        (CONVERSATION, lambda: page.get_by_text("Resolve", exact=True).click()),
        ("/console/past", lambda: None),
        ("/console/alerts/1", lambda: None),
    ]
    for path, prepare in visits:
        page.goto(path)
        prepare()
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
        assert found.response["violations"] == [], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
