"""Who is typing. It lasts for some seconds, so that nobody has to say when they stop."""

from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.conversation.transcript import Speaker
from bot.database.tables import typing
from bot.database.unit_of_work import Store
from bot.domain.errors import IllegalMove

LASTS = timedelta(seconds=6)


def mark_typing(store: Store, conversation: str, side: Speaker, at: datetime) -> None:
    """Somebody on this side (visitor or staff) types right now. Call it every few seconds."""
    key = sa.and_(typing.c.conversation == conversation, typing.c.side == side.value)
    # Another tab of the same side may be faster by a moment: it has said the same.
    with suppress(IllegalMove), store.work() as work:
        if not work.execute(typing.update().where(key).values(until=at + LASTS)).rowcount:
            work.execute(typing.insert().values(conversation=conversation, side=side.value, until=at + LASTS))
        work.commit()


_TYPING = sa.select(typing.c.conversation, typing.c.side).where(typing.c.until > sa.bindparam("at"))
_TYPING_IN = _TYPING.where(typing.c.conversation == sa.bindparam("conversation"))


def who_is_typing(store: Store, at: datetime, conversation: str | None = None) -> set[tuple[str, Speaker]]:
    """(conversation, side) of everybody who types at the moment, in one conversation or in all."""
    if conversation is None:
        rows = store.rows(_TYPING, at=at)
    else:
        rows = store.rows(_TYPING_IN, at=at, conversation=conversation)
    return {(row.conversation, Speaker(row.side)) for row in rows}
