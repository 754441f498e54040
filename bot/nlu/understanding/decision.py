"""The order of what matters: crisis, emergency, a judgement on one person's case, people, then questions.

A question has two scores. "Do we know this?" is the probability that it lies outside of the documents; "which answer?"
is the answer's own probability times its similarity. Only what passes the first is answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.content.length import count_words
from bot.nlu.understanding.interpretations import FAQ_PREFIX, IN_CONTEXT, SEGMENT, Interpretation, Thresholds
from bot.nlu.understanding.ranking import Ranked
from bot.nlu.understanding.urgency import (
    ALARMS,
    OUT_OF_SCOPE,
    PERSONAL,
    Urgency,
    assess,
    assess_by_rules,
    is_beyond_sight,
)

# Politeness and stories around a question: the question is answered.
SOCIAL = {"greet", "thank", "goodbye", "chitchat", "background", "feelings", "affirm", "deny"}
# What leads to no reply of its own: an alarm or a judgement that was weighed before and found wanting.
NO_DIALOGUE = {OUT_OF_SCOPE, PERSONAL, *ALARMS}
DID_YOU_MEAN, LOST = "did_you_mean", "lost"
# A did-you-mean shows what is at least this probable, at most three.
SHOWN_CANDIDATE, MAX_CANDIDATES = 0.04, 3
MIN_SEGMENT_WORDS = 3


@dataclass(frozen=True)
class Decision:
    """The decision on one message; see ``Understanding`` for what travels on."""

    intent: str
    level: str = "dialogue"
    confidence: float = 1.0
    ranking: list[Ranked] = field(default_factory=list)
    candidates: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    echo: bool = False
    follow_up: bool = False
    hedge: bool = False
    again: bool = False
    urgency: Urgency = Urgency.NONE
    concern: str | None = None
    language: str | None = None


def decide(
    interpretations: Sequence[Interpretation],
    thresholds: Thresholds,
    after_alarm: bool = False,
) -> Decision:
    """The decision on a message.

    Args:
        interpretations: of one message; the whole comes first.
        thresholds: when to be sure.
        after_alarm: an alarm was answered just now; "the ambulance is here" is then no new one.
    """
    whole = interpretations[0]
    if _is_number(whole.text):
        # To the encoder all numbers are alike; the rules know which ones are dangerous.
        return decide_by_rules(interpretations) or Decision(LOST, "lost")
    assessment = assess(interpretations, thresholds, after_alarm)
    if assessment.urgency is Urgency.CERTAIN and assessment.seen_in:
        return Decision(assessment.kind, "safety", ranking=assessment.seen_in.ranking, urgency=Urgency.CERTAIN)
    decision = _personal(interpretations, thresholds) or _dialogue_or_question(interpretations, thresholds)
    if assessment.urgency is Urgency.NONE:
        return decision
    return replace(decision, urgency=assessment.urgency, concern=assessment.kind)


def _is_number(text: str) -> bool:
    """Whether it is a number or a sum, with not a word beside it."""
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def decide_by_rules(interpretations: Sequence[Interpretation]) -> Decision | None:
    """An alarm as far as the rules alone can tell."""
    assessment = assess_by_rules(interpretations)
    if assessment.urgency is Urgency.NONE:
        return None
    return Decision(assessment.kind, "safety", urgency=assessment.urgency)


def _personal(interpretations: Sequence[Interpretation], at: Thresholds) -> Decision | None:
    """A judgement on one person's case, asked for anywhere in the message."""
    whole = interpretations[0]
    if whole.known:
        return Decision(PERSONAL, "safety", ranking=whole.ranking) if whole.top.intent == PERSONAL else None
    # "Is it safe?" after an answer is about that answer.
    follow_up = next((each for each in interpretations if each.kind == IN_CONTEXT), None)
    if follow_up and _is_question(follow_up.top) and follow_up.top.score >= at.sure:
        return None
    for each in interpretations:
        if each.kind == IN_CONTEXT:
            continue
        probability = each.probability(PERSONAL)
        asked_for = "judgement" in each.signals.meanings and probability >= at.personal_with_sign
        # As with an alarm, a sentence torn out of its message misleads.
        clear = each is whole or each.of(PERSONAL).score >= at.alone
        supported = clear or whole.probability(PERSONAL) >= at.personal_trace or is_beyond_sight(whole)
        if supported and (probability >= at.personal or (asked_for and each is whole)):
            return Decision(PERSONAL, "safety", probability, each.ranking)
    return None


