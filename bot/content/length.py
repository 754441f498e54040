"""How many words a text has, also where words are not written apart."""

import re

# Chinese, Japanese and Thai: about two signs a word.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
SIGNS_A_WORD = 2


def count_words(text: str) -> int:
    """Words in a text; a text of any letters has one at least."""
    signs = len(_UNSPACED.findall(text))
    spaced = len(_UNSPACED.sub(" ", text).split())
    return spaced + -(-signs // SIGNS_A_WORD)
