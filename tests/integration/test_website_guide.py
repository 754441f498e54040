"""The guide's pages over real HTTP: everything that the editors wrote is on them, and nothing of it becomes markup."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from bot.content.catalogue import ContentError, read_explanations, read_sources, read_yaml
from bot.content.pages import EVERY_PAGE_FILE, FIELDS, Page, read_pages
from bot.content.reader import DOMAIN_FILE
from bot.database.migrations import upgrade
from bot.guide.page import html
from bot.guide.routes import read_frame
from tests.content import project
from tests.content.project import Change, item
from tests.website import a_website

PAGES = read_pages()


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    url = f"sqlite:///{tmp_path_factory.mktemp('guide')}/website.db"
    upgrade(url)
    with a_website(url) as website, httpx.Client(base_url=website.url, trust_env=False) as client:
        yield client


class _Words(HTMLParser):
    """The words of a page, with single spaces."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._found: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self._found.append(data)

    def __str__(self) -> str:
        return " ".join("".join(self._found).split())


def written(page: Page) -> Iterator[str]:
    """Everything on the page that a visitor reads."""
    yield from (page.title, page.lead, str(page.reviewed))
    for section in page.sections:
        yield from (section.title, section.text, *section.columns.values())
        for given in section.items:
            for key, words in given.says.items():
                if key != "picture":
                    yield from ([words] if isinstance(words, str) else words)


def test_there_are_pages_for_what_people_would_rather_look_at() -> None:
    assert {page.path for page in PAGES} == {
        "/guide/steps",
        "/guide/side-effects",
        "/guide/questions",
        "/guide/going-home",
        "/guide/words",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_everything_that_its_file_says(website: httpx.Client, page: Page) -> None:
    response = website.get(page.path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    words = str(_Words(response.text))
    assert [text for text in written(page) if text not in words] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_its_sources_when_it_was_checked_and_whom_to_call(website: httpx.Client, page: Page) -> None:
    text = website.get(page.path).text
    words = str(_Words(text))
    sources = read_sources()
    named = [sources[name] for section in page.sections for given in section.items for name in given.sources]
    if page.name == "words":
        named = [source for explanation in read_explanations() for source in explanation.sources]
    assert [source for source in named if f"{source.document}, “{source.section}”" not in words] == []
    every, replies = read_yaml(EVERY_PAGE_FILE), read_yaml(DOMAIN_FILE)["responses"]
    assert f"{every['checked']} {page.reviewed}" in words
    assert every["origin"] in words
    for reply in ("utter_cannot_wait", "utter_notice"):
        assert replies[reply][0]["text"].strip() in words
    # Each number leads to its source, and each source has a number that leads to it.
    led_to = set(re.findall(r'href="#source-(\d+)"', text))
    assert led_to == set(re.findall(r'id="source-(\d+)"', text))
    assert led_to
    assert 'href="tel:112"' in text


def test_the_glossary_explains_every_word_that_the_assistant_explains(website: httpx.Client) -> None:
    words = str(_Words(website.get("/guide/words").text))
    missing = [each.term for each in read_explanations() if each.term not in words or each.text not in words]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_strict_headers_and_loads_nothing_from_elsewhere(website: httpx.Client, page: Page) -> None:
    response = website.get(page.path)
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in response.headers
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", response.text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", response.text)


def test_every_address_on_a_page_is_served(website: httpx.Client) -> None:
    addresses = {
        address for page in PAGES for address in re.findall(r'(?:src|href)="(/[^"]*)"', website.get(page.path).text)
    }
    assert {page.path for page in PAGES} < addresses
    assert {address: website.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def test_a_page_is_sent_again_only_when_it_has_changed(website: httpx.Client) -> None:
    tag = website.get("/guide/steps").headers["ETag"]
    assert website.get("/guide/steps", headers={"If-None-Match": tag}).status_code == 304
    assert website.get("/guide/nothing").status_code == 404


def made(root: Path, *changes: Change) -> str:
    """The page of the small project, as HTML."""
    [page] = read_pages(project.write(root, *changes))
    frame = read_frame()
    sources = read_sources(root / project.SOURCES)
    return html(page, type(frame)(frame.words, frame.cannot_wait, frame.notice, [page], sources, []))


MARKUP = "<script>alert('\"&')</script>"


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("steps", "text"),
        ("steps", "name"),
        ("table", "do"),
        ("table", "what"),
        ("checklist", "text"),
        ("notes", "text"),
    ],
)
def test_what_an_editor_writes_never_becomes_markup(tmp_path: Path, kind: str, key: str) -> None:
    page = made(tmp_path, item("steps", picture="collect"), item(kind, **{key: MARKUP}))
    assert "<script>alert" not in page
    assert MARKUP in str(_Words(page))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (item("notes", sources=["thrid"]), "data/pages/cells.yml: unknown source thrid."),
        (item("steps", picture="dorp"), "there is no picture data/pages/pictures/dorp.svg"),
    ],
)
def test_a_page_that_cannot_be_made_is_named(tmp_path: Path, change: Change, message: str) -> None:
    with pytest.raises(ContentError, match=re.escape(message)):
        made(tmp_path, item("steps", picture="collect"), change)


def test_lines_to_fill_in_ask_for_no_words_on_the_screen(website: httpx.Client) -> None:
    assert any(section.kind == FIELDS for page in PAGES for section in page.sections)
    inputs = [tag for page in PAGES for tag in re.findall(r"<(?:input|textarea)[^>]*>", website.get(page.path).text)]
    assert set(inputs) == {'<input type="checkbox" autocomplete="off">'}
