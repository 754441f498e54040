from dataclasses import fields
from typing import Any

import pytest

from bot.nlu.safety.signals import Signals
from bot.nlu.understanding.interpretations import WHOLE, Interpretation, Thresholds
from bot.nlu.understanding.ranking import Ranked

NAMES = sorted(field.name for field in fields(Thresholds))


def config(**changes: Any) -> dict[str, Any]:
    return {**dict.fromkeys(NAMES, 0.5), **changes}


def interpretation(*ranking: Ranked) -> Interpretation:
    return Interpretation("a text", WHOLE, list(ranking), Signals())


def test_thresholds_are_read_from_the_configuration() -> None:
    assert Thresholds.from_config(config(sure=0.7, between=0.1)) == Thresholds(**config(sure=0.7, between=0.1))


def test_a_threshold_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match=r"^known must be a number from 0 to 1, not None"):
        Thresholds.from_config({})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-0.1, 1.1, "0.5", None])
def test_a_threshold_that_is_no_number_from_0_to_1_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be a number from 0 to 1, not {value!r}"):
        Thresholds.from_config(config(**{name: value}))


def test_between_above_sure_is_refused() -> None:
    with pytest.raises(ValueError, match="between must not be above sure"):
        Thresholds.from_config(config(between=0.6, sure=0.5))


@pytest.mark.parametrize(("similarity", "score"), [(0.5, 0.4), (0.0, 0.0), (-0.3, 0.0)])
def test_the_score_joins_probability_and_similarity(similarity: float, score: float) -> None:
    assert Ranked("faq/crs", 0.8, similarity).score == pytest.approx(score)


def test_an_unknown_intent_has_no_probability() -> None:
    assert interpretation(Ranked("greet", 0.9, 0.9)).probability("faq/crs") == 0.0


def test_only_answers_are_questions() -> None:
    greeting, answer = Ranked("greet", 0.6, 0.9), Ranked("faq/crs", 0.4, 0.9)
    assert interpretation(greeting, answer).top == greeting
    assert interpretation(greeting, answer).questions == [answer]


def test_shares_are_sums() -> None:
    read = interpretation(
        Ranked("faq/a", 0.3, 1), Ranked("greet", 0.25, 1), Ranked("faq/b", 0.2, 1), Ranked("crisis", 0.1, 1)
    )
    assert read.faq_share == pytest.approx(0.5)
    assert read.share({"greet", "crisis", "unknown"}) == pytest.approx(0.35)
