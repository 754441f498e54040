"""Reads data/nlu/safety_rules.yml and finds its patterns in a text with spaCy's Matcher."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.content.catalogue import ContentError, read_yaml

RULES_FILE = Path("data/nlu/safety_rules.yml")
MEANINGS = {"crisis", "red_flag", "somebody", "now", "general", "not_now", "supposed", "judgement"}
# "38/39" and "80/40mmHg" are two numbers.
_SLASH = re.compile(r"(?<=\d)/(?=\d)")
# What "n't" stands for; phones leave out the apostrophe.
_NEGATIONS = ["nt", "not", "never"]
_GAP = [{"OP": "?", "IS_PUNCT": False}] * 3


@dataclass(frozen=True)
class Rule:
    """One rule of the file: patterns that mean something, unless others match as well."""

    name: str
    means: str
    why: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()


def read_rules(path: Path = RULES_FILE) -> list[Rule]:
    """All rules.

    Raises:
        ContentError: a key is missing or ``means`` is unknown.
    """
    rules = []
    for entry in read_yaml(path)["safety_rules"]:
        try:
            rule = Rule(
                entry["name"],
                entry["means"],
                entry["why"],
                tuple(entry["patterns"]),
                tuple(entry.get("unless", ())),
            )
        except KeyError as error:
            raise ContentError(f"{path}: a rule lacks {error}: {entry}.") from error
        if rule.means not in MEANINGS:
            raise ContentError(f"{path}: rule {rule.name}: unknown meaning {rule.means!r}.")
        rules.append(rule)
    return rules


class _Pattern:
    """One row of words. Most rows cannot match for lack of a word, and that is seen without spaCy."""

    def __init__(self, row: str, language: Language) -> None:
        tokens = _token_pattern(row)
        self._required = [frozenset(token["LOWER"]["IN"]) for token in tokens if "IN" in token.get("LOWER", {})]
        self._matcher = Matcher(language.vocab)
        self._matcher.add(row, [tokens])

    def matches(self, doc: Doc, words: set[str]) -> bool:
        """Whether it stands anywhere in the text."""
        if any(words.isdisjoint(choices) for choices in self._required):
            return False
        return bool(self._matcher(doc))


class RuleMatcher:
    """Finds which meanings a text carries."""

    def __init__(self, rules: list[Rule], language: Language | None = None) -> None:
        # The tokenizer is all that the patterns need: 0.1 ms a message, where a tagger would take 5.
        self._language = language or spacy.blank("en")
        self._rules = [
            (
                rule.means,
                [_Pattern(row, self._language) for row in rule.patterns],
                [_Pattern(row, self._language) for row in rule.unless],
            )
            for rule in rules
        ]

    def read(self, text: str) -> Doc:
        """Splits a text into spaCy's tokens."""
        return self._language(_SLASH.sub(" / ", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))

    def meanings(self, doc: Doc) -> set[str]:
        """The meanings of the rules that match and are not excepted."""
        words = {token.lower_ for token in doc}
        return {
            means
            for means, patterns, exceptions in self._rules
            if any(pattern.matches(doc, words) for pattern in patterns)
            and not any(pattern.matches(doc, words) for pattern in exceptions)
        }


def _token_pattern(row: str) -> list[dict[str, Any]]:
    pattern: list[dict[str, Any]] = []
    for word in row.split():
        if word == "...":
            pattern.extend(_GAP)
            continue
        choices = word.split("|")
        if "n't" in choices:
            choices += _NEGATIONS
        if any(choice.endswith("*") for choice in choices):
            wordings = [choice.rstrip("*") if choice.endswith("*") else f"{choice}$" for choice in choices]
            pattern.append({"LOWER": {"REGEX": f"^(?:{'|'.join(wordings)})"}})
        else:
            pattern.append({"LOWER": {"IN": choices}})
    return pattern
