"""The order of what matters: crisis, emergency, a judgement on one person's case, people, then questions."""

from dataclasses import dataclass, field, replace

from bot.nlu.understanding.interpretations import FAQ_PREFIX, IN_CONTEXT, PART, Reading, Thresholds
from bot.nlu.understanding.ranking import Ranked

CRISIS, EMERGENCY, PERSONAL = "crisis", "emergency", "personal_advice"
# Politeness and stories around a question: the question is answered.
SOCIAL = {"greet", "thank", "goodbye", "chitchat", "background", "feelings", "affirm", "deny"}
# What people say beside questions. An alarm among it needs less: no answer is lost by a false one.
TALK = SOCIAL | {"human", "enroll", "cancel"}
OUT_OF_SCOPE, DID_YOU_MEAN, LOST = "out_of_scope", "did_you_mean", "lost"
# A did-you-mean shows what is at least this probable, at most three.
SHOWN_CANDIDATE, MAX_CANDIDATES = 0.04, 3
MIN_PART_WORDS = 3
# Probability that another answer needs to be preferred to one that was just given.
WORTH_ANSWERING = 0.05
# About the 128 tokens that the encoder sees.
WHOLE_WORDS = 85


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


def decide(readings: list[Reading], thresholds: Thresholds, answered: str | None = None) -> Verdict:
    """The verdict on a message.

    Args:
        readings: of one message; the whole comes first.
        thresholds: when to be sure.
        answered: name of the answer that the reading in context refers to.
    """
    if _is_number(readings[0].text):
        # To the encoder all numbers are alike; the rules know which ones are dangerous.
        return alarm_by_rules(readings) or Verdict(LOST, "lost")
    fresh = [_without_repetition(reading, answered) for reading in readings]
    return _safety(readings, thresholds) or _dialogue_or_question(fresh, thresholds)


def _is_number(text: str) -> bool:
    """Whether it is a number or a sum, with not a word beside it."""
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def alarm_by_rules(readings: list[Reading]) -> Verdict | None:
    """Crisis or emergency as far as the rules alone can tell."""
    if any(reading.signals.crisis for reading in readings):
        return Verdict(CRISIS, "safety")
    if any(reading.signals.dangerous_now for reading in readings):
        return Verdict(EMERGENCY, "safety")
    return None


def _without_repetition(reading: Reading, answered: str | None) -> Reading:
    """Who asks on after an answer does not ask for it again, unless nothing else fits."""
    if reading.kind != IN_CONTEXT or not answered:
        return reading
    others = [ranked for ranked in reading.ranking if ranked.intent != f"{FAQ_PREFIX}{answered}"]
    if not others[0].intent.startswith(FAQ_PREFIX) or others[0].probability < WORTH_ANSWERING:
        return reading
    share = sum(ranked.probability for ranked in others)
    return replace(reading, ranking=[ranked._replace(probability=ranked.probability / share) for ranked in others])


def _safety(readings: list[Reading], at: Thresholds) -> Verdict | None:
    own = [reading for reading in readings if reading.kind != IN_CONTEXT]
    if own[0].known:
        return None if not _is_safety(own[0].top.intent) else Verdict(own[0].top.intent, "safety")
    whole = own[0]
    for reading in own:
        if reading.signals.crisis or _classified(reading, CRISIS, at.crisis, whole, at):
            return Verdict(CRISIS, "safety", ranking=reading.ranking)
    for reading in own:
        if _is_emergency(reading, whole, at):
            return Verdict(EMERGENCY, "safety", ranking=reading.ranking)
    for reading in own:
        if _is_personal(reading, readings, at):
            return Verdict(PERSONAL, "safety", reading.probability(PERSONAL), reading.ranking)
    return None


def _classified(reading: Reading, intent: str, threshold: float, whole: Reading, at: Thresholds) -> bool:
    """Whether the classifier alone is enough for an alarm.

    A sentence torn out of its message misleads ("what comes at the very end?"), so a part counts only if the whole
    message does not rule the intent out.
    """
    if reading.top.intent in TALK:
        threshold = min(threshold, at.alarm_in_talk)
    too_long_to_see_whole = len(whole.text.split()) > WHOLE_WORDS
    supported = reading is whole or too_long_to_see_whole or whole.probability(intent) >= at.safety_whole
    return supported and _probable(reading, intent, threshold, at)


def _probable(reading: Reading, intent: str, threshold: float, at: Thresholds) -> bool:
    """A text far from every example of the intent has to be more probable."""
    found = reading.of(intent)
    return found.probability >= (threshold if found.nearness >= at.safety_near else at.safety_far)


