"""Reads a message in its context: "how long?" after an answer on CRS asks how long CRS lasts.

Where "it" or "they" stands for the subject of the answer, the subject takes its place, and the message is complete.
Else it is interpreted twice, alone and behind the question that was just answered. If it is a follow-up, what both find
likely counts, and so does the place: the answer itself may hold what is asked for, and the questions that were
offered beside it are what people ask next. How likely it is a follow-up depends on how well it is understood alone (as
a question, as ordinary talk, or as something that the documents do not hold), and on how short it is.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from bot.nlu.understanding.history import History
from bot.nlu.understanding.interpretations import FAQ_PREFIX, Interpretation
from bot.nlu.understanding.ranking import Ranked
from bot.nlu.understanding.urgency import PERSONAL

# An answer is what people refer back to for about this many messages of theirs.
REMEMBERED_MESSAGES = 3
# Who writes more says what it is about.
MOST_WORDS = 14
# In a longer one "it" is the therapy, or nothing in particular.
MOST_WORDS_REFERRING = 7
# What a message may be, read alone, besides a question that is known.
ORDINARY = frozenset(
    {"out_of_scope", "background", "chitchat", "feelings", "greet", "thank", "goodbye", "affirm", "deny"}
)
# Words that stand for the subject of the last answer, the clearest first: in "what do they do about it?" it is "it".
_PRONOUNS = (
    re.compile(r"\b(?:it|its|that|this|those|these)\b(?! (?:true|possible|correct|one)\b)", re.IGNORECASE),
    re.compile(r"\b(?:them|their)\b", re.IGNORECASE),
    re.compile(r"\bthey\b", re.IGNORECASE),
)
_POSSESSIVE = {"its", "their"}
# "and the other one?" after one of two.
_THE_OTHER = re.compile(r"^\W*(?:and|what about|how about)?\s*the (?:other|second)(?: one| two)?\W*$", re.IGNORECASE)
# Score from which a message that is no question is clear alone.
CLEAR = 0.6
# Below this probability of being a follow-up a message is read alone.
UNLIKELY = 0.1
# A message that asks: "why?", "and the signs", "for how long", "anything else".
_ASKING = re.compile(
    r"[?\u061f\uff1f]|\b(?:what|who|whom|whose|how|why|when|where|which|is|are|was|do|does|did|can|could|will|would|should"
    r"|any|also|many|much|long|often|else|examples?|mean|same|others?)\b|^\W*(?:and|or|but|so|then|for|in|by|with|because|if)\b",
    re.IGNORECASE,
)
# Chinese and Japanese write no spaces; a word is two characters, roughly.
_WORD = re.compile(r"\w[\w'-]*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Context:
    """The answer that a message may refer to.

    Attributes:
        answer: its name, or None when there is none near enough.
        asked: the question that it answers.
        subject: what "it" stands for.
        offered: names of the answers that were offered beside it.
        other: the question that may have been meant beside the one that was answered.
    """

    answer: str | None = None
    asked: str = ""
    subject: str = ""
    offered: Sequence[str] = ()
    other: str | None = None

    @classmethod
    def of(cls, history: History) -> "Context":
        """Finds the last answer among the recent replies."""
        for reply in history.replies(REMEMBERED_MESSAGES):
            if reply.kind == "answer":
                said = reply.metadata
                other = reply.offered[0] if reply.offered else None
                return cls(said["answers"][-1], said["asked"], said["subject"], tuple(said["offered"]), other)
        return cls()


@dataclass(frozen=True)
class FollowUps:
    """How a message is weighed in its context; config.yml holds the values and what each of them means."""

    bias: float
    understood: float
    word: float
    complete: float
    floor: float
    same: float
    offered: float

    @classmethod
    def from_config(cls, config: Mapping[str, object]) -> "FollowUps":
        """Reads the block of a component's configuration.

        Raises:
            ValueError: a value is missing or no positive number.
        """
        values = {field.name: config.get(field.name) for field in fields(cls)}
        for name, value in values.items():
            if not isinstance(value, int | float) or value <= 0:
                raise ValueError(f"follow_ups: {name} must be a positive number, not {value!r}.")
        return cls(**values)  # type: ignore[arg-type]

    def probability(self, whole: Interpretation) -> float:
        """That a message after an answer refers to it.

        Args:
            whole: the message, read alone.
        """
        understood = whole.questions[0].score + whole.share(ORDINARY) + whole.of(PERSONAL).score
        against = self.understood * understood + self.word * count_words(whole.text)
        return 1 / (1 + math.exp(against - self.bias))

    def weigh(self, whole: Interpretation, behind: Interpretation, context: Context) -> Interpretation | None:
        """The message in its context: all intents, by both readings and by the place. None where it is no follow-up.

        Args:
            whole: the message, read alone.
            behind: the message, read behind the question that was answered.
            context: that answer, and what was offered beside it.
        """
        if behind.known:
            return behind
        if not _ASKING.search(whole.text) or _is_clear_dialogue(whole):
            return None
        if refers_back(whole.text) and behind.questions[0].score >= self.complete:
            return behind
        refers = self.probability(whole)
        if whole.known or refers < UNLIKELY:
            return None
        before = {ranked.intent: ranked for ranked in behind.ranking}
        place = {FAQ_PREFIX + name: self.offered for name in context.offered}
        place[f"{FAQ_PREFIX}{context.answer}"] = self.same
        weights = [
            (ranked.probability + self.floor)
            * (before[ranked.intent].probability + self.floor)
            * place.get(ranked.intent, 1.0)
            for ranked in whole.ranking
        ]
        total = math.fsum(weights)
        weighed = [
            Ranked(
                ranked.intent,
                (1 - refers) * ranked.probability + refers * weight / total,
                max(ranked.similarity, before[ranked.intent].similarity),
            )
            for ranked, weight in zip(whole.ranking, weights, strict=True)
        ]
        return replace(behind, ranking=sorted(weighed, key=lambda ranked: -ranked.probability))


def _is_clear_dialogue(whole: Interpretation) -> bool:
    """Whether it is plainly something else than a question: "what does that word mean?" is about the reply."""
    return not whole.top.intent.startswith(FAQ_PREFIX) and whole.top.score >= CLEAR


def in_context(text: str, context: Context) -> str | None:
    """The message with its subject put in, or behind the question that was answered; None when it needs no context."""
    if not context.answer or count_words(text) > MOST_WORDS:
        return None
    if context.other and _THE_OTHER.match(text):
        return context.other
    return (refers_back(text) and _with_subject(text, context.subject)) or f"{context.asked} {text}"


def _with_subject(text: str, subject: str) -> str | None:
    for pronoun in _PRONOUNS:
        found = pronoun.search(text)
        if found:
            meant = f"{subject}'s" if found.group().lower() in _POSSESSIVE else subject
            return f"{text[: found.start()]}{meant}{text[found.end() :]}"
    return None


def refers_back(text: str) -> bool:
    """Whether an English text has a word that may stand for what was said before, where nobody can look that up."""
    return count_words(text) <= MOST_WORDS_REFERRING and any(pronoun.search(text) for pronoun in _PRONOUNS)


def count_words(text: str) -> int:
    """Of a text in any language."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))) + (unspaced + 1) // 2
