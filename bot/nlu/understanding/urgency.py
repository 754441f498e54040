"""How urgent a message is: certain (the card, an alert), possible (the ordinary reply and one line), or not at all.

An alarm among ordinary talk needs a reason. Certain is what a rule sees (words that are never about anything else, a
dangerous number, a dangerous symptom that somebody has now) and what the classifier finds clearly more probable than a
question or ordinary talk, if it is similar to a real example. What falls short of that, but might be one, is possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from bot.content.length import count_words
from bot.nlu.understanding.interpretations import IN_CONTEXT, Interpretation, Thresholds

CRISIS, EMERGENCY, PERSONAL, OUT_OF_SCOPE = "crisis", "emergency", "personal_advice", "out_of_scope"
ALARMS = (CRISIS, EMERGENCY)
# What harmless remarks are made of.
ORDINARY = frozenset({OUT_OF_SCOPE, "chitchat", "background", "greet", "thank", "goodbye"})
TALK = ORDINARY | {"feelings", "alarm_over", "alarm_mistaken"}
# What people say after an alarm: that help has come, or that it was none.
AFTERWARDS = frozenset({"alarm_over", "alarm_mistaken"})
# About the 128 tokens that the encoder sees: of a longer message it does not see the whole.
WHOLE_WORDS = 85
# A word or two are no story that might be one of danger.
FEWEST_WORDS = 3
# Probability of all answers together from which a message is clearly a question.
CLEAR = 0.9


class Urgency(str, Enum):
    """How much of an alarm a message is."""

    NONE = "none"
    POSSIBLE = "possible"
    CERTAIN = "certain"


@dataclass(frozen=True)
class Assessment:
    """What a message's urgency is, and of what; ``kind`` is crisis or emergency."""

    urgency: Urgency = Urgency.NONE
    kind: str = EMERGENCY
    seen_in: Interpretation | None = None


def assess(interpretations: Sequence[Interpretation], at: Thresholds, after_alarm: bool = False) -> Assessment:
    """The urgency of a message.

    Args:
        interpretations: of one message; the whole comes first. The one in context does not count: its words are ours.
        after_alarm: an alarm was answered just now, and this may be about it.
    """
    own = [each for each in interpretations if each.kind != IN_CONTEXT]
    whole = own[0]
    if after_alarm and whole.share(AFTERWARDS) > whole.share(ALARMS) and not whole.signals.dangerous_number:
        return Assessment()
    if whole.known:
        kind = whole.top.intent
        return Assessment(Urgency.CERTAIN, kind, whole) if kind in ALARMS else Assessment()
    by_rules = assess_by_rules(own)
    # "That exam was suicide" has the word, and to the classifier not a trace of it.
    if by_rules.seen_in and any(each.share(ALARMS) >= at.alarm_trace for each in own):
        return by_rules
    certain = [each for each in own if _is_certain(each, whole, at)]
    if certain:
        return max((Assessment(Urgency.CERTAIN, _kind(each), each) for each in certain), key=_crisis_first)
    if by_rules.seen_in:
        return replace(by_rules, urgency=Urgency.POSSIBLE)
    for each in own:
        if _is_possible(each, at):
            return Assessment(Urgency.POSSIBLE, _kind(each), each)
    return Assessment()


def assess_by_rules(interpretations: Sequence[Interpretation]) -> Assessment:
    """The urgency as far as the rules alone can tell: where the classifier cannot read the message."""
    for each in interpretations:
        if each.signals.crisis:
            return Assessment(Urgency.CERTAIN, CRISIS, each)
    for each in interpretations:
        if each.signals.dangerous_now:
            return Assessment(Urgency.CERTAIN, EMERGENCY, each)
    return Assessment()


def _kind(each: Interpretation) -> str:
    return max(ALARMS, key=each.probability)


def _crisis_first(assessment: Assessment) -> bool:
    return assessment.kind == CRISIS


def _is_certain(each: Interpretation, whole: Interpretation, at: Thresholds) -> bool:
    probability = each.share(ALARMS)
    if each.signals.happening and probability >= at.alarm_with_sign:
        return True
    # A sign of danger in its words is a reason, and so is similarity to a real example.
    sign = "red_flag" in each.signals.meanings
    similarity = max(each.of(kind).similarity for kind in ALARMS)
    if probability * (1 if sign else max(similarity, 0)) < at.alarm:
        return False
    if not sign and not _outweighs_talk(each, at):
        return False
    # "Should I stop my aspirin?" sounds alarmed; with no sign of danger the question goes first.
    if not sign and _kind(each) == EMERGENCY and each.probability(PERSONAL) * 2 >= probability:
        return False
    # A sentence torn out of its message misleads ("what comes at the very end?"): the whole has to agree, with a sign
    # of danger a little ("What is CRS? He does not wake up"), unless the sentence is very clear.
    supported = sign and whole.share(ALARMS) >= at.alarm_with_sign
    clear = probability * similarity >= at.alone
    return clear or supported or _leads(whole) or is_beyond_sight(whole)


def _outweighs_talk(each: Interpretation, at: Thresholds) -> bool:
    """Whether it is a real alarm that comes to mind, rather than a remark: "I could jump for joy" has its words too."""
    alarm, talk = each.share(ALARMS), each.share(TALK)
    nearest_alarm = max(each.of(kind).similarity for kind in ALARMS)
    nearest_talk = max(each.of(kind).similarity for kind in TALK)
    return alarm >= at.alarm_share * (alarm + talk) and nearest_alarm >= nearest_talk


def is_beyond_sight(whole: Interpretation) -> bool:
    """Whether a message is too long to be seen whole, and what is seen of it is no clear question."""
    return count_words(whole.text) > WHOLE_WORDS and whole.faq_share < CLEAR


def _leads(whole: Interpretation) -> bool:
    """Whether an alarm is at least half as likely as all answers, and as ordinary talk."""
    alarm = whole.share(ALARMS)
    return alarm >= 0.5 * whole.faq_share and alarm >= 0.5 * whole.share(ORDINARY)


def _is_possible(each: Interpretation, at: Thresholds) -> bool:
    if each.signals.calm:
        return False
    few_words = count_words(each.text) < FEWEST_WORDS
    return each.signals.happening or (not few_words and each.share(ALARMS) >= at.alarm_possible)
