"""From a question to a person and back: a visitor's browser, a browser of staff, and the whole product between them."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.console import PASSWORD
from tests.e2e.chat import ask, asked, said
from tests.whole import Product

pytestmark = [pytest.mark.e2e, pytest.mark.model]

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Nobody else in these tests lives there: the other conversations in the database are not in the way.
COUNTRY = "Uruguay"

Open = Callable[[BrowserContext], Page]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens tabs; the test fails if a page throws or breaks its own security policy."""
    problems: list[str] = []

    def open_tab(context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if "Security Policy" in line.text else None)
        return page

    yield open_tab
    assert problems == []


@pytest.fixture(scope="module")
def office(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """The browser of Anna, the first admin, who has come in by the link that ``make run`` prints."""
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce", base_url=product.url)
    page = context.new_page()
    page.goto(product.first_admin_link())
    page.get_by_label("Your name").fill("Anna")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_text("Welcome, Anna.")).to_be_visible()
    page.close()
    yield context
    context.close()


@pytest.fixture
def staff(office: BrowserContext, opened: Open) -> Iterator[Page]:
    """Anna, at the queue of those who wait on the website."""
    page = opened(office)
    page.goto("/console/?channel=web&state=waiting")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    yield page
    page.close()


@pytest.fixture
def home(browser: Browser, product: Product, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """The visitor's browser: of a desktop, unless the test asks for another size."""
    size = getattr(request, "param", DESKTOP)
    context = browser.new_context(viewport=size, reduced_motion="reduce", base_url=product.url)
    yield context
    context.close()


@pytest.fixture
def visitor(home: BrowserContext, opened: Open) -> Page:
    """Somebody who has come to the website and opened the chat."""
    return come(home, opened)


def come(home: BrowserContext, opened: Open) -> Page:
    page = opened(home)
    page.goto("/")
    # On a phone the chat waits to be opened.
    if page.viewport_size == PHONE:
        page.get_by_role("button", name="Open chat").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def choose(page: Page, name: str) -> None:
    """Presses a button that the assistant offers, the newest of its name."""
    page.get_by_role("button", name=name, exact=True).last.click()


def answer(page: Page, label: str, text: str) -> None:
    """Fills in the field that the assistant has just put there."""
    field = page.get_by_label(label)
    field.fill(text)
    field.press("Enter")


def last(page: Page) -> Locator:
    """What was said last to the visitor."""
    return said(page).last


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth")) and bool(
        page.get_by_role("log").evaluate("log => log.scrollWidth <= log.clientWidth")
    )


def log(staff: Page) -> Locator:
    return staff.get_by_role("log")


def reply(staff: Page, text: str) -> Locator:
    """Anna writes to the visitor; the entry in her transcript."""
    field = staff.get_by_label("Reply to the visitor")
    field.fill(text)
    field.press("Control+Enter")
    expect(field).to_have_value("")
    return log(staff).locator(".entry", has_text=text)


# ------------------------------------------------------------------------------------------------ the whole way


@pytest.mark.parametrize("home", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)
def test_from_a_question_to_a_person_and_back(home: BrowserContext, visitor: Page, staff: Page, opened: Open) -> None:
    is_answered_with_sources(visitor, "What is cytokine release syndrome?")
    enrolls_with_a_slip_and_a_question_in_between(visitor)
    is_answered_with_sources(visitor, "What is apheresis?")
    is_taken_from_the_queue(staff, visitor)
    talk_both_ways(staff, visitor)
    the_bot_stays_silent(staff, visitor)
    an_emergency_is_answered_once_and_flagged(staff, visitor)
    visitor = goes_away_and_finds_the_reply(staff, visitor, home, opened)
    ends_with_a_rating(staff, visitor)
    is_answered_with_sources(visitor, "What is apheresis?")


def is_answered_with_sources(visitor: Page, question: str) -> None:
    answers = visitor.locator(".reply:has(.sources)")
    before = answers.count()
    ask(visitor, question)
    expect(answers).to_have_count(before + 1)
    answers.last.get_by_text("Sources", exact=True).click()
    expect(answers.last.locator(".sources cite").first).to_be_visible()


def enrolls_with_a_slip_and_a_question_in_between(visitor: Page) -> None:
    ask(visitor, "I want to enroll")
    expect(last(visitor)).to_contain_text("Do you agree?")
    choose(visitor, "Yes, I agree")
    choose(visitor, "My mother")
    answer(visitor, "Your name", "Maria Lopez")
    answer(visitor, "Your country", COUNTRY)
    answer(visitor, "The condition", "AML")
    gives_a_wrong_address_and_then_a_right_one(visitor)
    choose(visitor, "No, nothing else")
    corrects_the_summary(visitor)
    choose(visitor, "Yes, send it")
    expect(last(visitor)).to_contain_text("Your request is with our staff now")
    expect(visitor.locator(".standing")).to_contain_text("You are in line for a person")


def gives_a_wrong_address_and_then_a_right_one(visitor: Page) -> None:
    contact = "Your e-mail address or phone number"
    answer(visitor, contact, "maria@example")
    # The page doubts it at once; who insists hears it from the assistant.
    expect(visitor.get_by_role("alert").filter(has_text="It should look like name@example.org")).to_be_visible()
    visitor.get_by_role("button", name="Send anyway").click()
    expect(visitor.locator(".reply").filter(has_text="That e-mail address does not look right.")).to_be_visible()
    answer(visitor, contact, "What is leukapheresis?")
    expect(visitor.locator(".reply:has(.sources)")).to_have_count(2)
    expect(last(visitor)).to_contain_text("How can our staff reach you?")
    answer(visitor, contact, "maria@example.org")
    expect(last(visitor)).to_contain_text("anything else that our staff should know")


