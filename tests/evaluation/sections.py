"""The report's tables on all sets as they are today."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.evaluation.calibration import bins, calibration_error
from tests.evaluation.counts import Count
from tests.evaluation.figures import Result, is_honest, wants_no_answer
from tests.evaluation.measurement import Measurement, no_alarms, together
from tests.evaluation.outcome import CERTAIN, NONE, POSSIBLE
from tests.evaluation.public_data import PublicScore
from tests.evaluation.tables import NOTHING, cells, counted, percent, table

ALL = "all together"
# Pairs of expected and got that a set's table of failures shows.
SHOWN_PAIRS, SHOWN_CHARACTERS = 40, 110


def alarms(measured: Sequence[Measurement]) -> str:
    """False alarms over everything that is no alarm."""
    rows = []
    for name, results in _with_all(measured):
        calm = no_alarms(results)
        if calm:
            certain = Count(sum(each.outcome.urgency == CERTAIN for each in calm), len(calm))
            possible = sum(each.outcome.urgency == POSSIBLE for each in calm)
            rows.append([name, *cells(certain), counted(possible, len(calm))])
    return table(["messages that are no alarm", "raise one", "share", "95 % interval", "possibly one"], rows)


def cited(measured: Sequence[Measurement]) -> str:
    """Cited answers to what the documents do not hold."""
    rows = []
    for name, results in _with_all(measured):
        near = [each for each in results if each.case.expected[0] == "near"]
        off = [each for each in results if wants_no_answer(each.case)]
        rows.append([name, *_cited(near), *_cited(off)])
    header = ["set", "near-domain: cited", "honest", "off the subject: cited", "honest"]
    return table(header, [row for row in rows if set(row[1:]) != {NOTHING}])


def _cited(results: Sequence[Result]) -> list[str]:
    given = [each for each in results if each.outcome.is_cited]
    honest = sum(is_honest(each.case, each.outcome) for each in given)
    return [counted(len(given), len(results)), str(honest) if results else NOTHING]


def urgency(measured: Sequence[Measurement]) -> str:
    """The three tiers, by kind of message and set."""
    rows = []
    for each in measured:
        for kind, tiers in each.urgency.items():
            total = sum(tiers.values())
            rows.append([each.name, kind, *(counted(tiers[tier], total) for tier in (CERTAIN, POSSIBLE, NONE))])
    return table(["set", "messages", CERTAIN, POSSIBLE, NONE], rows)


def voices(measured: Sequence[Measurement]) -> str:
    """What was right by voice."""
    rows = [[each.name, voice, *cells(count)] for each in measured for voice, count in each.voices.items()]
    return table(["set", "voice", "right", "share", "95 % interval"], rows)


def calibration(results: Sequence[Result]) -> str:
    """How often decisions are right by their confidence."""
    errors = calibration_error(results)
    rows = []
    for kind, binned in bins(results).items():
        for each in binned:
            rows.append([kind, percent(each.confidence), *cells(each.right)])
    summary = "; ".join(f"{kind} {error:.3f}" for kind, error in errors.items())
    shown = table(["decision", "mean confidence", "right", "share", "95 % interval"], rows)
    return f"Expected calibration error: {summary}.\n\n{shown}"


def distances(measured: Sequence[Measurement]) -> str:
    """How far the sets are from the training examples."""
    rows = []
    for each in measured:
        for group, far in each.distances.items():
            rows.append([each.name, group, *far.as_dict().values(), str(each.left_out)])
    header = ["set", "messages", "count", "with nothing near", "quartiles of the cosine", "left out of the set"]
    return table(header, rows)


def public(scores: Sequence[PublicScore]) -> str:
    """Encoder and classifier on public data."""
    rows = []
    for score in scores:
        auroc = "" if score.auroc is None else percent(score.auroc)
        mcc = "" if score.mcc is None else f"{score.mcc:.3f}"
        rows.append([score.name, percent(score.accuracy), auroc, mcc, score.aim])
    return table(["data", "accuracy", "out-of-scope AUROC", "MCC, best threshold", "aim"], rows)


def failures(each: Measurement) -> str:
    """What went wrong in a dev set: pairs of expected and got with an example."""
    wrong = [result for result in each.results if not result.is_right]
    pairs = Counter((result.case.expected[0], result.outcome.label) for result in wrong)
    rows = []
    for (expected, got), count in pairs.most_common(SHOWN_PAIRS):
        example = next(r for r in wrong if (r.case.expected[0], r.outcome.label) == (expected, got))
        rows.append([expected, got, str(count), said(example)[:SHOWN_CHARACTERS]])
    more = len(pairs) - len(rows)
    rest = f"\n\nAnd {more} more pairs." if more > 0 else ""
    return f"### {each.name}\n\n{len(wrong)} of {len(each.results)}.\n\n" + (
        table(["expected", "got", "count", "example"], rows) + rest if rows else ""
    )


def said(result: Result) -> str:
    """The message, with the one before it."""
    return f"{result.case.first} > {result.case.text}" if result.case.first else result.case.text


def _with_all(measured: Sequence[Measurement]) -> Iterable[tuple[str, list[Result]]]:
    yield from ((each.name, each.results) for each in measured)
    yield ALL, together(measured)
