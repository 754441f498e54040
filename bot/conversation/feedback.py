"""What visitors think of single answers: thumbs up or down, with an optional word."""

from datetime import datetime

import sqlalchemy as sa

from bot.database.tables import events, feedback
from bot.database.unit_of_work import Store, Work
from bot.domain.errors import NotFound


def store_opinion(
    store: Store, conversation: str, event_id: int, helpful: bool, at: datetime, comment: str | None = None
) -> None:
    """The visitor finds a line of the conversation helpful, or not; a later opinion replaces an earlier one.

    Raises:
        NotFound: the bot said no such line in this conversation.
    """
    key = sa.and_(feedback.c.conversation == conversation, feedback.c.event_id == event_id)
    opinion = {"helpful": helpful, "comment": comment, "at": at}
    with store.work() as work:
        if not _said(work, conversation, event_id):
            raise NotFound("There is no such answer in this conversation.")
        if not work.execute(feedback.update().where(key).values(**opinion)).rowcount:
            work.execute(feedback.insert().values(conversation=conversation, event_id=event_id, **opinion))
        work.commit()


_GIVEN = sa.select(feedback.c.event_id, feedback.c.helpful).where(
    feedback.c.conversation == sa.bindparam("conversation")
)


def opinions(store: Store, conversation: str) -> dict[int, bool]:
    """By the id of the line, whether the visitor found it helpful."""
    return {row.event_id: row.helpful for row in store.rows(_GIVEN, conversation=conversation)}


def _said(work: Work, conversation: str, event_id: int) -> bool:
    query = sa.select(events.c.id).where(
        events.c.id == event_id, events.c.sender_id == conversation, events.c.type_name == "bot"
    )
    return work.execute(query).first() is not None
