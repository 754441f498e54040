import pytest
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.components.history import history_of
from bot.nlu.understanding.follow_up import REMEMBERED_MESSAGES, Context, in_context
from tests.events import answered, asked, conversation, replied

CRS = Context("crs_what", "CRS")


def context_of(tracker: DialogueStateTracker) -> Context:
    return Context.of(history_of(tracker))


LONG = "please explain to me in simple words how doctors find out which antigen"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("how long does that last?", "how long does CRS last?"),
        ("is it dangerous?", "is CRS dangerous?"),
        ("what do doctors do about it?", "what do doctors do about CRS?"),
        ("What are its signs", "What are CRS's signs"),
        ("how do they treat IT", "how do they treat CRS"),
        ("do they go away", "do CRS go away"),
        ("how do doctors treat them", "how do doctors treat CRS"),
        ("and what about their cause", "and what about CRS's cause"),
    ],
)
def test_a_pronoun_gives_way_to_the_subject(text: str, meant: str) -> None:
    assert in_context(text, CRS) == meant


@pytest.mark.parametrize("text", ["how long", "how long?", "How long ?!", "how long..."])
def test_a_short_question_gets_the_subject_added(text: str) -> None:
    assert in_context(text, CRS) in {"how long (CRS)?", "How long (CRS)?"}


@pytest.mark.parametrize("text", ["is it true", "Is it possible", "is that correct"])
def test_a_pronoun_that_stands_for_no_subject_stays(text: str) -> None:
    assert (in_context(text, CRS) or "").startswith(text)


@pytest.mark.parametrize("text", ["thanks a lot", "ok", "cytopenia", "my father"])
def test_a_short_text_that_asks_nothing_needs_no_context(text: str) -> None:
    assert in_context(text, CRS) is None


@pytest.mark.parametrize("text", [LONG, "is the itinerary for visitors of the hospital in Beijing flexible"])
def test_a_long_question_without_a_pronoun_needs_no_context(text: str) -> None:
    assert in_context(text, CRS) is None


def test_nothing_is_read_in_context_before_an_answer() -> None:
    assert in_context("how long does that last?", Context()) is None


def test_the_context_is_the_last_answer() -> None:
    tracker = conversation(asked(), answered("icans", subject="ICANS"), asked(), answered("crs_what", subject="CRS"))
    assert context_of(tracker) == CRS


def test_of_several_answers_in_one_reply_the_last_is_the_context() -> None:
    assert context_of(conversation(asked(), answered("icans", "crs_what", subject="CRS"))) == CRS


def test_the_context_outlasts_other_replies() -> None:
    tracker = conversation(asked(), answered("crs_what", subject="CRS"), asked("thanks"), replied("utter_thank"))
    assert context_of(tracker) == CRS


def later_messages(count: int) -> list[UserUttered]:
    return [asked("and?", "lost") for _ in range(count)]


def test_an_answer_is_remembered_for_some_messages_only() -> None:
    past: list[Event] = [asked(), answered("crs_what", subject="CRS")]
    assert context_of(conversation(*past, *later_messages(REMEMBERED_MESSAGES))) == CRS
    assert context_of(conversation(*past, *later_messages(REMEMBERED_MESSAGES + 1))) == Context()


@pytest.mark.parametrize("tracker", [None, conversation(), conversation(asked(), replied("utter_greet"))])
def test_there_is_no_context_without_an_answer(tracker: object) -> None:
    assert context_of(tracker) == Context()


@pytest.mark.parametrize("text", ["and the other one?", "the other one", "What about the second?", "and the other"])
def test_the_other_one_is_what_may_have_been_meant_beside_the_answer(text: str) -> None:
    assert in_context(text, Context("crs_what", "CRS", "What is ICANS?")) == "What is ICANS?"
