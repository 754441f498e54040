"""The outbox: replies on their way to visitors. A sender claims some, sends them and says how it went.

A claim is a lease: it ends by itself, so that a reply whose sender was killed is sent by the next one.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.database import tables
from bot.database.lease import Lease, next_attempt
from bot.database.unit_of_work import Store, Work
from bot.domain.audit import BOT, AuditEvent
from bot.domain.reply import Reply, ReplyState

CLAIM = timedelta(seconds=30)
WAITS = [timedelta(seconds=seconds) for seconds in (1, 3, 10, 30, 60)]
LONGEST_WAIT = timedelta(minutes=5)


def queue(work: Work, conversation: str, channel: str, count: int, at: datetime) -> None:
    """The newest ``count`` replies of the bot are to be sent to a messaging app; the caller commits.

    They are queued in the transaction that stores them: whatever dies afterwards, each is sent.
    """
    events = tables.events
    newest = (
        sa.select(events.c.id)
        .where(events.c.sender_id == conversation, events.c.type_name == "bot")
        .order_by(events.c.id.desc())
        .limit(count)
    )
    for event_id in reversed(work.execute(newest).scalars().all()):
        work.add(Reply(conversation, at, channel=channel, event_id=event_id))


_UNSENT = tables.replies.c.state == ReplyState.QUEUED
_OLDEST = sa.select(sa.func.min(tables.replies.c.id)).where(_UNSENT).group_by(tables.replies.c.conversation)
_LEASE = Lease(tables.replies, _UNSENT, CLAIM, only=tables.replies.c.id.in_(_OLDEST))


def claim(store: Store, at: datetime, limit: int = 20) -> list[Reply]:
    """Replies that are due, oldest first, now this sender's for ``CLAIM``.

    Of one conversation the oldest only: its replies arrive in the order in which they were written.
    """
    if not _LEASE.is_any_due(store, at):
        return []
    with store.work() as work:
        mine = _LEASE.take(work, at, limit)
        work.commit()
        query = sa.select(Reply).where(tables.replies.c.id.in_(mine)).order_by(tables.replies.c.id)
        return list(work.execute(query).unique().scalars()) if mine else []


def mark_sent(store: Store, reply_id: int, at: datetime, delivered: bool) -> None:
    """The channel has taken the reply; ``delivered`` when the visitor's side is known to have it."""
    with store.work() as work:
        reply = work.reply(reply_id)
        if reply.state is ReplyState.DELIVERED or (reply.state is not ReplyState.QUEUED and not delivered):
            return
        reply.state = ReplyState.DELIVERED if delivered else ReplyState.SENT
        reply.sent_at = reply.sent_at or at
        reply.delivered_at = at if delivered else None
        reply.failure = None
        _record(work, reply, "reply_delivered" if delivered else "reply_sent", at)
        work.commit()


def record_failure(
    store: Store,
    reply_id: int,
    at: datetime,
    failure: str,
    final: bool = False,
    wait: timedelta = timedelta(),
    parts_sent: int = 0,
) -> None:
    """Sending failed; it is tried again after a while, unless ``final`` or tried often enough.

    Args:
        wait: what the other side asks for, at least.
        parts_sent: of a message that the channel splits: the next attempt goes on from there.
    """
    with store.work() as work:
        reply = work.reply(reply_id)
        if reply.state is not ReplyState.QUEUED:
            # This sender's claim had ended, and another one has sent it.
            return
        reply.failure, reply.parts_sent = failure[:100], parts_sent
        again = None if final else next_attempt(WAITS, reply.attempts, at, min(wait, LONGEST_WAIT))
        if again is None:
            reply.state = ReplyState.FAILED
            work.audit(_event(reply, "reply_failed", at, failure=failure[:100]))
        else:
            reply.next_attempt_at = again
            reply.attempts += 1
        reply.claimed_until = None
        work.commit()


def give_back(store: Store, reply_id: int) -> None:
    """A claimed reply could not be sent by its sender: anybody may send it now."""
    replies = tables.replies.c
    unsent = sa.and_(replies.id == reply_id, replies.state == ReplyState.QUEUED)
    with store.work() as work:
        work.execute(tables.replies.update().where(unsent).values(claimed_until=None))
        work.commit()


def exists(store: Store, reply_id: int) -> bool:
    """Whether there still is such a reply: it goes when its conversation is erased."""
    return bool(store.rows(_REPLY, id=reply_id))


_REPLY = sa.select(tables.replies.c.id).where(tables.replies.c.id == sa.bindparam("id"))
_UNDELIVERED = sa.select(tables.replies.c.id).where(
    tables.replies.c.conversation == sa.bindparam("conversation"), tables.replies.c.state == ReplyState.SENT
)


def undelivered(store: Store, conversation: str) -> list[int]:
    """Ids of the replies that were sent, but that the visitor's side is not known to have."""
    return [row.id for row in store.rows(_UNDELIVERED, conversation=conversation)]


def mark_delivered(store: Store, conversation: str, reply_ids: list[int], at: datetime) -> None:
    """The visitor's side has these replies of its conversation, perhaps before their sender could say ``sent``."""
    replies = tables.replies
    query = sa.select(replies.c.id).where(
        replies.c.conversation == conversation,
        replies.c.id.in_(reply_ids),
        replies.c.state != ReplyState.DELIVERED,
    )
    with store.work() as work:
        ids = work.execute(query.order_by(replies.c.id)).scalars().all()
        for reply in (work.reply(id) for id in ids):
            if reply.state is ReplyState.DELIVERED:
                continue
            reply.state, reply.sent_at, reply.delivered_at = ReplyState.DELIVERED, reply.sent_at or at, at
            reply.failure = None
            _record(work, reply, "reply_delivered", at)
        work.commit()


def mark_bounced(store: Store, conversation: str, reply_id: int, at: datetime, failure: str) -> None:
    """The channel had taken the reply and says now that it could not be delivered."""
    with store.work() as work:
        reply = work.reply(reply_id)
        under_way = reply.state is ReplyState.QUEUED and reply.claimed_until is not None
        if reply.conversation != conversation or not (under_way or reply.state is ReplyState.SENT):
            return
        reply.state, reply.failure, reply.claimed_until, reply.parts_sent = ReplyState.FAILED, failure[:100], None, 0
        work.audit(_event(reply, "reply_failed", at, failure=failure[:100]))
        work.commit()


def _record(work: Work, reply: Reply, action: str, at: datetime) -> None:
    # What the bot itself says is in the transcript; the audit tells what people did.
    if reply.event_id is None:
        work.audit(_event(reply, action, at))


def _event(reply: Reply, action: str, at: datetime, **details: str) -> AuditEvent:
    handoff_id = reply.handoff.id if reply.handoff else None
    return AuditEvent(action, at, BOT, reply.conversation, handoff_id, {"reply": reply.id, **details})
