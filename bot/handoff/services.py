"""What visitors, staff and the bot do with handoffs: one function a use case, and nobody else writes.

Each opens a unit of work, changes the model, records what happened and commits; what is part of a larger change (an
account is disabled, a conversation is erased) takes the caller's unit of work. ``at`` is the time, UTC. A
``request_id`` is the idempotency key: a retried or double-clicked request does its work once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.database import tables
from bot.database.unit_of_work import Store, Work
from bot.domain.alert import Alert, AlertKind
from bot.domain.audit import BOT, VISITOR, AuditEvent
from bot.domain.errors import IllegalMove, Invalid, NotAllowed
from bot.domain.handoff import Contact, Handoff, Kind, Note, Outcome, State
from bot.domain.reply import Reply, ReplyState
from bot.domain.staff import Staff
from bot.notifications import schedule

LONGEST_REPLY = 4000
DOUBLE_CLICK = timedelta(minutes=1)
# Responses in domain.yml that the bot says in the staff's name.
JOINED, RELEASED, TRANSFERRED, RESOLVED = (
    "utter_staff_joined",
    "utter_staff_released",
    "utter_staff_transferred",
    "utter_handoff_resolved",
)


@dataclass(frozen=True)
class Standing:
    """How a conversation stands with the staff.

    Attributes:
        state: of its newest handoff; None if there never was one.
        staff: name of the owner, while active.
        handoff_id: of the newest handoff.
        rated: whether the visitor has rated it.
        taken_at: when staff joined.
    """

    state: State | None = None
    staff: str | None = None
    handoff_id: int | None = None
    rated: bool = False
    taken_at: datetime | None = None


# ------------------------------------------------------------------------------------------------ visitors


_NEWEST_HANDOFF = (
    sa.select(
        tables.handoffs.c.state,
        tables.staff.c.name,
        tables.handoffs.c.id,
        tables.handoffs.c.rating,
        tables.handoffs.c.taken_at,
    )
    .select_from(tables.handoffs.outerjoin(tables.staff, tables.staff.c.id == tables.handoffs.c.owner_id))
    .where(tables.handoffs.c.conversation == sa.bindparam("conversation"))
    .order_by(tables.handoffs.c.id.desc())
    .limit(1)
)


def standing(store: Store, conversation: str) -> Standing:
    """Who owns the conversation: asked before every message, so it is one small query."""
    rows = store.rows(_NEWEST_HANDOFF, conversation=conversation)
    if not rows:
        return Standing()
    row = rows[0]
    owner = row.name if row.state is State.ACTIVE else None
    return Standing(row.state, owner, row.id, row.rating is not None, row.taken_at)


def open_handoff(
    store: Store,
    conversation: str,
    channel: str,
    kind: Kind,
    contact: Contact | None,
    at: datetime,
    language: str | None = None,
) -> Handoff:
    """The visitor has consented and waits from now on; the open handoff if there is one already.

    An open handoff without contact details takes over the new ones.
    """
    try:
        return _open(store, conversation, channel, kind, contact, at, language)
    except IllegalMove:
        # Another worker was faster by a moment: its handoff is the one.
        return _open(store, conversation, channel, kind, contact, at, language)


def _open(
    store: Store,
    conversation: str,
    channel: str,
    kind: Kind,
    contact: Contact | None,
    at: datetime,
    language: str | None,
) -> Handoff:
    with store.work() as work:
        handoff = work.open_handoff(conversation)
        if handoff is None:
            handoff = Handoff(
                conversation, channel, kind, at, language, urgent=_recently_alerted(work, conversation, at)
            )
            handoff.contact = contact
            work.add(handoff)
            work.session.flush()
            _record(work, "opened", at, VISITOR, handoff, kind=kind.value)
        elif handoff.contact is None and contact is not None:
            handoff.contact = contact
            _record(work, "contact_added", at, VISITOR, handoff)
        work.commit()
    return handoff


def cancel(store: Store, conversation: str, at: datetime) -> bool:
    """The visitor no longer waits. False when nobody was waiting. The contact details are erased.

    Raises:
        IllegalMove: staff have joined.
    """
    with store.work() as work:
        handoff = work.open_handoff(conversation)
        if handoff is None:
            return False
        handoff.cancel(at)
        handoff.contact = None
        _record(work, "cancelled", at, VISITOR, handoff)
        work.commit()
    return True


def rate(store: Store, conversation: str, rating: int, at: datetime) -> bool:
    """The visitor rates the last handoff, 1 to 5. False when none was resolved.

    Raises:
        Invalid: not 1 to 5.
    """
    with store.work() as work:
        handoff = work.last_handoff(conversation)
        if handoff is None or handoff.state is not State.RESOLVED:
            return False
        handoff.rate(rating)
        _record(work, "rated", at, VISITOR, handoff, rating=rating)
        work.commit()
    return True


def forget(work: Work, conversation: str, pseudonym: str, at: datetime) -> list[int]:
    """The conversation is erased: its open handoff ends, and all of them stay as numbers only. The caller commits.

    Args:
        pseudonym: names the conversation from now on, and leads nowhere.

    Returns:
        Ids of its handoffs.
    """
    handoffs = tables.handoffs
    query = sa.select(handoffs.c.id).where(handoffs.c.conversation == conversation).order_by(handoffs.c.id)
    # Locked: of two erasures at once the second finds nothing.
    ids = list(work.execute(query.with_for_update()).scalars())
    for id in ids:
        work.handoff(id).forget(pseudonym, at)
    work.session.flush()
    return ids


def raise_alert(
    work: Work, conversation: str, channel: str, kind: AlertKind, at: datetime, language: str | None = None
) -> None:
    """An emergency or crisis message came in: staff are alerted, an open handoff becomes urgent. The caller commits."""
    work.add(Alert(conversation, channel, kind, at, language=language))
    handoff = work.open_handoff(conversation)
    if handoff is not None:
        handoff.urgent = True
    _record(work, "alerted", at, BOT, handoff, conversation=conversation, kind=kind.value)


# ------------------------------------------------------------------------------------------------ staff


def take(store: Store, handoff_id: int, staff_id: int, at: datetime) -> Handoff:
    """Staff join the conversation; the visitor is told.

    Raises:
        AlreadyTaken: a colleague was faster.
    """
    with store.work() as work:
        handoff, staff = work.handoff(handoff_id), _working(work, staff_id)
        if handoff.take(staff, at):
            _say(work, handoff, JOINED, at, staff_name=staff.name)
            _record(work, "taken", at, staff.login, handoff)
            work.commit()
    return handoff


def release(store: Store, handoff_id: int, staff_id: int, at: datetime) -> Handoff:
    """Back into the queue; the bot answers again, and the visitor is told."""
    with store.work() as work:
        handoff, staff = _owned(work, handoff_id, staff_id)
        _release(work, handoff, staff, staff.login, at)
        work.commit()
    return handoff


def release_all(work: Work, staff: Staff, actor: str, at: datetime, because: str) -> None:
    """Everything that a member of staff owns waits again, whatever the owner says to it. The caller commits.

    Args:
        actor: login of who does it.
        because: why, in a word for the audit.
    """
    handoffs = tables.handoffs
    owned = sa.and_(handoffs.c.owner_id == staff.id, handoffs.c.state == State.ACTIVE)
    for id in work.execute(sa.select(handoffs.c.id).where(owned).order_by(handoffs.c.id)).scalars().all():
        handoff = work.handoff(id)
        # Meanwhile it may have been resolved or transferred.
        if handoff.owner is staff and handoff.state is State.ACTIVE:
            _release(work, handoff, staff, actor, at, of=staff.login, because=because)


def transfer(store: Store, handoff_id: int, staff_id: int, to_id: int, at: datetime) -> Handoff:
    """To a colleague; the visitor is told."""
    with store.work() as work:
        handoff, staff = _owned(work, handoff_id, staff_id)
        colleague = _working(work, to_id)
        if colleague is not handoff.owner:
            handoff.transfer(colleague)
            _say(work, handoff, TRANSFERRED, at, staff_name=colleague.name)
            _record(work, "transferred", at, staff.login, handoff, to=colleague.login)
            work.commit()
    return handoff


def resolve(store: Store, handoff_id: int, staff_id: int, outcome: Outcome, at: datetime) -> Handoff:
    """The end: the visitor is told and may rate, and the bot is back. A second click changes nothing."""
    with store.work() as work:
        handoff = work.handoff(handoff_id)
        if handoff.state is not State.RESOLVED:
            handoff, staff = _owned(work, handoff_id, staff_id)
            handoff.resolve(outcome, at)
            _say(work, handoff, RESOLVED, at, staff_name=staff.name)
            _record(work, "resolved", at, staff.login, handoff, outcome=outcome.value)
            work.commit()
    return handoff


def reply(store: Store, handoff_id: int, staff_id: int, text: str, request_id: str, at: datetime) -> Reply:
    """A member of staff writes to the visitor; a channel's sender takes it from here.

    Raises:
        Invalid: empty or too long.
        NotAllowed: only the owner writes.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_REPLY:
        raise Invalid(f"A reply has 1 to {LONGEST_REPLY} characters.")
    with store.work() as work:
        # Locked first: of two requests at once the second finds what the first has written.
        work.handoff(handoff_id)
        earlier = work.execute(sa.select(Reply).where(tables.replies.c.request_id == request_id)).scalar_one_or_none()
        if earlier is not None:
            return _same_author(earlier, staff_id)
        handoff, staff = _owned(work, handoff_id, staff_id)
        written = Reply(handoff.conversation, at, handoff, staff, text=text, request_id=request_id)
        work.add(written)
        handoff.first_reply_at = handoff.first_reply_at or at
        _record(work, "replied", at, staff.login, handoff)
        work.commit()
    return written


