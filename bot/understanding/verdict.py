"""The order of what matters: crisis, emergency, a judgement on one person's case, people, then questions."""

from dataclasses import dataclass, field

from bot.understanding.ranking import Ranked
from bot.understanding.readings import FAQ_PREFIX, IN_CONTEXT, PART, Reading, Thresholds

CRISIS, EMERGENCY, PERSONAL = "crisis", "emergency", "personal_advice"
OUT_OF_SCOPE, DID_YOU_MEAN, LOST = "out_of_scope", "did_you_mean", "lost"
# A did-you-mean shows what is at least this probable, at most three.
SHOWN_CANDIDATE, MAX_CANDIDATES = 0.04, 3
MIN_PART_WORDS = 3


@dataclass(frozen=True)
class Verdict:
    """The decision on one message; see ``Understanding`` for level, candidates, also and echo."""

    intent: str
    level: str = "dialogue"
    confidence: float = 1.0
    ranking: list[Ranked] = field(default_factory=list)
    candidates: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    echo: bool = False
    language: str | None = None


def decide(readings: list[Reading], thresholds: Thresholds) -> Verdict:
    """The verdict on a message's readings; the whole message comes first."""
    return _safety(readings, thresholds) or _dialogue_or_question(readings, thresholds)


def _safety(readings: list[Reading], at: Thresholds) -> Verdict | None:
    own = [reading for reading in readings if reading.kind != IN_CONTEXT]
    known = own[0].top.probability == 1.0
    if known:
        return None if not _is_safety(own[0].top.intent) else Verdict(own[0].top.intent, "safety")
    for reading in own:
        if "crisis" in reading.signals.meanings or reading.probability(CRISIS) >= at.crisis:
            return Verdict(CRISIS, "safety", ranking=reading.ranking)
    for reading in own:
        if _is_emergency(reading, at):
            return Verdict(EMERGENCY, "safety", ranking=reading.ranking)
    for reading in own:
        if reading.probability(PERSONAL) >= at.personal:
            return Verdict(PERSONAL, "safety", reading.probability(PERSONAL), reading.ranking)
    return None


def _is_safety(intent: str) -> bool:
    return intent in {CRISIS, EMERGENCY, PERSONAL}


def _is_emergency(reading: Reading, at: Thresholds) -> bool:
    signals, probability = reading.signals, reading.probability(EMERGENCY)
    if signals.dangerous_number and not signals.calm:
        return True
    if signals.happening and probability >= at.emergency_with_sign:
        return True
    return probability >= at.emergency


def _dialogue_or_question(readings: list[Reading], at: Thresholds) -> Verdict:
    whole = readings[0]
    top = whole.top
    best = max(readings, key=lambda reading: _question_score(reading))
    question = best.questions[0]
    if not _is_question(top) and top.intent != OUT_OF_SCOPE and top.score >= question.score and top.score >= at.between:
        return Verdict(top.intent, "dialogue", top.probability, whole.ranking)
    if top.intent == OUT_OF_SCOPE and top.probability > question.probability:
        return Verdict(LOST, "lost", top.probability, whole.ranking)
    if question.score >= at.sure:
        return Verdict(
            question.intent,
            "sure",
            question.score,
            best.ranking,
            also=_also(readings, question, at),
            echo=question.score < at.echo,
        )
    if question.score >= at.between:
        return Verdict(DID_YOU_MEAN, "between", question.score, best.ranking, candidates=_candidates(best))
    return Verdict(LOST, "lost", question.score, best.ranking)


def _question_score(reading: Reading) -> float:
    if reading.kind == PART and len(reading.text.split()) < MIN_PART_WORDS:
        return 0.0
    return reading.questions[0].score


def _is_question(ranked: Ranked) -> bool:
    return ranked.intent.startswith(FAQ_PREFIX)


def _also(readings: list[Reading], first: Ranked, at: Thresholds) -> tuple[str, ...]:
    for reading in readings:
        if reading.kind == PART and _is_question(reading.top):
            second = reading.top
            if second.intent != first.intent and second.score >= at.second:
                return (second.intent.removeprefix(FAQ_PREFIX),)
    return ()


def _candidates(reading: Reading) -> tuple[str, ...]:
    probable = [ranked for ranked in reading.questions if ranked.probability >= SHOWN_CANDIDATE]
    chosen = probable[:MAX_CANDIDATES] if len(probable) > 1 else reading.questions[:2]
    return tuple(ranked.intent.removeprefix(FAQ_PREFIX) for ranked in chosen)
