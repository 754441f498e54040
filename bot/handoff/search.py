"""Finds handoffs again, open or closed: by who it was, by how it ended, by when. Only reads."""

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from bot.database import tables
from bot.database.tables import Condition
from bot.database.unit_of_work import Store
from bot.domain.handoff import Outcome, State
from bot.handoff.queue import Page, Row, page

# So many digits are meant as a phone number, however they are spaced.
DIGITS_OF_PHONE = 5


@dataclass(frozen=True)
class Search:
    """What to look for; what is None is not looked at.

    Attributes:
        words: part of the visitor's name, e-mail, phone, country or the conversation's id, or the handoff's number.
        since: opened at this time or later.
        before: opened before this time.
    """

    words: str | None = None
    state: State | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    before: datetime | None = None


def find(store: Store, search: Search, number: int = 1) -> Page[Row]:
    """The handoffs that fit, newest first."""
    handoffs = tables.handoffs
    conditions: list[Condition] = [sa.true()]
    if search.words:
        conditions.append(_has(search.words))
    if search.state:
        conditions.append(handoffs.c.state == search.state)
    if search.outcome:
        conditions.append(handoffs.c.outcome == search.outcome)
    if search.since:
        conditions.append(handoffs.c.created_at >= search.since)
    if search.before:
        conditions.append(handoffs.c.created_at < search.before)
    with store.reading() as work:
        return page(work, sa.and_(*conditions), (handoffs.c.created_at.desc(), handoffs.c.id.desc()), number)


def _has(words: str) -> Condition:
    contact, handoff = tables.contacts.c, tables.handoffs.c
    columns = (contact.name, contact.patient, contact.email, contact.country, handoff.conversation)
    # SQLite compares letters without their case in English only: other alphabets need their cases spelled out.
    spellings = {words, words.lower(), words.upper(), words.title(), words.capitalize()}
    found = [column.ilike(f"%{_literal(spelling)}%", escape="\\") for column in columns for spelling in spellings]
    digits = re.sub(r"\D", "", words).lstrip("0")
    if len(digits) >= DIGITS_OF_PHONE and not re.search(r"[^\W\d]", words):
        found.append(_only_digits(contact.phone).contains(digits))
    if re.fullmatch(r"#?\d{1,9}", words):
        found.append(handoff.id == int(words.lstrip("#")))
    return sa.or_(*found)


def _literal(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _only_digits(column: "ColumnElement[sa.String]") -> "ColumnElement[sa.String]":
    for character in (" ", "-", "(", ")", ".", "/"):
        column = sa.func.replace(column, character, "", type_=sa.String)
    return column
