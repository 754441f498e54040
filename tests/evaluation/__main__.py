"""``make evaluate``: sends the held-out questions through the real REST channel and writes docs/evaluation.md."""

import tempfile
from datetime import datetime, timezone
from pathlib import Path

from tests.answers import names_by_title
from tests.assistant import Conversation, running_rasa
from tests.evaluation.cases import FollowUp, cases, follow_ups
from tests.evaluation.figures import Result, figures
from tests.evaluation.outcome import Outcome
from tests.evaluation.public_data import public_scores
from tests.evaluation.report import REPORT, write_report

SPLITS = ("test", "dev")


def main() -> None:
    """Runs everything; prints the figures of the test split."""
    titles = names_by_title()
    by_split, in_context = {}, {}
    with tempfile.TemporaryDirectory() as folder, running_rasa(Path(folder)) as url:
        for split in SPLITS:
            results = [
                Result(case.text, case.expected, Outcome.of(Conversation(url).say(case.text), titles))
                for case in cases(split)
            ]
            by_split[split] = (figures(results), results)
            in_context[split] = [_follow_up(url, case, titles) for case in follow_ups(split)]
    with tempfile.TemporaryDirectory() as folder:
        public = public_scores(Path(folder))
    write_report(datetime.now(timezone.utc).date().isoformat(), by_split, in_context, public)
    for figure in by_split["test"][0]:
        print(f"{figure.measure.name:48} {figure.hits:4} of {figure.total:4}  {figure.share:6.1%}")
    print(f"The report is {REPORT}.")


def _follow_up(url: str, case: FollowUp, titles: dict[str, str]) -> Result:
    conversation = Conversation(url)
    conversation.say(case.first)
    outcome = Outcome.of(conversation.say(case.then), titles)
    return Result(f"{case.first} > {case.then}", case.expected, outcome)


if __name__ == "__main__":
    main()
