"""One page of the guide as HTML: the editors' words, put into templates that have none of their own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.content.catalogue import ContentError, Explanation, Source
from bot.content.pages import PICTURES_FOLDER, Page

FOLDER = Path(__file__).parent / "templates"
# In an emergency somebody presses the number instead of typing it.
EMERGENCY_NUMBERS = re.compile(r"\b(112|911|120)\b")


@dataclass(frozen=True)
class Frame:
    """What stands around every page.

    Attributes:
        words: of every page, by key (data/pages/every_page.yml).
        cannot_wait: what cannot wait.
        notice: what all of this is, and is not.
        pages: all of them, for the links from one to the others.
        sources: by id.
        explanations: the glossary.
    """

    words: Mapping[str, str]
    cannot_wait: str
    notice: str
    pages: Sequence[Page]
    sources: Mapping[str, Source]
    explanations: Sequence[Explanation]

    @property
    def glossary(self) -> list[Explanation]:
        """The explanations from A to Z."""
        return sorted(self.explanations, key=lambda explanation: explanation.term.casefold())


@dataclass
class Marks:
    """Numbers the sources of a page in the order in which the reader meets them."""

    known: Mapping[str, Source]
    cited: list[Source] = field(default_factory=list)

    def of(self, sources: Sequence[str | Source]) -> list[int]:
        """The numbers of some sources, by their ids or themselves.

        Raises:
            ContentError: there is no such source.
        """
        numbers = []
        for each in sources:
            source = self.known.get(each) if isinstance(each, str) else each
            if source is None:
                raise ContentError(f"unknown source {each}.")
            if source not in self.cited:
                self.cited.append(source)
            numbers.append(self.cited.index(source) + 1)
        return sorted(numbers)


def html(page: Page, frame: Frame) -> str:
    """The whole page.

    Raises:
        ContentError: it names a source or a picture that does not exist.
    """
    # Sections of one kind that follow each other are drawn together.
    parts = [(kind, list(sections)) for kind, sections in groupby(page.sections, key=lambda section: section.kind)]
    words = {"page": page, "parts": parts, "frame": frame, "marks": Marks(frame.sources)}
    try:
        return _environment().get_template("page.html").render(words)
    except ContentError as error:
        raise ContentError(f"{page.file}: {error}") from error


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(whole=_whole, callable=_callable, picture=_picture)
    return environment


def _whole(text: str) -> Markup:
    """A text in which "CAR-T" is never broken at its hyphen."""
    return Markup(str(escape(text)).replace("CAR-T", '<span class="whole">CAR-T</span>'))  # noqa: S704 - escaped


def _callable(text: str) -> Markup:
    """Emergency numbers as links that call them."""
    return Markup(EMERGENCY_NUMBERS.sub(r'<a href="tel:\1">\1</a>', str(escape(text))))  # noqa: S704 - escaped


def _picture(name: str) -> Markup:
    """A drawing, to stand within the page: it takes the colour of the words around it."""
    file = PICTURES_FOLDER / f"{name}.svg"
    try:
        return Markup(file.read_text("utf-8"))  # noqa: S704 - a file of the project
    except OSError as error:
        raise ContentError(f"there is no picture {file}.") from error
