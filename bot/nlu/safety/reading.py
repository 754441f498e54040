"""What the safety rules find in a text, with the scope of what makes a danger harmless.

"No fever last week" says nothing about "40.1 now". What is past or negated calms its own clause, and the one before if
it speaks of that ("that was last year"). What is supposed ("if she gets a fever ...") holds for the whole text.
"""

import re

from bot.nlu.safety.rules import RuleMatcher
from bot.nlu.safety.signals import NOT_NOW, RED_FLAG, Signals
from bot.nlu.safety.vital_signs import fever, low_blood_pressure, low_oxygen

# Not within a number: "38,5" and "38.5".
_CLAUSE_END = re.compile(r"[;!?\n]+|[.,]+(?!\d)|\bbut\b", re.IGNORECASE)

_SPEAKS_OF_IT = re.compile(r"^\W*(?:that|this|it|which|all|long|years?|months?|last|back)\b", re.IGNORECASE)


def signals_of(text: str, matcher: RuleMatcher) -> Signals:
    """The signals of a text."""
    found = _signals(text, matcher)
    if NOT_NOW not in found.meanings:
        return found
    clauses = [clause for clause in _CLAUSE_END.split(text) if clause.strip()]
    signals = [_signals(clause, matcher) for clause in clauses]
    calmed = [NOT_NOW in each.meanings for each in signals]
    for row, clause in enumerate(clauses[1:]):
        calmed[row] |= calmed[row + 1] and _SPEAKS_OF_IT.match(clause) is not None
    open_dangers = [each for each, calm in zip(signals, calmed, strict=True) if not calm and _is_danger(each)]
    if len(clauses) < 2 or not open_dangers:
        return found
    return Signals(found.meanings - {NOT_NOW}, any(each.dangerous_number for each in open_dangers))


def _signals(text: str, matcher: RuleMatcher) -> Signals:
    doc = matcher.read(text)
    dangerous = fever(doc) is not None or low_oxygen(doc) or low_blood_pressure(doc)
    return Signals(frozenset(matcher.meanings(doc)), dangerous)


def _is_danger(clause: Signals) -> bool:
    return clause.dangerous_number or RED_FLAG in clause.meanings
