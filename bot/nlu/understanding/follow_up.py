"""What "it" stands for: reads a follow-up question together with the answer before it."""

import re
from dataclasses import dataclass

from bot.nlu.understanding.history import History

# An answer is what people refer back to for about this many messages of theirs.
REMEMBERED_MESSAGES = 3

# Words that stand for the subject of the last answer, the clearest first: in "what do they do about it?" it is "it".
_PRONOUNS = (
    re.compile(r"\b(?:it|its|that|this|those|these)\b(?! (?:true|possible|correct)\b)", re.IGNORECASE),
    re.compile(r"\b(?:them|their)\b", re.IGNORECASE),
    re.compile(r"\bthey\b", re.IGNORECASE),
)
_POSSESSIVE = {"its", "their"}
# "and the signs?", "why?", "how long": short, and asking.
_ASKING = re.compile(r"^(?:and|or|but|so|what|how|why|when|where|who|which|is|are|does|do|can)\b|\?\s*$", re.IGNORECASE)
# "and the other one?" after one of two.
_THE_OTHER = re.compile(r"^\W*(?:and|what about|how about)?\s*the (?:other|second)(?: one| two)?\W*$", re.IGNORECASE)
_MAX_ELLIPSIS_WORDS = 6


@dataclass(frozen=True)
class Context:
    """The answer that a follow-up may refer to.

    Attributes:
        answer: its name, or None when there is none near enough.
        subject: what "it" stands for.
        other: the question that may have been meant beside the one that was answered.
    """

    answer: str | None = None
    subject: str = ""
    other: str | None = None

    @classmethod
    def of(cls, history: History) -> "Context":
        """Finds the last answer among the recent replies."""
        for reply in history.replies(REMEMBERED_MESSAGES):
            if reply.kind == "answer":
                other = reply.offered[0] if reply.offered else None
                return cls(reply.metadata["answers"][-1], reply.metadata["subject"], other)
        return cls()


def refers_back(text: str) -> bool:
    """Whether the text has a word that may stand for what was said before."""
    return any(pronoun.search(text) for pronoun in _PRONOUNS)


def in_context(text: str, context: Context) -> str | None:
    """The question with its subject put in; None when it needs no context.

    "how long does that last?" after an answer on CRS becomes "how long does CRS last?".
    """
    if not context.answer:
        return None
    if context.other and _THE_OTHER.match(text):
        return context.other
    for pronoun in _PRONOUNS:
        found = pronoun.search(text)
        if found:
            possessive = found.group().lower() in _POSSESSIVE
            subject = f"{context.subject}'s" if possessive else context.subject
            return f"{text[: found.start()]}{subject}{text[found.end() :]}"
    if len(text.split()) <= _MAX_ELLIPSIS_WORDS and _ASKING.search(text):
        return f"{text.rstrip(' ?.!')} ({context.subject})?"
    return None
