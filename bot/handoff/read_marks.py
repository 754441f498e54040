"""How far each member of staff has read a conversation, so that every device and tab marks the same as unread."""

from contextlib import suppress

import sqlalchemy as sa

from bot.database.tables import seen_lines
from bot.database.unit_of_work import Store
from bot.domain.errors import IllegalMove


def mark_seen(store: Store, handoff_id: int, staff_id: int, event_id: int) -> None:
    """This member of staff has the transcript in front of them up to this line; it never goes back.

    Raises:
        NotFound: no such handoff.
    """
    key = sa.and_(seen_lines.c.handoff_id == handoff_id, seen_lines.c.staff_id == staff_id)
    # Another tab may be faster by a moment: it has said the same.
    with suppress(IllegalMove), store.work() as work:
        work.handoff(handoff_id)
        known = work.execute(sa.select(seen_lines.c.event_id).where(key)).scalar()
        if known is None:
            work.execute(seen_lines.insert().values(handoff_id=handoff_id, staff_id=staff_id, event_id=event_id))
        elif known < event_id:
            work.execute(seen_lines.update().where(key).values(event_id=event_id))
        work.commit()
