"""The pipeline that the evaluation runs in its own process, beside the running assistant."""

from collections.abc import Iterator

import pytest
import structlog

from bot.launcher.fingerprint import fingerprint
from bot.launcher.training import MODELS
from tests.conftest import Assistant as Running
from tests.evaluation.asking import Assistant
from tests.evaluation.cases import Case
from tests.evaluation.outcome import CERTAIN, Outcome
from tests.evaluation.pipeline import Pipeline

# A dependency of Rasa's loads a module the old way.
pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore:the load_module:DeprecationWarning")]

TEXTS = ["What is CRS?", "I want to talk to a person", "she cannot breathe, her lips are blue", "capital of Mongolia?"]


@pytest.fixture(scope="module")
def pipeline(assistant: Running) -> Iterator[Pipeline]:
    """Of the model that the running assistant has."""
    yield Pipeline(MODELS / f"{fingerprint()}.tar.gz")
    structlog.reset_defaults()


def test_it_understands_what_the_assistant_answers(assistant: Running, pipeline: Pipeline) -> None:
    replied = Assistant(assistant.url, pipeline).ask([Case(text, ("far",)) for text in TEXTS])
    alone = pipeline.understand(TEXTS)
    assert [_essence(result.outcome) for result in replied] == [_essence(outcome) for outcome in alone]
    assert [outcome.urgency == CERTAIN for outcome in alone] == [False, False, True, False]
    assert [result.sign for result in replied] == [False, False, True, False]


def test_the_second_message_of_two_is_read_after_the_first(assistant: Running, pipeline: Pipeline) -> None:
    follow_up = Case("how long does that last?", ("crs_timing",), first="What is CRS?")
    (result,) = Assistant(assistant.url, pipeline).ask([follow_up])
    assert result.is_right


def test_no_message_is_written_anywhere(pipeline: Pipeline, capfd: pytest.CaptureFixture[str]) -> None:
    pipeline.understand(["a question that nobody may see yet"])
    assert "nobody may see" not in "".join(capfd.readouterr())


def _essence(outcome: Outcome) -> tuple[object, ...]:
    return outcome.kind, outcome.answers, outcome.urgency, outcome.confidence