def _dialogue_or_question(interpretations: Sequence[Interpretation], at: Thresholds) -> Decision:
    whole = interpretations[0]
    several = [] if whole.known else _clear_questions(interpretations, at)
    if len(several) > 1:
        return _answer(several[0], at, also=several[1])
    best = _best_question(interpretations, at)
    question = best.questions[0]
    leading = best if best.kind == IN_CONTEXT else whole
    if _leads(leading.top, question, at):
        return Decision(leading.top.intent, "dialogue", leading.top.probability, leading.ranking)
    if best.probability(OUT_OF_SCOPE) >= at.outside:
        return Decision(LOST, "lost", best.probability(OUT_OF_SCOPE), best.ranking)
    if question.score >= at.sure and _is_known(best, whole, at):
        return _answer(best, at)
    if question.score >= at.between:
        return _ask(best)
    return Decision(LOST, "lost", question.score, best.ranking)


def _answer(best: Interpretation, at: Thresholds, also: Interpretation | None = None) -> Decision:
    question = best.questions[0]
    given = [each.questions[0].intent.removeprefix(FAQ_PREFIX) for each in (best, also) if each]
    return Decision(
        question.intent,
        "sure",
        question.score,
        best.ranking,
        candidates=_runners_up(best, set(given)),
        also=tuple(given[1:]),
        echo=question.score < at.echo,
        follow_up=best.kind == IN_CONTEXT,
        hedge=not best.known and best.probability(OUT_OF_SCOPE) >= at.hedge,
    )


def _clear_questions(interpretations: Sequence[Interpretation], at: Thresholds) -> list[Interpretation]:
    """The first two parts of a message that clearly ask different questions, in the order asked."""
    found: dict[str, Interpretation] = {}
    for each in interpretations:
        if each.kind == SEGMENT and _is_question(each.top) and each.top.score >= at.second:
            found.setdefault(each.top.intent, each)
    return list(found.values())[:2]


def _is_known(best: Interpretation, whole: Interpretation, at: Thresholds) -> bool:
    """Whether the documents hold what is asked for, as far as the whole message and its clearest part tell."""
    # A follow-up alone ("how long?") is about nothing.
    outside = [best] if best.kind == IN_CONTEXT else [best, whole]
    return best.known or all(each.probability(OUT_OF_SCOPE) < at.known for each in outside)


def _leads(top: Ranked, question: Ranked, at: Thresholds) -> bool:
    """Whether the message is something else than a question."""
    if _is_question(top) or top.intent in NO_DIALOGUE or top.score < max(question.score, at.between):
        return False
    return not (top.intent in SOCIAL and question.score >= at.second)


def _ask(interpretation: Interpretation) -> Decision:
    question = interpretation.questions[0]
    return Decision(
        DID_YOU_MEAN, "between", question.score, interpretation.ranking, candidates=_candidates(interpretation)
    )


def _best_question(interpretations: Sequence[Interpretation], at: Thresholds) -> Interpretation:
    """The interpretation to answer: in context where there is one, else the whole unless only a part is clear."""
    whole = interpretations[0]
    in_context = [interpretation for interpretation in interpretations if interpretation.kind == IN_CONTEXT]
    if in_context:
        return in_context[0]
    if _question_score(whole) >= at.sure:
        return whole
    return max(interpretations, key=_question_score)


def _question_score(interpretation: Interpretation) -> float:
    if interpretation.kind == SEGMENT and count_words(interpretation.text) < MIN_SEGMENT_WORDS:
        return 0.0
    return interpretation.questions[0].score


def _is_question(ranked: Ranked) -> bool:
    return ranked.intent.startswith(FAQ_PREFIX)


def _runners_up(interpretation: Interpretation, given: set[str]) -> tuple[str, ...]:
    """Names of what else may have been meant, to be offered beside the answer."""
    probable = [ranked for ranked in interpretation.questions[:MAX_CANDIDATES] if ranked.probability >= SHOWN_CANDIDATE]
    names = [ranked.intent.removeprefix(FAQ_PREFIX) for ranked in probable]
    return tuple(name for name in names if name not in given)


def _candidates(interpretation: Interpretation) -> tuple[str, ...]:
    probable = [ranked for ranked in interpretation.questions if ranked.probability >= SHOWN_CANDIDATE]
    chosen = probable[:MAX_CANDIDATES] if len(probable) > 1 else interpretation.questions[:2]
    return tuple(ranked.intent.removeprefix(FAQ_PREFIX) for ranked in chosen)
