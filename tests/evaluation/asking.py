"""Asks the real assistant, every case in a conversation of its own over the REST channel."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.assistant import Conversation
from tests.evaluation.cases import Case
from tests.evaluation.figures import Result
from tests.evaluation.outcome import Outcome
from tests.evaluation.pipeline import Pipeline

# Rasa understands one message at a time; a few more keep it busy while replies travel.
AT_ONCE = 3


class Assistant:
    """The running assistant, and its pipeline beside it for what a reply does not show.

    Args:
        url: of the REST webhook.
        pipeline: of the same model.
    """

    def __init__(self, url: str, pipeline: Pipeline) -> None:
        self._url = url
        self._pipeline = pipeline

    def ask(self, cases: Sequence[Case]) -> list[Result]:
        """The results, in the order of the cases."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            replied = list(pool.map(self._reply, cases))
        understood = self._pipeline.understand([case.text for case in cases])
        return [
            Result(case, _decided(case, reply, alone), self._pipeline.has_sign(case.text))
            for case, reply, alone in zip(cases, replied, understood, strict=True)
        ]

    def _reply(self, case: Case) -> Outcome:
        conversation = Conversation(self._url)
        if case.first:
            conversation.say(case.first)
        return Outcome.of_reply(conversation.say(case.text))


def _decided(case: Case, reply: Outcome, alone: Outcome) -> Outcome:
    # The second message of two means something else alone.
    return reply if case.first else reply.with_decision(alone)
