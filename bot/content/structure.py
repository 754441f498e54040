"""Checks of the shape: every intent has questions and one answer, and every reference names something."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from bot.content.catalogue import FAQ
from bot.content.problem import Problem
from bot.content.reader import Content, Draft

FEWEST_QUESTIONS = 15
LONGEST_TITLE = 75
MOST_RELATED = 3
CANNOT_WAIT = "cannot_wait"
PAGE = "page"
# What an answer may have as well.
OPTIONAL = (CANNOT_WAIT, PAGE)
METADATA = {"title": str, "subject": str, "sources": list, "reviewed": str, "related": list}


def every_question_has_an_answer(content: Content) -> Iterator[Problem]:
    """Rasa is silent about an intent that nothing answers."""
    answered = {draft.intent for draft in content.answers}
    for given in content.faq_questions:
        if given.intent not in answered:
            yield Problem(
                given.file,
                given.intent,
                f"no answer. Add `utter_{given.intent}` under `responses` in this file.",
            )


def every_answer_has_questions(content: Content) -> Iterator[Problem]:
    """An answer without questions is never given; with few it is rarely found."""
    count: Counter[str] = Counter()
    for given in content.faq_questions:
        count[given.intent] += len(given.lines)
    for draft in content.answers:
        if count[draft.intent] < FEWEST_QUESTIONS:
            yield Problem(
                draft.file,
                draft.intent,
                f"questions: {count[draft.intent]}, at least {FEWEST_QUESTIONS} are needed. "
                f"Add different wordings under `- intent: {draft.intent}`.",
            )


def names_begin_with_faq(content: Content) -> Iterator[Problem]:
    """Other names never reach the rule that gives the answers."""
    for given in content.faq_questions:
        if not re.fullmatch(rf"{FAQ}/[a-z0-9_]+", given.intent):
            yield Problem(given.file, given.intent, f"call the intent `{FAQ}/` and a name of a-z, 0-9 and _.")
    for draft in content.answers:
        if not draft.key.startswith(f"utter_{FAQ}/"):
            yield Problem(draft.file, draft.key, f"call the answer `utter_{FAQ}/` and the name of its intent.")


def written_once(content: Content) -> Iterator[Problem]:
    """Rasa silently keeps one of two answers and joins two lists of questions."""
    yield from _repeated(((given.file, given.intent) for given in content.questions), "questions")
    yield from _repeated(((draft.file, draft.intent) for draft in content.answers), "an answer")


def _repeated(places: Iterable[tuple[Path, str]], what: str) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for file, intent in places:
        if intent in first:
            yield Problem(file, intent, f"{first[intent]} already has {what} for it. Keep one of the two.")
        first.setdefault(intent, file)


def answers_are_complete(content: Content) -> Iterator[Problem]:
    """What the reply composer needs of every answer."""
    for draft in content.answers:
        if not draft.text:
            yield Problem(draft.file, draft.intent, "no text. Write the answer under `- text: |-`.")
        if draft.variations > 1:
            yield Problem(draft.file, draft.intent, f"{draft.variations} texts; only the first is shown. Keep one.")
        for key, kind in METADATA.items():
            if not draft.metadata.get(key):
                yield Problem(
                    draft.file,
                    draft.intent,
                    f"no `{key}` under `metadata`. Copy its line from another answer.",
                )
            elif key != "reviewed" and not isinstance(draft.metadata[key], kind):
                shape = "a text in quotes" if kind is str else "a list in brackets: [one, two]"
                yield Problem(draft.file, draft.intent, f"`{key}` must be {shape}.")
        for key in sorted(map(str, set(draft.metadata) - {*METADATA, *OPTIONAL})):
            known = ", ".join([*METADATA, *OPTIONAL])
            yield Problem(draft.file, draft.intent, f"`{key}` means nothing. Known keys: {known}.")
        if draft.metadata.get(CANNOT_WAIT, True) is not True:
            yield Problem(draft.file, draft.intent, f"write `{CANNOT_WAIT}: true`, or leave the line out.")


def review_dates_are_text(content: Content) -> Iterator[Problem]:
    """Without quotes YAML makes it a date object, which breaks the message on its way to the visitor."""
    for draft in content.answers:
        value = draft.metadata.get("reviewed")
        if value and not is_iso_date(value):
            yield Problem(
                draft.file,
                draft.intent,
                f'write the day in quotes, year first: reviewed: "2026-11-21" (not {value}).',
            )


def is_iso_date(value: object) -> bool:
    """Whether it is a day as 2026-11-21, and a text."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def sources_are_known(content: Content) -> Iterator[Problem]:
    """Every answer names sections of data/nlu/sources.yml."""
    for draft in content.answers:
        for unknown in sorted(set(draft.names("sources")) - set(content.sources)):
            yield Problem(draft.file, draft.intent, f"unknown source {unknown}. data/nlu/sources.yml lists them.")


def related_answers_exist(content: Content) -> Iterator[Problem]:
    """Related answers become buttons: up to three different ones, none that leads back to itself."""
    known = {draft.name for draft in content.answers}
    for draft in content.answers:
        related = draft.names("related")
        for unknown in sorted(set(related) - known):
            yield Problem(
                draft.file,
                draft.intent,
                f"unknown related answer {unknown}. Give a name without `{FAQ}/`, as in crs_timing.",
            )
        if draft.name in related:
            yield Problem(draft.file, draft.intent, "related to itself. Name another answer.")
        if len(set(related)) < len(related) or len(related) > MOST_RELATED:
            yield Problem(draft.file, draft.intent, f"give up to {MOST_RELATED} different related answers.")


def titles_fit_a_button(content: Content) -> Iterator[Problem]:
    """A title is the label and the payload of a button: short, a question, and no other answer's."""
    bearers: dict[str, list[Draft]] = defaultdict(list)
    for draft in content.answers:
        bearers[draft.title.casefold()].append(draft)
        if len(draft.title) > LONGEST_TITLE:
            yield Problem(
                draft.file,
                draft.intent,
                f"the title has {len(draft.title)} characters, at most {LONGEST_TITLE}. Shorten it.",
            )
        if draft.title and not draft.title.endswith("?"):
            yield Problem(
                draft.file,
                draft.intent,
                'the title is no question. Write what a visitor would ask, with "?".',
            )
    for title, drafts in bearers.items():
        for draft in drafts[1:] if title else []:
            yield Problem(draft.file, draft.intent, f"{drafts[0].intent} has the same title. Change one of them.")


def questions_and_answers_in_the_same_order(content: Content) -> Iterator[Problem]:
    """So that an editor finds both halves of an entry at the same place."""
    for file in content.topics:
        asked = [given.intent for given in content.faq_questions if given.file == file]
        answered = [draft.intent for draft in content.answers if draft.file == file]
        if set(asked) == set(answered) and len(asked) == len(answered) and asked != answered:
            first = next(intent for intent, other in zip(asked, answered, strict=True) if intent != other)
            yield Problem(file, first, "questions and answers come in a different order. Move one of the two.")


CHECKS = (
    every_question_has_an_answer,
    every_answer_has_questions,
    names_begin_with_faq,
    written_once,
    answers_are_complete,
    review_dates_are_text,
    sources_are_known,
    related_answers_exist,
    titles_fit_a_button,
    questions_and_answers_in_the_same_order,
)
