"""A digest in words: counts and a link, and nothing about anybody."""

import hashlib

from bot.notifications.schedule import Digest
from bot.notifications.transports import Notification

# For one, and for several.
ALERT = ("A conversation needs your attention now.", "{} conversations need your attention now.")
NEW = ("A visitor is waiting.", "{} visitors are waiting.")
WAITING = ("A visitor is still waiting.", "{} visitors are still waiting.")


def notification(digest: Digest, website_url: str) -> Notification:
    """What staff are sent."""
    counts = ((ALERT, digest.alerts), (NEW, digest.new), (WAITING, digest.waiting))
    text = " ".join(words[count > 1].format(count) for words, count in counts if count)
    return Notification(text, f"{website_url}{digest.path}", _identity(digest), digest.created_at)


def _identity(digest: Digest) -> str:
    about = f"{digest.ids} {digest.created_at.timestamp():.0f}"
    return f"notification-{hashlib.sha256(about.encode()).hexdigest()[:32]}"
