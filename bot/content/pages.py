"""The pages of the guide as the editors wrote them (data/pages): things that people would rather look at than read.

A page has sections, each of one kind; their items name the sections of the documents that they rest on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content.catalogue import ContentError, read_yaml

PAGES_FOLDER = Path("data/pages")
EVERY_PAGE_FILE = PAGES_FOLDER / "every_page.yml"
PICTURES_FOLDER = PAGES_FOLDER / "pictures"
GUIDE = "/guide"
STEPS, TABLE, CHECKLIST, NOTES, FIELDS, WORDS = "steps", "table", "checklist", "notes", "fields", "words"
# What an item of each kind says besides its sources; a table's items say what its columns are called.
SAYS: dict[str, tuple[str, ...]] = {
    STEPS: ("name", "picture", "text"),
    TABLE: ("name", "what"),
    CHECKLIST: ("text",),
    NOTES: ("text",),
    FIELDS: ("text",),
    WORDS: (),
}
PAGE_KEYS = {"title", "lead", "reviewed", "cannot_wait", "sections"}
SECTION_KEYS = {"kind", "title", "text", "room", "columns", "items"}

Words = str | tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """A step, a row, a line of a list.

    Attributes:
        says: its words by key; several where the editor wrote a list.
        sources: ids of the sections that it rests on, as the editor wrote them.
    """

    says: Mapping[str, Words]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A part of a page under a heading.

    Attributes:
        kind: ``steps``, ``table``, ``checklist``, ``notes``, ``fields`` (lines to fill in) or ``words`` (the glossary).
        text: leads to the items; may be empty.
        room: whether there is room to write below each item, when it is printed.
        columns: of a table: the heading of each key, in order.
    """

    kind: str
    title: str
    text: str
    room: bool
    columns: Mapping[str, str]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Page:
    """One page of the guide.

    Attributes:
        name: of its file, without the ending; answers name it as their ``page``.
        reviewed: ISO date of the last comparison with the sources, as the editor wrote it.
        cannot_wait: whether what cannot wait stands at its top.
    """

    name: str
    file: Path
    title: str
    lead: str
    reviewed: Any
    cannot_wait: bool
    sections: tuple[Section, ...]

    @property
    def path(self) -> str:
        """Where the website serves it."""
        return f"{GUIDE}/{self.name.replace('_', '-')}"

    @property
    def link(self) -> dict[str, str]:
        """As a reply's metadata carries it."""
        return {"path": self.path, "title": self.title}


@dataclass(frozen=True)
class Passage:
    """What is read in one go: a section, or a row of a table.

    Attributes:
        name: to find it by.
        opening: what is read first.
        text: all of it, in paragraphs.
    """

    name: str
    opening: str
    text: str


def read_pages(root: Path = Path()) -> list[Page]:
    """The pages of the project in ``root``, by name.

    Raises:
        ContentError: a file is not a page.
    """
    files = sorted((root / PAGES_FOLDER).glob("*.yml"))
    return [_page(root, file.relative_to(root)) for file in files if file.name != EVERY_PAGE_FILE.name]


def passages(page: Page) -> Iterator[Passage]:
    """What the content checks read, piece by piece."""
    yield Passage("lead", page.lead, f"{page.title}\n\n{page.lead}")
    for section in page.sections:
        if section.kind == TABLE:
            yield from (_row(section, item) for item in section.items)
        elif section.kind != WORDS:
            told = [section.text, *("\n\n".join(_texts(item)) for item in section.items)]
            told = [text for text in told if text]
            yield Passage(section.title, told[0], "\n\n".join([section.title, *told]))


def _row(section: Section, item: Item) -> Passage:
    first = next((key for key in section.columns if key != "name"), "name")
    return Passage(str(item.says["name"]), _text(item.says[first]), "\n\n".join(_texts(item)))


def _texts(item: Item) -> list[str]:
    return [_text(words) for key, words in item.says.items() if key != "picture"]


def _text(words: Words) -> str:
    return words if isinstance(words, str) else "\n\n".join(words)


def _page(root: Path, file: Path) -> Page:
    given = _mapping(file, "the page", read_yaml(root / file))
    _refuse_unknown(file, "the page", given, PAGE_KEYS)
    for key in ("title", "lead", "reviewed", "sections"):
        if not given.get(key):
            raise ContentError(f"{file}: `{key}` is missing.")
    sections = tuple(_section(file, section) for section in _list(file, "sections", given["sections"]))
    return Page(
        name=file.stem,
        file=file,
        title=str(given["title"]).strip(),
        lead=str(given["lead"]).strip(),
        reviewed=given["reviewed"],
        cannot_wait=given.get("cannot_wait") is True,
        sections=sections,
    )


def _section(file: Path, given: Any) -> Section:
    given = _mapping(file, "a section", given)
    title, kind = str(given.get("title") or "").strip(), given.get("kind")
    if not title:
        raise ContentError(f"{file}: a section has no `title`.")
    if kind not in SAYS:
        raise ContentError(f"{file}: {title}: `kind` must be one of {', '.join(SAYS)}.")
    _refuse_unknown(file, title, given, SECTION_KEYS)
    columns = _mapping(file, f"{title}: columns", given.get("columns") or {})
    if (kind == TABLE) != ("name" in columns):
        raise ContentError(f"{file}: {title}: a table needs `columns`, `name` among them; nothing else has any.")
    items = _list(file, f"{title}: items", given.get("items") or [])
    if bool(items) == (kind == WORDS):
        raise ContentError(f"{file}: {title}: `items` are missing, or not wanted (`words` takes them elsewhere).")
    keys = dict.fromkeys([*SAYS[kind], *columns])
    return Section(
        kind=kind,
        title=title,
        text=str(given.get("text") or "").strip(),
        room=given.get("room") is True,
        columns={key: str(heading) for key, heading in columns.items()},
        items=tuple(_item(file, title, item, tuple(keys)) for item in items),
    )


def _item(file: Path, title: str, given: Any, keys: tuple[str, ...]) -> Item:
    given = _mapping(file, f"{title}: an item", given)
    _refuse_unknown(file, title, given, {*keys, "sources"})
    says = {key: _words(given.get(key)) for key in keys}
    if missing := [key for key, words in says.items() if not words]:
        raise ContentError(f"{file}: {title}: `{missing[0]}` is missing in an item.")
    sources = _list(file, f"{title}: sources", given.get("sources") or [])
    return Item(says, tuple(map(str, sources)))


def _words(given: Any) -> Words:
    if isinstance(given, list):
        return tuple(str(each).strip() for each in given)
    return str(given or "").strip()


def _mapping(file: Path, what: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise ContentError(f"{file}: {what}: expected keys with values.")
    return given


def _list(file: Path, what: str, given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise ContentError(f'{file}: {what}: expected a list, lines that begin with "- ".')
    return given


def _refuse_unknown(file: Path, what: str, given: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(given) - known):
        raise ContentError(f"{file}: {what}: `{unknown[0]}` means nothing. Known keys: {', '.join(sorted(known))}.")
