"""The guide's pages in a real browser: found from an answer, for everybody, on a phone and on paper."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bot.content.pages import read_pages
from tests.e2e.chat import ANSWER, QUESTION, ask, said
from tests.website import Website

pytestmark = pytest.mark.e2e

PAGES = read_pages()
PHONE: ViewportSize = {"width": 320, "height": 568}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
# On a phone the pages are laid out otherwise; their colours are the same.
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "forced colours": {"viewport": DESKTOP, "forced_colors": "active"},
    "a phone": {"viewport": PHONE},
}
# A4 with the margins of the style sheet, in CSS pixels.
SHEET: ViewportSize = {"width": 688, "height": 1017}


def test_an_answer_opens_its_page_in_a_new_tab(page: Page, website: Website) -> None:
    website.rasa.replies[QUESTION] = [ANSWER]
    page.goto(website.url)
    ask(page, QUESTION)
    link = page.get_by_role("link", name="Side effects of CAR-T in one table (opens in a new tab)")
    with page.expect_popup() as opened:
        link.click()
    guide = opened.value
    expect(guide).to_have_url(f"{website.url}/guide/side-effects")
    expect(guide.get_by_role("table")).to_be_visible()
    # The conversation is still there.
    expect(said(page)).to_have_count(1)


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(browser: Browser, website: Website, look: str) -> None:
    context = browser.new_context(reduced_motion="reduce", **LOOKS[look])
    page = context.new_page()
    for guide in PAGES:
        page.goto(website.url + guide.path)
        results = Axe().run(page)
        assert results.violations_count == 0, f"{guide.name}: {results.generate_report()}"
    context.close()


@pytest.mark.parametrize("width", [1280, 960, 640, 320])
def test_nothing_scrolls_sideways(page: Page, website: Website, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 600})
    for guide in PAGES:
        page.goto(website.url + guide.path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, guide.name


def test_on_a_phone_each_row_of_the_table_is_a_card_that_says_first_what_to_do(
    browser: Browser, website: Website
) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{website.url}/guide/side-effects")
    # For a screen reader it stays a table.
    row = page.get_by_role("table").get_by_role("row").nth(1)
    name, action, signs = row.get_by_role("rowheader"), row.get_by_role("cell").nth(0), row.get_by_role("cell").nth(1)
    expect(action).to_contain_text("at once")
    expect(action.locator(".label")).to_be_visible()
    places = [part.evaluate("part => part.getBoundingClientRect().toJSON()") for part in (name, action, signs)]
    assert places[0]["top"] < places[1]["top"] < places[2]["top"]
    assert {place["left"] for place in places} == {places[0]["left"]}
    context.close()


def test_the_drawing_is_made_of_real_words_in_their_order(page: Page, website: Website) -> None:
    page.goto(f"{website.url}/guide/steps")
    [steps] = [guide for guide in PAGES if guide.name == "steps"]
    names = [str(item.says["name"]) for section in steps.sections for item in section.items if "picture" in item.says]
    expect(page.get_by_role("heading", level=3)).to_have_text(names)
    expect(page.locator(".step svg")).to_have_count(len(names))
    expect(page.get_by_role("listitem").filter(has=page.get_by_role("heading", level=3))).to_have_count(len(names))


def test_a_box_is_ticked_by_its_words_and_by_keyboard(page: Page, website: Website) -> None:
    page.goto(f"{website.url}/guide/questions")
    box = page.get_by_role("checkbox", name="Do I need a caregiver?")
    page.get_by_text("Do I need a caregiver?").click()
    expect(box).to_be_checked()
    box.press("Space")
    expect(box).not_to_be_checked()


def test_on_paper_there_is_room_to_write_and_nothing_to_press(page: Page, website: Website) -> None:
    page.goto(f"{website.url}/guide/questions")
    button = page.get_by_role("button", name="Print this page")
    expect(button).to_be_visible()
    page.set_viewport_size(SHEET)
    page.emulate_media(media="print")
    for part in (button, page.get_by_role("navigation"), page.locator("car-t-assistant")):
        expect(part).to_be_hidden()
    expect(page.get_by_role("checkbox").first).to_be_visible()
    expect(page.locator("#sources")).to_be_visible()
    question = page.locator(".checklist li").first
    assert question.evaluate("element => parseFloat(getComputedStyle(element).paddingBottom)") >= 20


@pytest.mark.parametrize("guide", PAGES, ids=lambda guide: guide.name)
def test_on_paper_a_page_has_its_table_and_drawing_and_black_words(page: Page, website: Website, guide: Any) -> None:
    page.goto(website.url + guide.path)
    page.set_viewport_size(SHEET)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= SHEET["width"]
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    if guide.name == "side_effects":
        assert page.locator("thead th").first.is_visible()
        assert page.locator("tbody tr").first.evaluate("row => getComputedStyle(row).display") == "table-row"
    assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")


def test_the_button_prints(page: Page, website: Website) -> None:
    page.add_init_script("window.print = () => { window.printed = true; }")
    page.goto(f"{website.url}/guide/going-home")
    page.get_by_role("button", name="Print this page").click()
    assert page.evaluate("window.printed")