def _is_personal(reading: Reading, readings: list[Reading], at: Thresholds) -> bool:
    """Whether a judgement is asked for: in a part as well, but not where "is it safe?" is about the last answer."""
    if reading.kind == PART:
        return _probable(reading, PERSONAL, at.personal_part, at)
    follow_up = next((each for each in readings if each.kind == IN_CONTEXT), None)
    if follow_up and _is_question(follow_up.top) and follow_up.top.score >= at.sure:
        return False
    if "judgement" in reading.signals.meanings and reading.probability(PERSONAL) >= at.personal_with_sign:
        return True
    return _probable(reading, PERSONAL, at.personal, at)


def _is_safety(intent: str) -> bool:
    return intent in {CRISIS, EMERGENCY, PERSONAL}


def _is_emergency(reading: Reading, whole: Reading, at: Thresholds) -> bool:
    signals, probability = reading.signals, reading.probability(EMERGENCY)
    if signals.dangerous_now:
        return True
    # Among talk no answer is lost by a false alarm: there the sign alone is enough.
    if signals.happening and (probability >= at.emergency_with_sign or reading.top.intent in TALK):
        return True
    # "Should I stop my aspirin?" sounds alarmed to the classifier; with no sign of danger the question goes first.
    if "red_flag" not in signals.meanings and reading.probability(PERSONAL) * 2 >= probability:
        return False
    return _classified(reading, EMERGENCY, at.emergency, whole, at)


def _dialogue_or_question(readings: list[Reading], at: Thresholds) -> Verdict:
    whole = readings[0]
    top = whole.top
    best = _best_question(readings, at)
    question = best.questions[0]
    if _leads(top, question, at) and not (best.kind == IN_CONTEXT and top.intent == PERSONAL):
        return Verdict(top.intent, "dialogue", top.probability, whole.ranking)
    if top.intent == OUT_OF_SCOPE and top.probability > question.probability:
        if question.score >= at.between and top.probability < at.outside:
            return _ask(best)
        return Verdict(LOST, "lost", top.probability, whole.ranking)
    if question.score >= at.sure:
        first, *also = _asked(readings, question, at)
        return Verdict(
            f"{FAQ_PREFIX}{first}",
            "sure",
            question.score,
            best.ranking,
            candidates=_runners_up(best, {first, *also}),
            also=tuple(also),
            echo=question.score < at.echo,
        )
    if question.score >= at.between:
        return _ask(best)
    return Verdict(LOST, "lost", question.score, best.ranking)


def _leads(top: Ranked, question: Ranked, at: Thresholds) -> bool:
    """Whether the message is something else than a question."""
    if _is_question(top) or top.intent == OUT_OF_SCOPE or top.score < max(question.score, at.between):
        return False
    return not (top.intent in SOCIAL and question.score >= at.second)


def _ask(reading: Reading) -> Verdict:
    question = reading.questions[0]
    return Verdict(DID_YOU_MEAN, "between", question.score, reading.ranking, candidates=_candidates(reading))


def _best_question(readings: list[Reading], at: Thresholds) -> Reading:
    """The reading to answer: in context where it is clearer so, else the whole unless only a part is clear."""
    whole = readings[0]
    in_context = [reading for reading in readings if reading.kind == IN_CONTEXT]
    if in_context and _question_score(in_context[0]) >= max(_question_score(whole), at.between):
        return in_context[0]
    if _question_score(whole) >= at.sure:
        return whole
    return max(readings, key=_question_score)


def _question_score(reading: Reading) -> float:
    if reading.kind == PART and len(reading.text.split()) < MIN_PART_WORDS:
        return 0.0
    return reading.questions[0].score


def _is_question(ranked: Ranked) -> bool:
    return ranked.intent.startswith(FAQ_PREFIX)


def _asked(readings: list[Reading], best: Ranked, at: Thresholds) -> list[str]:
    """Names of the answers to give: two, in the order asked, where two parts clearly ask different questions."""
    tops = [reading.top for reading in readings if reading.kind == PART]
    clear = [top.intent for top in tops if _is_question(top) and top.score >= at.second]
    several = list(dict.fromkeys(clear))[:2]
    if len(several) == 2 and best.intent in several:
        return [intent.removeprefix(FAQ_PREFIX) for intent in several]
    return [best.intent.removeprefix(FAQ_PREFIX)]


def _runners_up(reading: Reading, given: set[str]) -> tuple[str, ...]:
    """Names of what else may have been meant, to be offered beside the answer."""
    probable = [ranked for ranked in reading.questions[:MAX_CANDIDATES] if ranked.probability >= SHOWN_CANDIDATE]
    names = [ranked.intent.removeprefix(FAQ_PREFIX) for ranked in probable]
    return tuple(name for name in names if name not in given)


def _candidates(reading: Reading) -> tuple[str, ...]:
    probable = [ranked for ranked in reading.questions if ranked.probability >= SHOWN_CANDIDATE]
    chosen = probable[:MAX_CANDIDATES] if len(probable) > 1 else reading.questions[:2]
    return tuple(ranked.intent.removeprefix(FAQ_PREFIX) for ranked in chosen)
