"""Checks of the pages in data/pages: the same care as for answers, and every link leads somewhere."""

import re
from collections.abc import Iterator

from bot.content.pages import FIELDS, PICTURES_FOLDER, WORDS, passages
from bot.content.problem import Problem
from bot.content.readability import reading_grade
from bot.content.reader import Content
from bot.content.safety import ACT_FIRST, TOLD, broken_rules, unknown_figures
from bot.content.structure import CANNOT_WAIT, LONGEST_TITLE, PAGE, is_iso_date
from bot.content.wording import HIGHEST_GRADE


def pages_name_known_sources(content: Content) -> Iterator[Problem]:
    """Every item rests on sections of data/nlu/sources.yml; only lines to fill in do not."""
    for page in content.pages:
        for section in page.sections:
            for item in section.items:
                if not item.sources and section.kind != FIELDS:
                    yield Problem(page.file, section.title, f"no `sources` at {next(iter(item.says.values()))!r}.")
                for unknown in sorted(set(item.sources) - set(content.sources)):
                    yield Problem(
                        page.file, section.title, f"unknown source {unknown}. data/nlu/sources.yml lists them."
                    )


def page_review_dates_are_text(content: Content) -> Iterator[Problem]:
    """Visitors read when somebody last compared the page with the documents."""
    for page in content.pages:
        if not is_iso_date(page.reviewed):
            yield Problem(
                page.file,
                "reviewed",
                f'write the day in quotes, year first: reviewed: "2026-11-21" (not {page.reviewed}).',
            )


def page_titles_fit_a_link(content: Content) -> Iterator[Problem]:
    """A title is what the link below an answer says: short, and no other page's."""
    bearers: dict[str, str] = {}
    for page in content.pages:
        if len(page.title) > LONGEST_TITLE:
            yield Problem(
                page.file, "title", f"it has {len(page.title)} characters, at most {LONGEST_TITLE}. Shorten it."
            )
        other = bearers.setdefault(page.title.casefold(), page.name)
        if other != page.name:
            yield Problem(page.file, "title", f"{other} has the same title. Change one of them.")


def pages_keep_the_safety_rules(content: Content) -> Iterator[Problem]:
    """What is never said, or not alone: in a section, or in a row of a table."""
    for page in content.pages:
        for passage in passages(page):
            for advice in broken_rules(" ".join(passage.text.split())):
                yield Problem(page.file, passage.name, advice)


def page_figures_come_from_the_documents(content: Content) -> Iterator[Problem]:
    """No figure that data/nlu/glossary.yml does not list."""
    for page in content.pages:
        for passage in passages(page):
            for advice in unknown_figures(passage.text, content.figures):
                yield Problem(page.file, passage.name, advice)


def the_action_comes_first_on_pages(content: Content) -> Iterator[Problem]:
    """Somebody who looks up a fever may have one: what to do is read before anything else."""
    for page in content.pages:
        for passage in passages(page):
            found = re.search(ACT_FIRST, passage.text, re.IGNORECASE)
            if found and not re.search(TOLD, passage.opening, re.IGNORECASE):
                yield Problem(
                    page.file,
                    passage.name,
                    f'"{found.group()}": begin with "tell the care team at once" (the text of the section, or the '
                    "first column after the name).",
                )


def pages_say_what_cannot_wait(content: Content) -> Iterator[Problem]:
    """It ends every page; where dangerous signs are named, as in the glossary, it comes first."""
    for page in content.pages:
        named = any(re.search(ACT_FIRST, passage.text, re.IGNORECASE) for passage in passages(page))
        if (named or any(section.kind == WORDS for section in page.sections)) and not page.cannot_wait:
            yield Problem(page.file, page.name, f"add `{CANNOT_WAIT}: true` below `reviewed`.")


def pages_are_plain(content: Content) -> Iterator[Problem]:
    """The same reading grade as for answers, section by section."""
    for page in content.pages:
        for passage in passages(page):
            if (grade := reading_grade(passage.text, content.terms)) > HIGHEST_GRADE:
                yield Problem(
                    page.file,
                    passage.name,
                    f"reading grade {grade:.1f}, at most {HIGHEST_GRADE:.0f}. Use shorter sentences and plainer words.",
                )


def pictures_exist(content: Content) -> Iterator[Problem]:
    """A step is drawn by a file of data/pages/pictures."""
    for page in content.pages:
        for section in page.sections:
            for item in section.items:
                picture = item.says.get("picture")
                if picture and picture not in content.pictures:
                    known = ", ".join(sorted(content.pictures))
                    yield Problem(
                        page.file, section.title, f"no picture {picture} in {PICTURES_FOLDER}. There are: {known}."
                    )


def answers_and_pages_lead_to_each_other(content: Content) -> Iterator[Problem]:
    """An answer's page exists, and every page is found from an answer."""
    pages = {page.name: page for page in content.pages}
    named = set()
    for draft in content.answers:
        name = draft.metadata.get(PAGE)
        named.add(name)
        if name is not None and name not in pages:
            yield Problem(draft.file, draft.intent, f"unknown page {name}. There are: {', '.join(pages)}.")
    for name, page in pages.items():
        if name not in named:
            yield Problem(page.file, name, f"no answer leads here. Add `{PAGE}: {name}` to an answer's `metadata`.")


CHECKS = (
    pages_name_known_sources,
    page_review_dates_are_text,
    page_titles_fit_a_link,
    pages_keep_the_safety_rules,
    page_figures_come_from_the_documents,
    the_action_comes_first_on_pages,
    pages_say_what_cannot_wait,
    pages_are_plain,
    pictures_exist,
    answers_and_pages_lead_to_each_other,
)
