"""One vocabulary: each word of the glossary is used in the code, and the words that it replaced are gone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
GLOSSARY = [
    word.strip()
    for row in re.findall(r"^\| (.+?) \| .* \|$", ARCHITECTURE.split("\n## Words\n")[1], re.MULTILINE)[1:]
    for word in row.split(",")
]
CODE = [file for folder in ("bot", "actions") for file in sorted((ROOT / folder).rglob("*.py"))]
TEXTS = [*CODE, *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
# What it was called, and what it is called.
GONE = {
    r"nearness": "similarity",
    r"verdicts?": "decision",
    r"doors?": "middleware, channel or gate",
    r"class (?:Guard|Buckets|Places)": "RateLimiter, TokenBucket, ConcurrencyLimit",
}
# Files that have other names, and other rooms, now.
MODULES_GONE = {
    "actions": {"desk", "details"},
    "bot/channels": {"speaking", "meaning", "said", "app"},
    "bot/console": {"door", "app", "server", "security"},
    "bot/handoff": {
        "arrivals",
        "canned",
        "feed",
        "folder",
        "live",
        "notices",
        "past",
        "presence",
        "store",
        "telling",
        "unread",
    },
    "bot/nlu/understanding": {"context", "parts", "readings", "verdict"},
    "bot/widget": {"bounds", "places"},
}


def spoken(word: str) -> re.Pattern[str]:
    """The word as it is written in sentences and in names, one or many of it."""
    *before, last = word.split()
    plural = rf"(?:{last[:-1]}(?:y|ies)|{last}s?)" if last.endswith("y") else f"{last}(?:e?s)?"
    words = r"[ _]?".join([*before, plural])
    return re.compile(rf"(?<![a-z]){words}(?![a-z])|{words.title().replace(' ', '')}", re.IGNORECASE)


@pytest.mark.parametrize("word", GLOSSARY)
def test_a_word_of_the_glossary_is_used_in_the_code(word: str) -> None:
    assert any(spoken(word).search(file.read_text(encoding="utf-8")) for file in CODE)


@pytest.mark.parametrize("old", GONE)
def test_a_word_that_was_replaced_is_gone(old: str) -> None:
    assert list(_users(re.compile(rf"\b(?:{old})\b"))) == []


def _users(pattern: re.Pattern[str]) -> Iterator[str]:
    for file in TEXTS:
        if file != Path(__file__) and pattern.search(file.read_text(encoding="utf-8")):
            yield str(file.relative_to(ROOT))


@pytest.mark.parametrize("room", MODULES_GONE)
def test_no_file_has_an_old_name(room: str) -> None:
    assert {file.stem for file in (ROOT / room).iterdir()} & MODULES_GONE[room] == set()
