"""Every content check finds what it is there for, in a project that is otherwise correct."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.content import guide, safety, structure, wording
from bot.content.check import CHECKS, find_problems
from bot.content.problem import Problem
from bot.content.reader import Content, read_content
from tests.content import project
from tests.content.project import Change, answer, asked, metadata, replaced, reply, topic

Check = Callable[[Content], Iterator[Problem]]

HELPLINES = "Call 988 in the US and Canada, 116 123 in the UK, 12356 in China, or see findahelpline.com."
HARD = "Comprehensive multidisciplinary evaluation necessitates considerable institutional coordination."

CASES = [
    (
        structure.every_question_has_an_answer,
        topic(lambda given: given["responses"].pop("utter_faq/collecting")),
        "steps.yml: faq/collecting: no answer. Add `utter_faq/collecting`",
    ),
    (
        structure.every_answer_has_questions,
        topic(lambda given: given["nlu"].pop(0)),
        "faq/collecting: questions: 0, at least 15",
    ),
    (
        structure.every_answer_has_questions,
        topic(lambda given: given.update(nlu=[project.questions("faq/collecting", count=14), given["nlu"][1]])),
        "faq/collecting: questions: 14, at least 15",
    ),
    (
        structure.names_begin_with_faq,
        topic(lambda given: given["nlu"].append(project.questions("collecting"))),
        "collecting: call the intent `faq/`",
    ),
    (
        structure.names_begin_with_faq,
        topic(lambda given: given["responses"].update({"utter_x": [{"text": "Yes."}]})),
        "utter_x: call the answer `utter_faq/`",
    ),
    (
        structure.written_once,
        replaced(project.SECOND_TOPIC, {"responses": project.files()[project.TOPIC]["responses"]}),
        "faq/collecting: data/nlu/faq/more.yml already has an answer for it",
    ),
    (
        structure.written_once,
        replaced(project.SECOND_TOPIC, {"nlu": [project.questions("faq/freezing")]}),
        "faq/freezing: data/nlu/faq/more.yml already has questions for it",
    ),
    (structure.answers_are_complete, answer(""), "faq/collecting: no text"),
    (structure.answers_are_complete, metadata(subject=None), "no `subject` under `metadata`"),
    (structure.answers_are_complete, metadata(sources="first"), "`sources` must be a list in brackets"),
    (structure.answers_are_complete, metadata(titel="x"), "`titel` means nothing"),
    (structure.answers_are_complete, metadata(cannot_wait="yes"), "write `cannot_wait: true`"),
    (
        structure.answers_are_complete,
        topic(lambda given: given["responses"]["utter_faq/collecting"].append({"text": "Or so."})),
        "2 texts; only the first is shown",
    ),
    (structure.review_dates_are_text, metadata(reviewed=date(2026, 11, 21)), "write the day in quotes"),
    (structure.review_dates_are_text, metadata(reviewed="21.11.2026"), "write the day in quotes"),
    (structure.sources_are_known, metadata(sources=["first", "thrid"]), "unknown source thrid."),
    (structure.related_answers_exist, metadata(related=["frezing"]), "unknown related answer frezing."),
    (structure.related_answers_exist, metadata(related=["collecting"]), "related to itself"),
    (
        structure.related_answers_exist,
        metadata(related=["freezing", "freezing"]),
        "up to 3 different related",
    ),
    (
        structure.titles_fit_a_button,
        metadata(title=f"{'a' * 75}?"),
        "the title has 76 characters, at most 75",
    ),
    (structure.titles_fit_a_button, metadata(title="Collecting"), "the title is no question"),
    (
        structure.titles_fit_a_button,
        metadata(title="ARE the cells frozen?"),
        "faq/freezing: faq/collecting has the same title",
    ),
    (
        structure.questions_and_answers_in_the_same_order,
        topic(lambda given: given["nlu"].reverse()),
        "come in a different order",
    ),
    (wording.answers_are_short, answer("The cell is here. " * 31), "the answer has 124 words, at most 120"),
    (wording.answers_are_short, answer("Immunoglobulins " * 60), "title, answer and source line have"),
    (wording.the_first_sentence_answers_alone, answer("There are two ways:\n\n- one"), "only announces a list"),
    (
        wording.the_first_sentence_answers_alone,
        answer("It is so, " * 14),
        "the first sentence has 42 words, at most 40",
    ),
    (wording.the_first_sentence_answers_alone, answer("Yes, they are."), '"Yes," is wrong for everybody'),
    (
        wording.searched_terms_are_in_an_answer,
        replaced(project.GLOSSARY, {"searched": ["frozen", "inpatient"]}),
        "glossary.yml: inpatient: people search for it and no answer has it",
    ),
    (wording.answers_are_plain, answer(HARD), "faq/collecting: reading grade"),
    (wording.replies_are_plain, reply(HARD), "domain.yml: utter_greet: reading grade"),
    (
        wording.nobody_writes_the_source_line,
        answer("Yes.\n\nSource: Guide"),
        'faq/collecting: delete "Source:"',
    ),
    (
        wording.nobody_writes_the_source_line,
        reply("Hello.\n\nSource: Guide"),
        'utter_greet: delete "Source:"',
    ),
    (
        wording.buttons_ask_known_questions,
        reply("Hello.", buttons=[{"title": "Why?", "payload": "Why?"}]),
        'utter_greet: no answer has the title "Why?"',
    ),
    (wording.questions_are_plain_text, asked("what is [apheresis](x)"), "take the brackets out"),
    (wording.questions_are_plain_text, asked("/restart"), "no command, begin with a word"),
    (
        wording.questions_are_plain_text,
        topic(lambda given: given["nlu"][0].update(examples="what is it\n- why")),
        'begin the line with "- ": what is it',
    ),
    (wording.no_question_in_two_intents, asked("Hi!"), "greet: faq/collecting has this question too"),
    (
        wording.glossary_terms_are_used,
        replaced(project.GLOSSARY, {"terms": ["apheresis", "anemia"]}),
        "glossary.yml: anemia: no answer uses this term",
    ),
    (
        safety.figures_come_from_the_documents,
        answer("It takes 7 hours."),
        'the figure "7" is not in `figures`',
    ),
    (safety.figures_come_from_the_documents, answer("It takes two weeks."), 'the figure "two weeks"'),
    (safety.figures_come_from_the_documents, answer("CD22 is a target."), 'the figure "CD22"'),
    (
        safety.the_action_comes_first,
        answer("Fever is a sign of it.\n\nTell the care team at once."),
        'faq/collecting: "Fever": put "tell the care team at once" into the first paragraph',
    ),
    (
        safety.the_action_comes_first,
        answer("A seizure is a sign of it. The cells aim at two targets at once."),
        'faq/collecting: "seizure": put',
    ),
    (safety.what_cannot_wait_is_said, answer("Tell the care team at once."), 'faq/collecting: "at once": add'),
    (
        safety.what_cannot_wait_is_said,
        replaced(project.DOMAIN, {"responses": {"utter_lost": [{"text": "I do not know."}]}}),
        "domain.yml: utter_lost: somebody may wait here with a symptom",
    ),
]

UNSAFE = {
    "It is 0 %+ better.": "a broken counter",
    "It is paid in dollars.": "the documents hold no price",
    "We guarantee it.": "a promise or a recommendation",
    "Click here for more.": "plain text only",
    "It helps up to 90 percent of people.": '"90 percent": only as',
    "In some studies, up to 90 percent of all who relapsed several times did well.": '"90 percent": only as',
    "There are over 400 trials.": 'say when: "by the end of 2023"',
    "China approved four CAR-T products.": 'say when: "by the end of 2023"',
    "The symptoms are reversible.": 'never without "tell the care team at once"',
    "Fever is a sign that it works.": 'never without "tell the care team at once"',
    "It means a positive response.": 'never without "tell the care team at once"',
    "It can be life-threatening.": "a dangerous symptom",
    "Call the ambulance if the bleeding is severe.": "who decides what is severe?",
    "If it is severe, call the ambulance.": "who decides what is severe?",
    "It has nerve effects.": "nobody reads this as confusion",
    "Call 112, 911 or 120 in China.": "say which number is for whom",
    "In the US, call 988.": "a helpline of one country",
    "Call (800) 955-4572 and tell us.": "say that it is the line of a US charity",
    "It is a potential cure.": "the page's marketing",
    "This is a cutting-edge option.": "advertising",
    "It is cheaper there.": "one source's claim",
    "It is only available in clinical trials.": "the documents disagree on this",
    "China is the second-largest country by trials.": "the documents disagree on China's rank",
    "A product is approved for AML.": "no approved product for AML",
}

CALL = "Tell the care team at once."
SAFE = [
    "The cells aim at two targets at once.",
    "In some studies, up to 90 percent of people with ALL did well. They had relapsed several times.",
    "By the end of 2023, over 400 trials were running.",
    "Call (800) 955-4572, the line of a US charity.",
    "One source calls it a potential cure. That is no promise.",
    "One source says it may be cheaper there. It gives no figures.",
    "One passage says it is only available in trials. The sources disagree.",
    "No product for AML is approved, as the sources name no such product. It is mostly in trials.",
    "CD19 is a target.",
]


def problems(root: Path, *changes: Change) -> list[str]:
    return [str(problem) for problem in find_problems(read_content(project.write(root, *changes)))]


def test_correct_content_has_no_problem(tmp_path: Path) -> None:
    assert find_problems(read_content(project.write(tmp_path))) == []


@pytest.mark.parametrize(("check", "change", "message"), CASES)
def test_a_check_says_what_is_wrong(tmp_path: Path, check: Check, change: Change, message: str) -> None:
    found = [str(problem) for problem in check(read_content(project.write(tmp_path, change)))]
    assert any(message in line for line in found), found


@pytest.mark.parametrize(("text", "message"), UNSAFE.items())
def test_an_unsafe_answer_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert any(message in line for line in problems(tmp_path, answer(f"Apheresis. {text}")))


@pytest.mark.parametrize("text", SAFE)
def test_a_safe_answer_passes(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, answer(f"Apheresis. {text}")) == []


def test_a_danger_with_its_action_passes(tmp_path: Path) -> None:
    text = f"Apheresis is first. {CALL}\n\nFever is reversible. If it is severe, such as a seizure, call them."
    assert problems(tmp_path, answer(text), metadata(cannot_wait=True), replaced(project.GLOSSARY, {})) == []


@pytest.mark.parametrize("text", ["Call now: 112 in Europe, 911 in the US, 120 in China.", HELPLINES])
def test_numbers_for_every_country_pass(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, reply(text)) == []


def test_the_numbers_of_a_list_are_no_figures(tmp_path: Path) -> None:
    assert problems(tmp_path, answer("Apheresis comes first.\n\n1. It is cold.\n2. It is short.")) == []


def test_a_reply_that_says_what_cannot_wait_passes(tmp_path: Path) -> None:
    lost = [{"text": "I do not know.", "metadata": {"cannot_wait": True}}]
    assert problems(tmp_path, replaced(project.DOMAIN, {"responses": {"utter_lost": lost}})) == []


def test_a_reply_keeps_the_safety_rules_too(tmp_path: Path) -> None:
    assert "domain.yml: utter_greet" in problems(tmp_path, reply("It is reversible."))[0]


def test_a_reply_in_another_language_is_not_graded(tmp_path: Path) -> None:
    condition = [{"type": "slot", "name": "language", "value": "de"}]
    assert problems(tmp_path, reply("Donaudampfschifffahrtsgesellschaftsangelegenheit.", condition=condition)) == []


def test_every_check_is_proven_here() -> None:
    proven = {check for check, _, _ in CASES} | {safety.safety_rules_are_kept}
    # Those of the guide's pages are proven in test_pages.py.
    assert proven == set(CHECKS) - set(guide.CHECKS)


def test_every_safety_rule_is_proven_here() -> None:
    unproven = [rule for rule in safety.RULES if not any(rule.forbids(text) for text in UNSAFE)]
    assert unproven == []
