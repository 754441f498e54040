"""Checks of the words: plain answers, questions that Rasa reads as written, replies without a source."""

import re
from collections.abc import Iterator

from bot.content.catalogue import source_line
from bot.content.problem import Problem
from bot.content.readability import first_sentence, reading_grade, term_pattern, words
from bot.content.reader import GLOSSARY_FILE, Content

MOST_WORDS = 120
# Characters of an answer with its title and its source line: with all that may stand beside them, a reply stays below
# the 1,200 that bot/nlg aims at.
LONGEST_ANSWER = 950
MOST_WORDS_FIRST = 40
HIGHEST_GRADE = 8.0


def answers_are_short(content: Content) -> Iterator[Problem]:
    """A person on a phone reads a screen, not a page."""
    for draft in content.answers:
        count = len(words(draft.text))
        if count > MOST_WORDS:
            yield Problem(
                draft.file,
                draft.intent,
                f"the answer has {count} words, at most {MOST_WORDS}. Shorten it or split it in two.",
            )
        sources = [content.sources[name] for name in draft.names("sources") if name in content.sources]
        length = len("\n\n".join((draft.title, draft.text.strip(), source_line(sources))))
        if length > LONGEST_ANSWER:
            yield Problem(
                draft.file,
                draft.intent,
                f"title, answer and source line have {length} characters, at most {LONGEST_ANSWER}. Shorten it.",
            )


def the_first_sentence_answers_alone(content: Content) -> Iterator[Problem]:
    """It is all that is said when somebody asks for less, and all that many people read."""
    for draft in content.answers:
        sentence = first_sentence(draft.text)
        if sentence.endswith(":"):
            yield Problem(
                draft.file,
                draft.intent,
                "the first sentence only announces a list. Say the answer in it; the list comes after it.",
            )
        if (count := len(words(sentence))) > MOST_WORDS_FIRST:
            yield Problem(
                draft.file,
                draft.intent,
                f"the first sentence has {count} words, at most {MOST_WORDS_FIRST}. It has to answer on its own.",
            )
        if found := re.match(r"(yes|no)\b[,.:;!]", sentence, re.IGNORECASE):
            yield Problem(
                draft.file,
                draft.intent,
                f'"{found.group()}" is wrong for everybody who asked it the other way round. Say the fact.',
            )


def answers_are_plain(content: Content) -> Iterator[Problem]:
    """Flesch-Kincaid grade 8 or below, the glossary's terms left out."""
    for draft in content.answers:
        grade = reading_grade(draft.text, content.terms) if draft.text else 0
        if grade > HIGHEST_GRADE:
            yield Problem(draft.file, draft.intent, _too_hard(grade))


def replies_are_plain(content: Content) -> Iterator[Problem]:
    """The same for everything else that the assistant says in English."""
    for reply in content.replies:
        grade = reading_grade(reply.text, content.terms) if reply.text.strip() else 0
        if grade > HIGHEST_GRADE:
            yield Problem(reply.file, reply.key, _too_hard(grade))


def _too_hard(grade: float) -> str:
    return f"reading grade {grade:.1f}, at most {HIGHEST_GRADE:.0f}. Use shorter sentences and plainer words."


def nobody_writes_the_source_line(content: Content) -> Iterator[Problem]:
    """The software adds it to answers; on anything else it would pass for an answer."""
    for draft in content.answers:
        if _has_source_line(draft.text):
            yield Problem(draft.file, draft.intent, 'delete "Source:". It is added from `sources` under `metadata`.')
    for reply in content.replies:
        if _has_source_line(reply.text):
            yield Problem(reply.file, reply.key, 'delete "Source:". Only answers have a source.')


def _has_source_line(text: str) -> bool:
    return bool(re.search(r"(?im:^\W*sources?\s*:)|\bSources?:", text))


def buttons_ask_known_questions(content: Content) -> Iterator[Problem]:
    """A question on a button of a reply is the title of an answer, so that pressing it is understood."""
    titles = {draft.title for draft in content.answers}
    for reply in content.replies:
        for payload in reply.buttons:
            if payload.endswith("?") and payload not in titles:
                yield Problem(
                    reply.file,
                    reply.key,
                    f'no answer has the title "{payload}". Copy the title as it is in data/nlu/faq.',
                )


def questions_are_plain_text(content: Content) -> Iterator[Problem]:
    """Rasa takes brackets for entities, a slash in front for a command, and drops a line without a dash."""
    for given in content.faq_questions:
        for line in given.lines:
            question = line.removeprefix("- ").strip()
            if not line.startswith("- "):
                yield Problem(given.file, given.intent, f'begin the line with "- ": {line}')
            if re.search(r"[\[\]{}]", question):
                yield Problem(given.file, given.intent, f"take the brackets out, Rasa reads them as code: {question}")
            if question.startswith("/"):
                yield Problem(given.file, given.intent, f"no command, begin with a word: {question}")


def no_question_in_two_intents(content: Content) -> Iterator[Problem]:
    """The same words cannot mean two things: case, punctuation and spaces do not tell them apart."""
    first: dict[str, str] = {}
    for given in content.questions:
        for line in given.lines:
            question = line.removeprefix("- ").strip()
            other = first.setdefault(_normalised(question), given.intent)
            if other != given.intent:
                yield Problem(given.file, given.intent, f"{other} has this question too. Keep it in one: {question}")


def _normalised(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold())) or question


def glossary_terms_are_used(content: Content) -> Iterator[Problem]:
    """The glossary is a list of exceptions; it must not grow for nothing."""
    texts = "\n".join([*(draft.text for draft in content.answers), *(reply.text for reply in content.replies)])
    for term in content.terms:
        if not term_pattern(term).search(texts):
            yield Problem(GLOSSARY_FILE, term, "no answer uses this term. Delete its line.")


def searched_terms_are_in_an_answer(content: Content) -> Iterator[Problem]:
    """Who looks for the word that the doctor used has to find it."""
    texts = "\n".join(draft.text for draft in content.answers)
    for term in content.searched:
        if not term_pattern(term).search(texts):
            yield Problem(GLOSSARY_FILE, term, "people search for it and no answer has it. Use it once, explained.")


CHECKS = (
    answers_are_short,
    the_first_sentence_answers_alone,
    answers_are_plain,
    replies_are_plain,
    nobody_writes_the_source_line,
    buttons_ask_known_questions,
    questions_are_plain_text,
    no_question_in_two_intents,
    glossary_terms_are_used,
    searched_terms_are_in_an_answer,
)
