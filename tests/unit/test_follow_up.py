"""A message after an answer: when it is read in context, and what then counts."""

import pytest
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.components.history import history_of
from bot.nlu.safety.signals import Signals
from bot.nlu.understanding.follow_up import (
    MOST_WORDS,
    REMEMBERED_MESSAGES,
    Context,
    FollowUps,
    count_words,
    in_context,
)
from bot.nlu.understanding.interpretations import IN_CONTEXT, WHOLE, Interpretation
from bot.nlu.understanding.ranking import Ranked
from tests.events import answered, asked, conversation, replied

CRS = Context("crs_what", "What is CRS?", "CRS", ("crs_timing",))
WEIGHTS = {"bias": 6.0, "understood": 6.0, "word": 0.5, "complete": 0.3, "floor": 0.003, "same": 4.0, "offered": 4.5}
FOLLOW_UPS = FollowUps.from_config(WEIGHTS)
INTENTS = ("faq/crs_what", "faq/crs_timing", "faq/cost", "out_of_scope", "chitchat", "about_reply_shorter")


def context_of(tracker: DialogueStateTracker) -> Context:
    return Context.of(history_of(tracker))


def read(text: str, kind: str = WHOLE, known: bool = False, **probabilities: float) -> Interpretation:
    """An interpretation with these probabilities (``faq/`` left out) and a similarity of .5."""
    ranking = [Ranked(intent, probabilities.get(intent.removeprefix("faq/"), 0.0), 0.5) for intent in INTENTS]
    return Interpretation(text, kind, sorted(ranking, key=lambda each: -each.probability), Signals(), known)


def behind(known: bool = False, **probabilities: float) -> Interpretation:
    return read("What is CRS? ...", IN_CONTEXT, known, **probabilities)


def weighed(whole: Interpretation, in_place: Interpretation, context: Context = CRS) -> str | None:
    found = FOLLOW_UPS.weigh(whole, in_place, context)
    return found.top.intent if found else None


def test_a_message_is_read_behind_the_question_that_was_answered() -> None:
    assert in_context("for how long", CRS) == "What is CRS? for how long"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("how long does that last?", "how long does CRS last?"),
        ("is it dangerous?", "is CRS dangerous?"),
        ("what do doctors do about it?", "what do doctors do about CRS?"),
        ("What are its signs", "What are CRS's signs"),
        ("what do they do about it", "what do they do about CRS"),
        ("do they go away", "do CRS go away"),
        ("and what about their cause", "and what about CRS's cause"),
    ],
)
def test_a_pronoun_gives_way_to_the_subject(text: str, meant: str) -> None:
    assert in_context(text, CRS) == meant


@pytest.mark.parametrize("text", ["is it true", "Is it possible", "is that correct"])
def test_a_pronoun_that_stands_for_no_subject_stays(text: str) -> None:
    assert in_context(text, CRS) == f"What is CRS? {text}"


def test_with_its_subject_a_question_is_complete_even_if_the_words_alone_are_known() -> None:
    alone = read("how long does it last?", known=True, cost=1.0)
    assert weighed(alone, read("how long does CRS last?", IN_CONTEXT, crs_timing=0.9)) == "faq/crs_timing"
    assert weighed(alone, read("how long does CRS last?", IN_CONTEXT, crs_timing=0.1)) is None


def test_a_question_on_ones_own_case_that_is_clear_alone_is_no_follow_up() -> None:
    ranking = [Ranked("personal_advice", 0.98, 0.95), Ranked("faq/crs_what", 0.0, 0.1)]
    alone = Interpretation("Am I eligible for CAR-T?", WHOLE, ranking, Signals())
    assert FOLLOW_UPS.probability(alone) < 0.2
    assert FOLLOW_UPS.probability(read("and who is eligible?")) > 0.8


def test_who_writes_much_says_what_it_is_about() -> None:
    assert in_context("why " * MOST_WORDS, CRS)
    assert in_context("why " * (MOST_WORDS + 1), CRS) is None


@pytest.mark.parametrize(
    ("text", "words"), [("for how long", 3), ("多久", 1), ("CAR-T要多久\uff1f", 3), ("how long ?", 2), ("", 0)]
)
def test_words_are_counted_in_languages_without_spaces_too(text: str, words: int) -> None:
    assert count_words(text) == words


def test_nothing_is_read_in_context_before_an_answer() -> None:
    assert in_context("how long does that last?", Context()) is None


def test_what_is_unclear_alone_is_what_both_readings_and_the_place_make_likely() -> None:
    assert (
        weighed(read("how long?", crs_timing=0.1, cost=0.2), behind(crs_what=0.6, crs_timing=0.4)) == "faq/crs_timing"
    )


def test_what_holds_the_answer_already_is_given_again() -> None:
    assert weighed(read("and the signs?", cost=0.2), behind(crs_what=0.9)) == "faq/crs_what"


