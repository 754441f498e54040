"""What a message means as an answer to the step that was asked."""

import re
from dataclasses import dataclass

from actions.extraction.contact_details import written_in
from actions.extraction.entities import capitalised, is_question
from actions.extraction.extractor import Extractor
from actions.last_message import Said
from actions.request import CONDITION, CONFIRMED, CONTACT, COUNTRY, NAME, NOTE, NOTHING, PATIENT, Request
from bot.content.length import count_words
from bot.domain.handoff import Kind

FEW_WORDS, LONGEST_ANSWER_WORDS, LONGEST_ANSWER, LONGEST_NOTE = 4, 30, 200, 1000
# Short replies that are not anybody's name, disease or country.
SOCIAL = {"greet", "thank", "goodbye", "affirm", "deny", "chitchat", "cancel", "human", "enroll"}
# "No, ...", "actually": the visitor corrects something said before.
_CORRECTION = re.compile(
    r"\b(?:no|not|actually|wrong|change|correct(?:ion)?|sorry|i meant?|instead|typo|rather|mistake|fix|update)\b", re.I
)
_FIELDS = {
    CONTACT: re.compile(r"\b(?:e-?mail|mail|address|phone|number|contact)\b", re.I),
    NAME: re.compile(r"\bname\b", re.I),
    COUNTRY: re.compile(r"\bcountry\b", re.I),
    CONDITION: re.compile(r"\b(?:condition|disease|diagnosis|illness|cancer)\b", re.I),
    PATIENT: re.compile(r"\bpatient\b", re.I),
    NOTE: re.compile(r"\bnote\b", re.I),
}


@dataclass(frozen=True)
class StepResult:
    """What came of a message.

    Attributes:
        request: with what the message added.
        understood: whether it added or changed anything, or answered the step.
        problem: response that says what is wrong with the value, if something is.
        go_to: the step that the visitor wants to change.
    """

    request: Request
    understood: bool = False
    problem: str | None = None
    go_to: str | None = None


def read(extractor: Extractor, request: Request, step: str, said: Said) -> StepResult:
    """Reads a message that may answer ``step``, correct an earlier value, or bring several values at once."""
    correcting = bool(_CORRECTION.search(said.text))
    details = extractor.details(said.text, request.country)
    found = details.found() if step != NOTE or correcting else {}
    if (
        step not in {CONDITION, NOTE}
        and count_words(said.text) <= FEW_WORDS
        and (disease := extractor.people.disease(said.text))
    ):
        found.setdefault("condition", disease)
    if step in {PATIENT, CONTACT} and count_words(said.text) <= FEW_WORDS and not found:
        found = {"country": country} if (country := extractor.people.is_country(said.text)) else {}
    taken = {
        name: value
        for name, value in found.items()
        if value != getattr(request, name)
        and (not getattr(request, name) or correcting or name in {"email", "phone", "name"} or step == CONFIRMED)
    }
    changed = request.with_details(taken)
    if details.bad_email and not details.email and (step == CONTACT or correcting):
        return StepResult(changed, problem="utter_invalid_email", go_to=CONTACT)
    if taken and not is_question(said.text):
        return StepResult(changed, understood=True)
    if not taken and (step == CONFIRMED or correcting) and (field := _field(said.text)):
        return StepResult(changed, understood=True, go_to=field)
    if details.bad_phone and step == CONTACT:
        return StepResult(changed, problem="utter_invalid_phone")
    direct = None if is_question(said.text) else _direct(extractor, changed, step, said)
    if direct:
        return StepResult(changed.with_details({step: direct}), understood=True)
    return StepResult(changed, understood=bool(taken))


def wished_kind(said: Said) -> Kind | None:
    """The kind of request that a message wishes for. An address or a number, right or wrong, only sounds like it."""
    if "@" in said.text or written_in(said.text) or not any(map(str.isalpha, said.text)):
        return None
    return {"enroll": Kind.ENROLLMENT, "human": Kind.HUMAN}.get(said.intent)


def wants_to_stop(extractor: Extractor, said: Said) -> bool:
    """Whether a message says in so many words that the request is to be dropped."""
    return said.intent == "cancel" and extractor.people.says_stop(said.text)


def insists_on_person(extractor: Extractor, said: Said) -> bool:
    """Whether a message says in so many words that a person is wanted."""
    named = extractor.people.says_person(said.text) and not is_question(said.text)
    return wished_kind(said) is Kind.HUMAN and named


def agrees(extractor: Extractor, said: Said) -> bool:
    """Whether the message is a yes."""
    return said.intent == "affirm" or extractor.people.is_yes(said.text)


def declines(extractor: Extractor, said: Said) -> bool:
    """Whether the message is a no."""
    return said.intent == "deny" or extractor.people.is_no(said.text)


def _field(text: str) -> str | None:
    return next((step for step, words in _FIELDS.items() if words.search(text)), None)


def _direct(extractor: Extractor, request: Request, step: str, said: Said) -> str | None:
    """The value that a short message is, taken as it stands."""
    text = " ".join(said.text.split()).strip(" .!")
    few = 0 < count_words(text) <= LONGEST_ANSWER_WORDS and len(text) <= LONGEST_ANSWER
    if step == NOTE:
        nothing = declines(extractor, said) or agrees(extractor, said)
        return NOTHING if nothing else said.text.strip()[:LONGEST_NOTE]
    if declines(extractor, said) and step in {PATIENT, NAME, COUNTRY, CONDITION}:
        return NOTHING
    if step == PATIENT and extractor.people.is_self(text):
        return "myself"
    could_be_name = step == NAME and few and count_words(text) <= FEW_WORDS and not re.search(r"[\d@]", text)
    if could_be_name and extractor.people.is_person(text):
        return capitalised(text)
    # Whatever the words are like elsewhere: "ALL" is a disease here.
    if step == CONDITION and few and extractor.people.disease(text):
        return text
    if step == COUNTRY and (country := extractor.people.is_country(text)):
        return country
    if said.intent in SOCIAL or not few or not any(map(str.isalpha, text)):
        return None
    if could_be_name:
        return capitalised(text)
    if step == PATIENT:
        return text
    if step == COUNTRY:
        return extractor.people.place(text) or (text if request.tries else None)
    if step == CONDITION:
        return text
    return None