def corrects_the_summary(visitor: Page) -> None:
    expect(last(visitor)).to_contain_text("This is what I would pass on")
    expect(last(visitor)).to_contain_text("maria@example.org")
    assert fits(visitor)
    ask(visitor, "no, the mail is lopez@example.org")
    expect(last(visitor)).to_contain_text("lopez@example.org")
    for told in ("My mother", "Maria Lopez", COUNTRY, "AML"):
        expect(last(visitor)).to_contain_text(told, ignore_case=True)


def is_taken_from_the_queue(staff: Page, visitor: Page) -> None:
    # The queue was open all the time: the request has appeared by itself.
    row = staff.get_by_role("row").filter(has_text=COUNTRY)
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Website")
    expect(staff).to_have_title(re.compile(r"^\(\d+\) "))
    row.get_by_role("link", name="Enrollment").click()
    expect(log(staff)).to_contain_text("What is cytokine release syndrome?")
    expect(staff.get_by_label("Reply to the visitor")).to_be_hidden()
    staff.get_by_role("button", name="Show contact details").click()
    expect(staff.get_by_role("link", name="lopez@example.org")).to_be_visible()
    staff.get_by_role("button", name="Take").click()
    expect(last(visitor)).to_contain_text("Anna from our staff has joined")
    expect(visitor.locator(".standing")).to_have_text("You are talking with Anna.")


def talk_both_ways(staff: Page, visitor: Page) -> None:
    field = staff.get_by_label("Reply to the visitor")
    expect(field).to_be_visible()
    field.press_sequentially("Hello")
    expect(visitor.locator(".status")).to_have_text("Anna is typing")
    sent = reply(staff, "Hello Maria, how can I help?")
    expect(visitor.locator(".reply.staff .text").last).to_have_text("Hello Maria, how can I help?")
    expect(sent).to_contain_text("Delivered")
    visitor.get_by_label("Your message").press_sequentially("When")
    expect(staff.get_by_text("The visitor is typing")).to_be_visible()
    ask(visitor, "When could we come?")
    expect(log(staff).locator(".entry.visitor").last).to_contain_text("When could we come?")
    assert fits(visitor)


def the_bot_stays_silent(staff: Page, visitor: Page) -> None:
    before = said(visitor).count()
    for text in ("What is apheresis?", "/restart", "I want to enroll", "cancel my request"):
        ask(visitor, text)
        # What the bot had said would have come with this.
        expect(visitor.locator(".asked").last.locator(".state")).to_have_text("Sent")
    reply(staff, "One moment, please.")
    expect(last(visitor)).to_have_text("One moment, please.")
    expect(said(visitor)).to_have_count(before + 1)


def an_emergency_is_answered_once_and_flagged(staff: Page, visitor: Page) -> None:
    urgent = visitor.locator(".reply.urgent")
    ask(visitor, "she cannot breathe")
    expect(urgent).to_have_count(1)
    expect(urgent.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")
    expect(staff.locator("#standing")).to_contain_text("Urgent")
    alerts = staff.get_by_role("region", name="Alerts")
    expect(alerts).to_contain_text("Emergency")
    ask(visitor, "she still cannot breathe")
    reply(staff, "Please call 112 now.")
    expect(last(visitor)).to_have_text("Please call 112 now.")
    expect(urgent).to_have_count(1)
    # One line a conversation and kind, however often it was said.
    seen = alerts.get_by_role("button", name="Seen")
    expect(seen).to_have_count(1)
    seen.click()
    expect(alerts).to_be_hidden()


def goes_away_and_finds_the_reply(staff: Page, visitor: Page, home: BrowserContext, opened: Open) -> Page:
    visitor.close()
    sent = reply(staff, "The doctor is with you? Good.")
    expect(sent).to_contain_text("Sent")
    visitor = come(home, opened)
    expect(last(visitor)).to_have_text("The doctor is with you? Good.")
    expect(asked(visitor).filter(has_text="When could we come?")).to_have_count(1)
    expect(sent).to_contain_text("Delivered")
    return visitor


def ends_with_a_rating(staff: Page, visitor: Page) -> None:
    staff.locator("summary", has_text="Resolve").click()
    staff.get_by_label("Outcome").select_option("Question answered")
    staff.get_by_role("button", name="Resolve now").click()
    expect(last(visitor)).to_contain_text("Anna has closed this conversation")
    visitor.get_by_role("group", name="How did we do?").get_by_role("button", name="4 of 5").click()
    expect(last(visitor)).to_have_text("Thank you for telling us.")
    expect(visitor.locator(".standing")).to_be_hidden()
    expect(staff.locator("#standing")).to_contain_text("Rated 4 of 5")
    expect(staff.get_by_label("Reply to the visitor")).to_be_hidden()


# ------------------------------------------------------------------------------------------------ the short way


@pytest.mark.parametrize("home", [PHONE], ids=["phone"], indirect=True)
def test_a_person_is_asked_for_in_one_step_and_cancelled_after_a_yes(visitor: Page, staff: Page) -> None:
    waiting = staff.get_by_role("link", name=re.compile("^A person #"))
    before = waiting.count()
    ask(visitor, "a human please")
    choose(visitor, "Yes, I agree")
    expect(last(visitor)).to_contain_text("Your request is with our staff now")
    expect(waiting).to_have_count(before + 1)
    ask(visitor, "I want to talk to a person")
    expect(last(visitor)).to_contain_text("Your request is with our staff already")
    ask(visitor, "cancel my request")
    choose(visitor, "Yes, cancel my request")
    expect(last(visitor)).to_contain_text("Your request is cancelled")
    expect(waiting).to_have_count(before)
    expect(visitor.locator(".standing")).to_be_hidden()
    assert fits(visitor)
