"""Where a conversation in a messaging app is answered. The transcript knows a keyed hash of the person only."""

import hashlib
import hmac
from datetime import datetime

import sqlalchemy as sa

from bot.database.tables import addresses
from bot.database.unit_of_work import Store
from bot.domain.errors import IllegalMove


def conversation_id(key: str, channel: str, user: str) -> str:
    """The conversation's name: of a channel and a person, and nobody learns the person from it.

    Args:
        key: secret; with another one every person begins a new conversation.
        user: the person's id in the app, such as a phone number.
    """
    digest = hmac.new(key.encode(), f"{channel}:{user}".encode(), hashlib.sha256).hexdigest()
    return f"{channel}-{digest[:40]}"


def remember(store: Store, conversation: str, channel: str, address: str, at: datetime) -> None:
    """Keeps the address until the conversation is erased; a new one replaces it."""
    if address_of(store, conversation) == address:
        return
    is_it = addresses.c.conversation == conversation
    try:
        with store.work() as work:
            if not work.execute(addresses.update().where(is_it).values(channel=channel, address=address)).rowcount:
                values = {"conversation": conversation, "channel": channel, "address": address, "at": at}
                work.execute(addresses.insert().values(values))
            work.commit()
    except IllegalMove:
        # Another worker has just kept it.
        return


def address_of(store: Store, conversation: str) -> str | None:
    """The address; None when there is none (any more)."""
    query = sa.select(addresses.c.address).where(addresses.c.conversation == conversation)
    with store.reading() as work:
        address: str | None = work.execute(query).scalar()
    return address
