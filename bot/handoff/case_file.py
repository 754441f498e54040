"""Everything that staff see of one handoff beside the transcript. Only reads, and reads no contact details."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlalchemy.sql import Select

from bot.database.tables import contacts, handoffs, notes, replies, staff
from bot.database.unit_of_work import Store, Work
from bot.domain.handoff import Handoff, Note, State
from bot.domain.reply import Reply
from bot.domain.staff import Staff


@dataclass(frozen=True)
class CaseFile:
    """One handoff's.

    Attributes:
        replies: to the visitor in this conversation, oldest first.
        others: the conversation's other handoffs, newest first.
        colleagues: who could take it over.
        has_contact: whether there are contact details to look at (services.see_contact).
    """

    handoff: Handoff
    notes: list[Note]
    replies: list[Reply]
    others: list[Handoff]
    colleagues: list[Staff]
    has_contact: bool


def load(store: Store, handoff_id: int) -> CaseFile:
    """Reads it.

    Raises:
        NotFound: there is no such handoff.
    """
    with store.reading() as work:
        handoff = work.handoff(handoff_id)
        same = handoffs.c.conversation == handoff.conversation
        owner_id = handoff.owner.id if handoff.owner else None
        with_author = sa.select(Note).options(joinedload("author"))
        contact = sa.select(contacts.c.handoff_id).where(contacts.c.handoff_id == handoff_id)
        return CaseFile(
            handoff,
            _all(work, with_author.where(notes.c.handoff_id == handoff_id).order_by(notes.c.id)),
            _all(work, sa.select(Reply).where(replies.c.conversation == handoff.conversation).order_by(replies.c.id)),
            _all(work, sa.select(Handoff).where(same, handoffs.c.id != handoff_id).order_by(handoffs.c.id.desc())),
            [
                one
                for one in _all(work, sa.select(Staff).where(staff.c.enabled).order_by(staff.c.name))
                if one.id != owner_id
            ],
            work.execute(contact).first() is not None,
        )


def owns(store: Store, handoff_id: int, staff_id: int) -> str | None:
    """The conversation's id, if this member of staff owns it now."""
    query = sa.select(handoffs.c.conversation).where(
        handoffs.c.id == handoff_id, handoffs.c.owner_id == staff_id, handoffs.c.state == State.ACTIVE
    )
    with store.reading() as work:
        conversation: str | None = work.execute(query).scalar()
        return conversation


def _all(work: Work, query: Select) -> list[Any]:
    return list(work.execute(query).unique().scalars())
