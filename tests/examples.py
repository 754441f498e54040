"""The shipped English examples, for tests that need real messages."""

from pathlib import Path

from bot.content.reader import read_content

ROOT = Path(__file__).parents[1]


def english_examples() -> list[str]:
    """All of them, without what begins their lines."""
    return [line.removeprefix("- ") for given in read_content(ROOT).questions for line in given.lines]
