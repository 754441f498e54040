"""Which answers rest on which section of the source documents."""

from collections.abc import Iterator, Mapping
from textwrap import wrap

from bot.content.catalogue import SOURCES_FILE
from bot.content.problem import Problem
from bot.content.reader import Content

WIDTH = 110
INDENT = " " * 6


def answers_by_section(content: Content) -> dict[str, list[str]]:
    """Names of the answers that cite each section, by the section's id."""
    return {
        identifier: [draft.name for draft in content.answers if identifier in draft.names("sources")]
        for identifier in content.sources
    }


def uncovered(content: Content, coverage: Mapping[str, list[str]]) -> Iterator[Problem]:
    """Sections that no answer cites."""
    for identifier, names in coverage.items():
        if not names:
            section = content.sources[identifier].section
            yield Problem(
                SOURCES_FILE,
                identifier,
                f'no answer cites "{section}". Write one, or cite it where it is used.',
            )


def coverage_table(content: Content, coverage: Mapping[str, list[str]]) -> str:
    """Each document with its sections, how many answers cite each, and their names."""
    lines = []
    document = ""
    for identifier, names in coverage.items():
        source = content.sources[identifier]
        if source.document != document:
            document = source.document
            lines += ["", document]
        lines.append(f"{len(names):4}  {source.section} ({identifier})")
        lines += wrap(", ".join(names) or "NO ANSWER", WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
    return "\n".join(lines).strip("\n")
