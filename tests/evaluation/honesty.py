"""Whether an answer says plainly that the sources lack the detail that was asked for."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.content.catalogue import read_yaml
from bot.content.languages import read_languages, reply_in
from bot.nlg.speaker import HEDGE

# "Our sources do not say how long the infusion takes. They give no dose."
_LACKS = re.compile(r"\b(?:sources?|source documents?|documents?)\b[^.]*\b(?:do|does|did) not\b")
_GOES_ON = re.compile(r"They\b[^.]*\b(?:not|no)\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[a-z]{3,}")
# Letters of a word that tell it from others, so that "takes" and "take" are one.
STEM = 4
_EMPTY = "about any are but can could did does each for from get has have how into its just long many may more most "
_EMPTY += (
    "much not off often one our out said say says should some than that the their them then there these they this "
)
_EMPTY += (
    "take taken takes those too took was were what when where which while who whose why will with would yet you your"
)
# What every question and every such sentence is about tells nothing.
_EMPTY += " car cell cells doctor document documents know people patient patients source sources tell therapy treatment"
_MEASURES = re.compile(r"\bhow (?:long|often|many|much|far|old)\b")


@cache
def no_more_lines() -> tuple[str, ...]:
    """The line that ends an answer where the question may ask for more than the sources say, in all languages."""
    english = str(read_yaml(Path("domain.yml"))["responses"][HEDGE][0]["text"])
    translated = (reply_in(code, HEDGE) for code in read_languages())
    return tuple(line.strip() for line in (english, *translated) if line)


def lacks_what_is_asked(question: str, answer: str, subject: str) -> bool:
    """Whether a sentence on what the sources lack names a detail of the question.

    A word that the whole answer is about (its title and subject) is no detail: "how much does apheresis cost?" is not
    answered by "the sources do not say how long apheresis takes".

    Args:
        question: what was asked.
        answer: the text that was given.
        subject: title and subject of the answer.
    """
    details = _details(question) - _stems(subject)
    return any(details & _details(sentence) for sentence in _on_what_is_lacking(answer))


def _on_what_is_lacking(answer: str) -> Iterator[str]:
    lacking = False
    for sentence in _SENTENCE.split(answer):
        lacking = bool(_LACKS.search(sentence) or (lacking and _GOES_ON.match(sentence)))
        if lacking:
            yield sentence


def _details(text: str) -> set[str]:
    return _stems(text) | set(_MEASURES.findall(text.lower()))


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in _WORD.findall(text.lower()) if word not in _EMPTY.split()}