def retry(store: Store, reply_id: int, staff_id: int, at: datetime) -> Reply:
    """A reply that failed is tried again."""
    with store.work() as work:
        written, staff = work.reply(reply_id), _working(work, staff_id)
        if written.state is ReplyState.FAILED:
            written.state, written.attempts, written.failure, written.next_attempt_at = ReplyState.QUEUED, 0, None, None
            _record(work, "reply_retried", at, staff.login, written.handoff, conversation=written.conversation)
            work.commit()
    return written


def add_note(store: Store, handoff_id: int, staff_id: int, text: str, at: datetime) -> Note:
    """An internal note; the same words twice within a minute are a double click.

    Raises:
        Invalid: empty or too long.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_REPLY:
        raise Invalid(f"A note has 1 to {LONGEST_REPLY} characters.")
    with store.work() as work:
        handoff, staff = work.handoff(handoff_id), _working(work, staff_id)
        notes = tables.notes.c
        clicked_before = sa.select(Note).where(
            notes.handoff_id == handoff_id,
            notes.author_id == staff_id,
            notes.text == text,
            notes.created_at > at - DOUBLE_CLICK,
        )
        note: Note | None = work.execute(clicked_before).scalars().first()
        if note is not None:
            return note
        note = Note(handoff, staff, text, at)
        work.add(note)
        _record(work, "noted", at, staff.login, handoff)
        work.commit()
    return note


def see_contact(store: Store, handoff_id: int, staff_id: int, at: datetime) -> Contact | None:
    """The contact card; every look is recorded."""
    with store.work() as work:
        handoff, staff = work.handoff(handoff_id), _working(work, staff_id)
        contact = handoff.contact
        _record(work, "contact_seen", at, staff.login, handoff)
        work.commit()
    return contact


def see_alerts(store: Store, alert_id: int, staff_id: int, at: datetime, until_id: int | None = None) -> None:
    """A member of staff takes note of an alert, and of the others of its kind in its conversation.

    Args:
        until_id: the newest one that was shown: what came later has not been seen.

    Raises:
        NotFound: there is no such alert.
    """
    alerts = tables.alerts
    with store.work() as work:
        alert, staff = work.alert(alert_id), _working(work, staff_id)
        group = [
            alerts.c.conversation == alert.conversation,
            alerts.c.kind == alert.kind,
            alerts.c.seen_at.is_(None),
        ]
        if until_id is not None:
            group.append(alerts.c.id <= until_id)
        seen = work.execute(alerts.update().where(*group).values(seen_by_id=staff.id, seen_at=at)).rowcount
        if seen:
            _record(work, "alert_seen", at, staff.login, conversation=alert.conversation, alerts=seen)
            work.commit()


# ------------------------------------------------------------------------------------------------ helpers


def _release(work: Work, handoff: Handoff, owner: Staff, actor: str, at: datetime, **details: Any) -> None:
    handoff.release()
    if handoff.id is not None:
        schedule.waits_again(work, handoff.id)
    _say(work, handoff, RELEASED, at, staff_name=owner.name)
    _record(work, "released", at, actor, handoff, **details)


def _working(work: Work, staff_id: int) -> Staff:
    staff = work.staff(staff_id)
    if not staff.enabled:
        raise NotAllowed("This account is disabled: ask an admin.")
    return staff


def _owned(work: Work, handoff_id: int, staff_id: int) -> tuple[Handoff, Staff]:
    handoff, staff = work.handoff(handoff_id), _working(work, staff_id)
    if handoff.state is not State.ACTIVE:
        raise IllegalMove("Take the conversation first." if handoff.is_open else "The conversation is closed.")
    if handoff.owner is not staff:
        name = handoff.owner.name if handoff.owner else "a colleague"
        raise NotAllowed(f"This conversation belongs to {name}: ask for a transfer.")
    return handoff, staff


def _same_author(earlier: Reply, staff_id: int) -> Reply:
    if earlier.author is None or earlier.author.id != staff_id:
        raise NotAllowed("This request was made by somebody else.")
    return earlier


def _recently_alerted(work: Work, conversation: str, at: datetime) -> bool:
    alerts = tables.alerts
    query = sa.select(alerts.c.id).where(
        alerts.c.conversation == conversation, alerts.c.created_at > at - timedelta(days=1)
    )
    return work.execute(query.limit(1)).first() is not None


def _say(work: Work, handoff: Handoff, response: str, at: datetime, **slots: Any) -> None:
    work.add(Reply(handoff.conversation, at, handoff, response=response, slots=slots))


def _record(
    work: Work,
    action: str,
    at: datetime,
    actor: str,
    handoff: Handoff | None = None,
    conversation: str | None = None,
    **details: Any,
) -> None:
    about: Mapping[str, Any] = details
    work.audit(
        AuditEvent(
            action,
            at,
            actor,
            handoff.conversation if handoff else conversation,
            handoff.id if handoff else None,
            dict(about),
        )
    )
