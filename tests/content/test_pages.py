"""The guide's pages: every check finds what it is there for, and what is no page is named."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest

from bot.content import guide
from bot.content.catalogue import ContentError
from bot.content.check import find_problems
from bot.content.problem import Problem
from bot.content.reader import Content, read_content
from tests.content import project
from tests.content.project import Change, Files, item, metadata, page, section

Check = Callable[[Content], Iterator[Problem]]
ROW_OF_FEVER = {"what": "Fever.", "do": "Rest.", "signs": "Tell the care team at once."}


def copied(content: Files) -> None:
    content["data/pages/other.yml"] = deepcopy(content[project.PAGE])


CASES: list[tuple[Check, Change, str]] = [
    (
        guide.pages_name_known_sources,
        item("notes", sources=None),
        "cells.yml: Know: no `sources` at 'It is cold there.'",
    ),
    (guide.pages_name_known_sources, item("steps", sources=["thrid"]), "cells.yml: In the lab: unknown source thrid."),
    (
        guide.page_review_dates_are_text,
        page(lambda given: given.update(reviewed="24.11.2026")),
        "write the day in quotes",
    ),
    (guide.page_review_dates_are_text, page(lambda given: given.update(reviewed=date(2026, 11, 24))), "in quotes"),
    (
        guide.page_titles_fit_a_link,
        page(lambda given: given.update(title="a" * 76)),
        "it has 76 characters, at most 75",
    ),
    (guide.page_titles_fit_a_link, copied, "other.yml: title: cells has the same title"),
    (guide.pages_keep_the_safety_rules, item("notes", text="It is a miracle."), 'Know: "miracle": a promise'),
    (guide.pages_keep_the_safety_rules, section("checklist", text="We guarantee it."), 'Ask: "guarantee": a promise'),
    # Another row's "at once" does not count.
    (guide.pages_keep_the_safety_rules, item("table", signs="bleeding", do="Rest."), 'Cold: "bleeding": a dangerous'),
    (guide.pages_keep_the_safety_rules, page(lambda given: given.update(lead="It costs 5 euros.")), "lead: "),
    (guide.page_figures_come_from_the_documents, item("table", signs=["ice", "7 hours"]), 'Cold: the figure "7"'),
    (guide.page_figures_come_from_the_documents, item("fields", text="My two weeks"), 'the figure "two weeks"'),
    (guide.the_action_comes_first_on_pages, item("table", **ROW_OF_FEVER), 'Cold: "Fever": begin with'),
    (guide.the_action_comes_first_on_pages, item("notes", text="Fever. Tell the team."), 'Know: "Fever": begin with'),
    (
        guide.pages_say_what_cannot_wait,
        section("notes", text="Tell the care team at once about fever."),
        "cells: add `cannot_wait: true`",
    ),
    (
        guide.pages_say_what_cannot_wait,
        page(lambda given: given.update(sections=[{"kind": "words", "title": "Words"}])),
        "cells: add `cannot_wait: true`",
    ),
    (
        guide.pages_are_plain,
        item("notes", text="Immunological considerations necessitate individualised organisational preparation."),
        "Know: reading grade",
    ),
    (guide.pictures_exist, item("steps", picture="dorp"), "no picture dorp in data/pages/pictures. There are: drop."),
    (guide.answers_and_pages_lead_to_each_other, metadata(page="cels"), "faq/collecting: unknown page cels."),
    (guide.answers_and_pages_lead_to_each_other, metadata(page=None), "cells.yml: cells: no answer leads here"),
]

NO_PAGES: list[tuple[Change, str]] = [
    (page(lambda given: given.pop("lead")), "cells.yml: `lead` is missing."),
    (page(lambda given: given.update(titel="x")), "cells.yml: the page: `titel` means nothing."),
    (section("notes", kind="note"), "cells.yml: Know: `kind` must be one of steps, table"),
    (section("notes", titel="x"), "cells.yml: Know: `titel` means nothing."),
    (section("notes", title=None), "cells.yml: a section has no `title`."),
    (section("notes", items=[]), "cells.yml: Know: `items` are missing"),
    (section("notes", items="x"), "cells.yml: Know: items: expected a list"),
    (section("table", columns=None), "cells.yml: What can happen: a table needs `columns`"),
    (item("table", signs=None), "cells.yml: What can happen: `signs` is missing in an item."),
    (item("notes", txt="x"), "cells.yml: Know: `txt` means nothing."),
    (item("notes", sources="first"), "cells.yml: Know: sources: expected a list"),
]


def test_a_correct_page_has_no_problem(tmp_path: Path) -> None:
    assert find_problems(read_content(project.write(tmp_path))) == []


@pytest.mark.parametrize(("check", "change", "message"), CASES)
def test_a_check_of_pages_says_what_is_wrong(tmp_path: Path, check: Check, change: Change, message: str) -> None:
    found = [str(problem) for problem in check(read_content(project.write(tmp_path, change)))]
    assert any(message in line for line in found), found


@pytest.mark.parametrize(("change", "message"), NO_PAGES)
def test_what_is_no_page_is_named(tmp_path: Path, change: Change, message: str) -> None:
    with pytest.raises(ContentError) as error:
        read_content(project.write(tmp_path, change))
    assert message in str(error.value)


def test_danger_after_its_action_passes(tmp_path: Path) -> None:
    told = section("notes", text="Tell the care team at once about fever.")
    first = page(lambda given: given.update(cannot_wait=True))
    assert find_problems(read_content(project.write(tmp_path, told, first))) == []


def test_every_check_of_pages_is_proven_here() -> None:
    assert {check for check, _, _ in CASES} == set(guide.CHECKS)
