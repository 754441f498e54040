"""What "it" stands for: reads a follow-up question together with the answer before it."""

import re
from dataclasses import dataclass

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

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
_MAX_ELLIPSIS_WORDS = 6


@dataclass(frozen=True)
class Context:
    """The answer that a follow-up may refer to.

    Attributes:
        answer: its name, or None when there is none near enough.
        subject: what "it" stands for.
    """

    answer: str | None = None
    subject: str = ""

    @classmethod
    def of(cls, tracker: DialogueStateTracker | None) -> "Context":
        """Finds the last answer among the recent messages."""
        messages = 0
        for event in reversed(tracker.events if tracker else []):
            if isinstance(event, UserUttered):
                messages += 1
                if messages > REMEMBERED_MESSAGES:
                    break
            if isinstance(event, BotUttered):
                said = event.metadata.get("metadata") or {}
                if said.get("kind") == "answer":
                    return cls(said["answers"][-1], said["subject"])
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
    for pronoun in _PRONOUNS:
        found = pronoun.search(text)
        if found:
            possessive = found.group().lower() in _POSSESSIVE
            subject = f"{context.subject}'s" if possessive else context.subject
            return f"{text[: found.start()]}{subject}{text[found.end() :]}"
    if len(text.split()) <= _MAX_ELLIPSIS_WORDS and _ASKING.search(text):
        return f"{text.rstrip(' ?.!')} ({context.subject})?"
    return None
