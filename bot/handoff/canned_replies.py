"""Replies kept ready: admins edit them, staff use them. {visitor} and {staff} are filled in."""

import re
from datetime import datetime

import sqlalchemy as sa

from bot.database.tables import canned_replies
from bot.database.unit_of_work import Store, Work
from bot.domain.audit import AuditEvent
from bot.domain.errors import Invalid
from bot.domain.handoff import CannedReply
from bot.handoff.services import LONGEST_REPLY

LONGEST_TITLE = 100
PLACEHOLDER = re.compile(r"[ ]?\{(visitor|staff)\}")


def all_of(store: Store) -> list[CannedReply]:
    """All of them, by title."""
    with store.reading() as work:
        return list(work.execute(sa.select(CannedReply).order_by(canned_replies.c.title)).scalars())


def by_id(store: Store, canned_id: int) -> CannedReply:
    """One of them.

    Raises:
        NotFound: there is none (any more).
    """
    with store.reading() as work:
        return work.get(CannedReply, canned_id)


def fill(text: str, visitor: str | None, staff: str) -> str:
    """The text with its placeholders filled in; other braces stay. "Hello {visitor}," to nobody known: "Hello,"."""
    names = {"visitor": visitor, "staff": staff}

    def name(match: re.Match[str]) -> str:
        found = names[match[1]]
        space = " " if match[0].startswith(" ") else ""
        return f"{space}{found}" if found else ""

    return PLACEHOLDER.sub(name, text)


def save(store: Store, admin_id: int, canned_id: int | None, title: str, text: str, at: datetime) -> CannedReply:
    """Changes one, or adds one (``canned_id`` None).

    Raises:
        Invalid: title or text is empty or too long, or the title is taken.
        NotFound: it is gone.
    """
    title, text = _checked(title, text)
    with store.work() as work:
        admin = work.admin(admin_id)
        _not_taken(work, title, canned_id)
        canned = CannedReply(title, text) if canned_id is None else work.get(CannedReply, canned_id)
        canned.title, canned.text = title, text
        work.add(canned)
        work.session.flush()
        action = "canned_added" if canned_id is None else "canned_changed"
        work.audit(AuditEvent(action, at, admin.login, details={"canned_reply": canned.id}))
        work.commit()
    return canned


def remove(store: Store, admin_id: int, canned_id: int, at: datetime) -> None:
    """Removes one.

    Raises:
        NotFound: it is gone already.
    """
    with store.work() as work:
        admin, canned = work.admin(admin_id), work.get(CannedReply, canned_id)
        work.session.delete(canned)
        work.audit(AuditEvent("canned_removed", at, admin.login, details={"canned_reply": canned_id}))
        work.commit()


def _checked(title: str, text: str) -> tuple[str, str]:
    title, text = " ".join(title.split()), text.replace("\r\n", "\n").strip()
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid(f"The title needs 1 to {LONGEST_TITLE} characters.", "title")
    if not text or len(text) > LONGEST_REPLY:
        raise Invalid(f"The text needs 1 to {LONGEST_REPLY} characters.", "text")
    return title, text


def _not_taken(work: Work, title: str, canned_id: int | None) -> None:
    taken = work.execute(sa.select(canned_replies.c.id).where(canned_replies.c.title == title)).scalar()
    if taken is not None and taken != canned_id:
        raise Invalid("Another canned reply has this title.", "title")
