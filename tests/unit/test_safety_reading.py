"""What makes a danger harmless, and how far that reaches, by the product's own rules."""

import pytest

from bot.nlu.safety.reading import signals_of
from bot.nlu.safety.rules import RuleMatcher, read_rules


@pytest.fixture(scope="module")
def matcher() -> RuleMatcher:
    return RuleMatcher(read_rules())


@pytest.mark.parametrize(
    "text",
    [
        "no fever last week, 40.1 burning up now",
        "She had no seizures in 2019. Now her temperature is 39.4",
        "fever 39.5 now but no bleeding",
    ],
)
def test_what_is_past_or_negated_calms_its_own_clause_only(matcher: RuleMatcher, text: str) -> None:
    signals = signals_of(text, matcher)
    assert signals.dangerous_now or signals.happening


@pytest.mark.parametrize(
    "text",
    [
        "She had a fever of 39. That was last year.",
        "in 2031 he had 39.5",
        "no fever, no confusion, all calm",
        "his temperature was 39.4 last spring, long ago",
    ],
)
def test_a_clause_that_speaks_of_the_one_before_calms_it(matcher: RuleMatcher, text: str) -> None:
    signals = signals_of(text, matcher)
    assert not signals.dangerous_now
    assert not signals.happening


@pytest.mark.parametrize("text", ["what if she gets a fever, 39 or more?", "if he stops breathing, who comes?"])
def test_what_is_supposed_holds_for_the_whole_text(matcher: RuleMatcher, text: str) -> None:
    assert signals_of(text, matcher).calm


@pytest.mark.parametrize("text", ["you are not answering my question", "the bot isn't responding"])
def test_a_bot_that_does_not_answer_is_not_unconscious(matcher: RuleMatcher, text: str) -> None:
    assert "red_flag" not in signals_of(text, matcher).meanings


def test_a_fit_is_a_red_flag_in_the_words_people_use(matcher: RuleMatcher) -> None:
    assert signals_of("he just had an epileptic fit", matcher).happening
