"""E-mail addresses and phone numbers (email-validator, phonenumbers)."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher

from actions.extraction.bounds import LONGEST_WITH_CONTACTS, both_ends

# Something with an @ between other characters was meant as an address. Neither pattern begins inside a word or a
# number: from each of its characters the whole rest would be tried.
_MEANT_AS_EMAIL = re.compile(r"(?<![^\s@,;<>()])[^\s@,;<>()]+\s?@+\s?[^\s@,;<>()]+")
_MEANT_AS_PHONE = re.compile(r"\+?(?<!\d)\d(?:[\s().\-/]?\d){5,}")
# "0044 20 ..." is how "+44 20 ..." is dialled from most countries.
_DIALLED = re.compile(r"(?<![\d+])00(?=[1-9][\s().\-/\d]{7,})")
_FEWEST_DIGITS = 7


def email_in(text: str) -> tuple[str | None, bool]:
    """The last e-mail address in a text, and whether something was meant as one and is none.

    The last one, because people correct themselves: "not a@b.org, it is c@d.org".
    """
    meant = _MEANT_AS_EMAIL.findall(both_ends(text, LONGEST_WITH_CONTACTS))
    for candidate in reversed(meant):
        try:
            checked = validate_email(candidate.strip(".,:;!?'\""), check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            continue
        return checked.normalized, False
    return None, bool(meant)


def written_in(text: str) -> list[str]:
    """Everything that was meant as an address or a number, as it was written, whether or not it can be used."""
    return _MEANT_AS_EMAIL.findall(text) + _MEANT_AS_PHONE.findall(_MEANT_AS_EMAIL.sub(" ", text))


def phone_in(text: str, region: str | None = None) -> tuple[str | None, bool]:
    """The last phone number in a text, as +442079460000, and whether something was meant as one and is none.

    Args:
        region: two-letter country code that a number without a country code belongs to.
    """
    without_emails = _DIALLED.sub("+", _MEANT_AS_EMAIL.sub(" ", both_ends(text, LONGEST_WITH_CONTACTS)))
    found = [
        match.number
        for match in PhoneNumberMatcher(without_emails, region, leniency=Leniency.POSSIBLE)
        if len(str(match.number.national_number)) >= _FEWEST_DIGITS
    ]
    if found:
        return phonenumbers.format_number(found[-1], PhoneNumberFormat.E164), False
    return None, bool(_MEANT_AS_PHONE.search(without_emails))
