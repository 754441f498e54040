import pytest

from bot.nlu.understanding.noise import without_noise


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<b>what is CRS</b>", "what is CRS"),
        ('<img src="x" onerror="alert(1)">what is CRS', "what is CRS"),
        ("\x1b[31mwhat is CRS\x1b[0m", "what is CRS"),
        ("[31mwhat is CRS[0m", "what is CRS"),
        ("\N{FULLWIDTH LATIN SMALL LETTER C}\N{FULLWIDTH LATIN SMALL LETTER R}s", "crs"),
        ("aaaaaaa", ""),
        ("\u4e2d" * 500, ""),
        ("oh no", "oh no"),
        ("is 5 < 7 and 8 > 6?", "is 5 < 7 and 8 > 6?"),
        ("see [1] and [2]", "see [1] and [2]"),
        ("\u6211\u4e0d\u60f3\u6d3b\u4e86", "\u6211\u4e0d\u60f3\u6d3b\u4e86"),
    ],
)
def test_what_no_visitor_typed_is_taken_out(text: str, left: str) -> None:
    assert without_noise(text) == left
