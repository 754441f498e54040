"""The pattern language of data/nlu/safety_rules.yml, on small rules of the test's own."""

from pathlib import Path

import pytest
import yaml

from bot.content.catalogue import ContentError
from bot.nlu.safety.rules import Rule, RuleMatcher, read_rules
from bot.nlu.safety.signals import Signals

COMPLETE = {"name": "breathing", "means": "red_flag", "why": "Urgent.", "patterns": ["gasping"]}


def matches(text: str, *patterns: str, unless: str = "only a drill") -> bool:
    matcher = RuleMatcher([Rule("a rule", "red_flag", "a reason", patterns, (unless,))])
    return matcher.meanings(matcher.read(text)) == {"red_flag"}


def rules_file(folder: Path, *rules: object) -> Path:
    path = folder / "rules.yml"
    path.write_text(yaml.safe_dump({"safety_rules": list(rules)}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("chest pain", True),
        ("He has CHEST PAIN, badly", True),
        ("my chest hurts", True),
        ("chest", False),
        ("pain in the chest", False),
        ("chest and pain", False),
        ("chest painting", False),
    ],
)
def test_a_pattern_is_a_row_of_words_with_alternatives(text: str, found: bool) -> None:
    assert matches(text, "chest pain|hurts") is found


def test_any_pattern_of_a_rule_is_enough() -> None:
    assert matches("she is gasping", "choking", "gasping")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lips blue", True),
        ("lips are blue", True),
        ("lips are turning very blue", True),
        ("lips are all of them blue", False),
        ("lips. Blue", False),
    ],
)
def test_three_dots_stand_for_up_to_three_words_of_one_sentence(text: str, found: bool) -> None:
    assert matches(text, "lips ... blue") is found


@pytest.mark.parametrize(
    ("text", "found"), [("seizure", True), ("Seizures", True), ("two seizures", True), ("seiz", False)]
)
def test_a_star_stands_for_any_ending(text: str, found: bool) -> None:
    assert matches(text, "seizure*") is found


def test_a_star_may_be_one_of_several() -> None:
    assert matches("convulsions", "fit|convuls*")
    assert matches("a fit", "fit|convuls*")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("he can't breathe", True),
        ("he can\N{RIGHT SINGLE QUOTATION MARK}t breathe", True),
        ("he cant breathe", True),
        ("he cannot breathe", True),
        ("he could not breathe", True),
        ("he never breathes", False),
        ("he can breathe", False),
    ],
)
def test_a_negation_is_read_in_all_its_spellings(text: str, found: bool) -> None:
    assert matches(text, "n't breathe") is found


@pytest.mark.parametrize(
    ("text", "found"), [("it is hot", True), ("it is a hot topic", False), ("a hot topic, and he is hot", False)]
)
def test_an_exception_outweighs_the_rule(text: str, found: bool) -> None:
    assert matches(text, "hot", unless="hot topic") is found


def test_an_exception_holds_for_its_own_rule_only() -> None:
    matcher = RuleMatcher(
        [Rule("heat", "red_flag", "", ("hot",), ("hot topic",)), Rule("talk", "general", "", ("topic",))]
    )
    assert matcher.meanings(matcher.read("a hot topic")) == {"general"}


@pytest.mark.parametrize("text", ["", "nothing of that", "🔥"])
def test_other_texts_carry_no_meaning(text: str) -> None:
    assert not matches(text, "hot")


def test_the_assistants_own_rules_can_be_read() -> None:
    assert RuleMatcher(read_rules())


def test_a_complete_rule_is_read(tmp_path: Path) -> None:
    path = rules_file(tmp_path, {**COMPLETE, "unless": ["gasping with joy"]})
    assert read_rules(path) == [Rule("breathing", "red_flag", "Urgent.", ("gasping",), ("gasping with joy",))]


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_a_missing_key_is_named(tmp_path: Path, missing: str) -> None:
    incomplete = {key: value for key, value in COMPLETE.items() if key != missing}
    with pytest.raises(ContentError, match=f"a rule lacks '{missing}'"):
        read_rules(rules_file(tmp_path, incomplete))


def test_an_unknown_meaning_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="rule breathing: unknown meaning 'orange_flag'"):
        read_rules(rules_file(tmp_path, {**COMPLETE, "means": "orange_flag"}))


@pytest.mark.parametrize("content", ["safety_rules: [", "safety_rules:\n\t- a"])
def test_broken_yaml_is_refused_with_its_place(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(content)
    with pytest.raises(ContentError, match=r"rules\.yml line"):
        read_rules(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"rules\.yml cannot be read"):
        read_rules(tmp_path / "rules.yml")


@pytest.mark.parametrize(
    ("meanings", "calm", "happening"),
    [
        ({"red_flag", "somebody", "now"}, False, True),
        ({"red_flag", "somebody"}, False, False),
        ({"red_flag", "now"}, False, True),
        ({"somebody", "now"}, False, False),
        ({"red_flag", "somebody", "now", "not_now"}, True, False),
        ({"red_flag", "somebody", "now", "general"}, False, True),
        ({"red_flag", "now", "general"}, True, False),
        (set(), False, False),
    ],
)
def test_signals_tell_what_happens_now_from_what_is_asked_in_general(
    meanings: set[str], calm: bool, happening: bool
) -> None:
    signals = Signals(frozenset(meanings))
    assert (signals.calm, signals.happening) == (calm, happening)