def test_what_was_offered_beside_the_answer_is_likelier_than_the_rest() -> None:
    alone, in_place = read("how long?", crs_timing=0.2, cost=0.2), behind(crs_timing=0.3, cost=0.3)
    assert weighed(alone, in_place) == "faq/crs_timing"
    assert weighed(alone, in_place, Context("icans", "What is ICANS?", "ICANS", ("cost",))) == "faq/cost"


def test_a_question_that_is_clear_alone_stays_what_it_is() -> None:
    ranking = [Ranked(intent, 0.95 if intent == "faq/cost" else 0.01, 0.9) for intent in INTENTS]
    clear = Interpretation("the price of the treatment in China?", WHOLE, ranking, Signals())
    assert weighed(clear, behind(crs_what=0.9, cost=0.05)) in {None, "faq/cost"}


@pytest.mark.parametrize("ordinary", ["out_of_scope", "chitchat"])
def test_what_is_ordinary_talk_alone_is_no_follow_up(ordinary: str) -> None:
    alone = {"out_of_scope": 0.0, "chitchat": 0.0} | {ordinary: 0.95}
    whole = read("is it me or is it hot today in here", out_of_scope=alone["out_of_scope"], chitchat=alone["chitchat"])
    assert weighed(whole, behind(crs_what=0.9)) is None


@pytest.mark.parametrize("text", ["Rain again.", "lol", "never mind"])
def test_what_asks_nothing_is_no_follow_up(text: str) -> None:
    assert weighed(read(text, crs_what=0.05), behind(crs_what=0.9)) is None


@pytest.mark.parametrize("text", ["why", "and the signs", "signs\uff1f", "العلامات؟", "anything else"])
def test_what_asks_may_be_one(text: str) -> None:
    assert weighed(read(text, crs_what=0.05), behind(crs_what=0.9)) == "faq/crs_what"


def test_a_message_about_the_reply_stays_one() -> None:
    whole = read("shorter please?", about_reply_shorter=0.95)
    assert weighed(whole, behind(crs_what=0.8, about_reply_shorter=0.2)) == "about_reply_shorter"


def test_what_is_clearly_about_the_reply_is_no_follow_up_whatever_stands_for_its_subject() -> None:
    ranking = [Ranked("about_reply_shorter", 0.95, 0.9), Ranked("faq/crs_what", 0.01, 0.4)]
    alone = Interpretation("can you make it shorter?", WHOLE, ranking, Signals())
    assert weighed(alone, read("can you make CRS shorter?", IN_CONTEXT, crs_what=0.9)) is None


def test_a_known_text_needs_no_context() -> None:
    assert weighed(read("why", known=True, cost=1.0), behind(crs_what=0.9)) is None


def test_the_probabilities_are_some() -> None:
    found = FOLLOW_UPS.weigh(read("why", cost=0.2), behind(crs_what=0.9), CRS)
    assert found
    assert sum(ranked.probability for ranked in found.ranking) <= 1


@pytest.mark.parametrize("name", sorted(WEIGHTS))
@pytest.mark.parametrize("value", [None, 0, -1, "much"])
def test_a_wrong_weight_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"follow_ups: {name} must be a positive number"):
        FollowUps.from_config({**WEIGHTS, name: value})


def test_the_context_is_the_last_answer() -> None:
    crs = answered("crs_what", asked="What is CRS?", subject="CRS", offered=("crs_timing",))
    assert context_of(conversation(asked(), answered("icans"), asked(), crs)) == CRS


def test_of_several_answers_in_one_reply_the_last_is_the_context() -> None:
    crs = answered("icans", "crs_what", asked="What is CRS?", subject="CRS", offered=("crs_timing",))
    assert context_of(conversation(asked(), crs)) == CRS


def later_messages(count: int) -> list[UserUttered]:
    return [asked("and?", "lost") for _ in range(count)]


def test_an_answer_is_remembered_for_some_messages_only() -> None:
    past: list[Event] = [asked(), answered("crs_what"), replied("utter_thank")]
    assert context_of(conversation(*past, *later_messages(REMEMBERED_MESSAGES))).answer == "crs_what"
    assert context_of(conversation(*past, *later_messages(REMEMBERED_MESSAGES + 1))) == Context()


@pytest.mark.parametrize("tracker", [None, conversation(), conversation(asked(), replied("utter_greet"))])
def test_there_is_no_context_without_an_answer(tracker: object) -> None:
    assert context_of(tracker) == Context()


@pytest.mark.parametrize("text", ["and the other one?", "the other one", "What about the second?", "and the other"])
def test_the_other_one_is_what_may_have_been_meant_beside_the_answer(text: str) -> None:
    assert in_context(text, Context("crs_what", "What is CRS?", "CRS", (), "What is ICANS?")) == "What is ICANS?"
    assert weighed(read(text), behind(known=True, cost=1.0)) == "faq/cost"
