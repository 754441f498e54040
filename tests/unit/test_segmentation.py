import pytest

from bot.nlu.understanding.segmentation import MAX_SEGMENTS, own_words, segments


@pytest.mark.parametrize("text", ["", "   ", "apheresis?", "what is crs", "  what is crs?  ", "bread and butter"])
def test_a_text_of_one_piece_has_no_parts(text: str) -> None:
    assert segments(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is CRS? How long does it last?", ["What is CRS?", "How long does it last?"]),
        ("My dad has AML. can he get CAR-T", ["My dad has AML.", "can he get CAR-T"]),
        ("what is crs and how long does it last", ["what is crs", "how long does it last"]),
        ("what does it cost, and also can I travel", ["what does it cost", "can I travel"]),
        ("we are scared but what are the risks", ["we are scared", "what are the risks"]),
        ("what is CRS\nwhat is ICANS", ["what is CRS", "what is ICANS"]),
        ("the cost; the visa", ["the cost", "the visa"]),
        ('He said "wait." What now?', ['He said "wait.', "What now?"]),
        ("什么是CAR-T\uff1f 多少钱\uff1f", ["什么是CAR-T\uff1f", "多少钱\uff1f"]),
    ],
)
def test_sentences_and_joined_questions_are_parts(text: str, expected: list[str]) -> None:
    assert segments(text) == expected


def test_two_things_joined_in_one_question_stay_together() -> None:
    assert segments("what are the signs of CRS and ICANS") == []


def test_a_quoted_line_is_not_the_visitors_own() -> None:
    assert own_words("> CRS is a reaction of the body.\nhow long does that last?") == "how long does that last?"


def test_a_quote_alone_is_all_there_is() -> None:
    assert own_words("> CRS is a reaction.") == "> CRS is a reaction."


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    found = segments(" ".join(f"Sentence {number}." for number in range(100)))
    assert len(found) == MAX_SEGMENTS
    assert found[:4] == [f"Sentence {number}." for number in range(4)]
    assert found[4:] == [f"Sentence {number}." for number in range(100 - (MAX_SEGMENTS - 4), 100)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is CRS and ICANS?", ["What is CRS?", "What is ICANS?"]),
        ("what are antigens and cytokines", ["what are antigens?", "what are cytokines?"]),
        ("tell me about CD33 and CD123", ["tell me about CD33?", "tell me about CD123?"]),
        ("What is the difference between what I read and what I was told about it", None),
        ("how long does it take and is it painful", ["how long does it take", "is it painful"]),
    ],
)
def test_one_question_about_two_things_is_two(text: str, found: list[str] | None) -> None:
    if found:
        assert segments(text) == found
    else:
        assert len(segments(text)) < 3
