"""How a reply fits into a messaging app, and what a number means there."""

from datetime import datetime, timezone

import pytest

from bot.channels.outgoing import choices, chosen, mark, numbered, split, with_addresses
from bot.conversation.transcript import Line, Speaker

NOW = datetime(2026, 3, 4, tzinfo=timezone.utc)
HINT = "Reply with a number:"


def offered(*titles: str) -> list[dict[str, str]]:
    return [{"title": title, "payload": f"{title}!"} for title in titles]


def line(speaker: Speaker, *titles: str, reply_id: int | None = None) -> Line:
    return Line(1, NOW, speaker, "words", reply_id=reply_id, buttons=offered(*titles))


def test_a_short_text_is_one_part() -> None:
    assert split("  One.\n\nTwo.  ", 100) == ["One.\n\nTwo."]


def test_nothing_is_no_part() -> None:
    assert split(" \n ", 10) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("aaaa\n\nbbbb\n\ncccc", ["aaaa\n\nbbbb", "cccc"]),
        ("aaaa bbbb\ncccc dddd", ["aaaa bbbb", "cccc dddd"]),
        ("One two. Three four.", ["One two.", "Three four."]),
        ("one two three", ["one two", "three"]),
        ("abcdefghijklmnop", ["abcdefghijkl", "mnop"]),
    ],
    ids=["paragraphs", "lines", "sentences", "words", "one long word"],
)
def test_a_long_text_is_cut_where_it_hurts_least(text: str, parts: list[str]) -> None:
    assert split(text, 12) == parts


@pytest.mark.parametrize("most", [1600, 2000, 4096])
def test_nothing_is_lost_and_no_part_is_too_long(most: int) -> None:
    words = [f"word{number}" + "\n\n" * (number % 40 == 0) for number in range(3000)]
    parts = split(" ".join(words), most)
    assert " ".join(parts).split() == " ".join(words).split()
    assert all(len(part) <= most for part in parts)


def test_an_emoji_counts_as_the_apps_count_it() -> None:
    parts = split("\U0001f600" * 10, 12)
    assert "".join(parts) == "\U0001f600" * 10
    assert max(map(len, parts)) == 6


def test_buttons_become_a_numbered_list() -> None:
    reply = {"text": "Did you mean?", "buttons": offered("First", "Second")}
    assert numbered(reply, HINT) == "Did you mean?\n\nReply with a number:\n1. First\n2. Second"


def test_a_reply_without_buttons_stays_as_it_is() -> None:
    assert numbered({"text": "Hello", "buttons": []}, HINT) == "Hello"


def test_pages_of_the_guide_are_addresses_below_the_text() -> None:
    pages = [{"path": "/guide/steps", "title": "The steps"}, {"path": "/guide/words", "title": "Words"}]
    reply = {"text": "It has eight steps.\n", "metadata": {"pages": pages}}
    assert with_addresses(reply, "https://chat.example")["text"] == (
        "It has eight steps.\n\nThe steps: https://chat.example/guide/steps\nWords: https://chat.example/guide/words"
    )


@pytest.mark.parametrize(
    ("pages", "website"), [([{"path": "/guide/steps", "title": "The steps"}], ""), ([], "https://x")]
)
def test_without_a_public_address_or_a_page_the_reply_stays_as_it_is(pages: list[dict[str, str]], website: str) -> None:
    reply = {"text": "It has eight steps.", "metadata": {"pages": pages}}
    assert with_addresses(reply, website) == reply


def test_what_is_a_number_itself_is_not_numbered() -> None:
    ratings = offered("Rating: 5", "Rating: 4")
    assert numbered({"text": "How was it?", "buttons": ratings}, HINT) == "How was it?"
    assert choices(ratings) == []


@pytest.mark.parametrize(
    "text", ["2", " 2. ", "reply 2", "Reply 2", "option 2", "no. 2", "#2", "2)", "2\ufe0f\u20e3", "\u0662"]
)
def test_a_number_is_the_button_with_that_number(text: str) -> None:
    assert chosen([line(Speaker.VISITOR), line(Speaker.BOT, "First", "Second")], text) == "Second!"


@pytest.mark.parametrize(
    "text", ["0", "3", "12", "2 days", "I have 2 children", "38.5", "22 March", "two", "", "+44 2"]
)
def test_another_text_stays_what_it_is(text: str) -> None:
    assert chosen([line(Speaker.BOT, "First", "Second")], text) == text


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line(Speaker.BOT)],
        [line(Speaker.BOT, "First", "Second"), line(Speaker.VISITOR), line(Speaker.BOT)],
        [line(Speaker.BOT, "First", "Second"), line(Speaker.STAFF)],
        [line(Speaker.BOT, "First", "Second"), line(Speaker.BOT, reply_id=7)],
        [line(Speaker.BOT, "Rating: 5", "Rating: 4")],
    ],
    ids=["nothing", "no buttons", "of an earlier turn", "staff wrote", "staff have joined", "a rating"],
)
def test_a_number_that_no_button_has_is_a_number(lines: list[Line]) -> None:
    assert chosen(lines, "2") == "2"


def test_the_last_list_counts_when_a_form_goes_on_after_an_answer() -> None:
    lines = [line(Speaker.BOT, "Related"), line(Speaker.BOT, "It's me", "My mother")]
    assert chosen(lines, "2") == "My mother!"


def test_a_mark_is_short_and_of_the_words() -> None:
    long = {"title": "x", "payload": "w" * 500}
    assert len(mark(long).encode()) <= 64
    assert mark(long) != mark({"title": "x", "payload": "v" * 500})
