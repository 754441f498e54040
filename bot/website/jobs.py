"""What happens by itself: staff are told of who waits, and conversations are erased when their time is over.

Every website process runs the same jobs; the database sees to it that each thing happens once.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from bot.database.unit_of_work import Store
from bot.domain.business_hours import Hours
from bot.domain.errors import HandoffError, StoreUnavailable
from bot.notifications import schedule
from bot.notifications.digest import notification
from bot.notifications.transports import NotSent, Transport, transports
from bot.privacy import export_and_erase
from bot.settings import Settings

SECONDS_BETWEEN_NOTIFICATIONS = 5.0
SECONDS_BETWEEN_ERASURES = 3600.0
SECONDS_WITHOUT_DATABASE = 5.0
RETENTION = "retention"

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


async def run(store: Store, settings: Settings, clock: Clock, seconds: float = SECONDS_BETWEEN_NOTIFICATIONS) -> None:
    """Does all jobs until it is cancelled; nothing that goes wrong with one ends it.

    Args:
        seconds: between two looks for notifications.
    """
    stopping = Event()
    loops = [
        _repeat(_notifying(store, settings, transport, clock), seconds, transport.name)
        for transport in transports(settings)
    ]
    if settings.retention_days:
        loops.append(_repeat(_erasing(store, settings, clock, stopping), SECONDS_BETWEEN_ERASURES, RETENTION))
    try:
        await asyncio.gather(*loops)
    finally:
        stopping.set()


def notify(store: Store, settings: Settings, transport: Transport, clock: Clock) -> None:
    """Sends what is due by one transport, in one digest; what fails is tried again later.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    too_long = timedelta(minutes=settings.notify_after_minutes)
    schedule.plan(store, transport.name, clock(), Hours.of(settings), too_long)
    digest = schedule.claim(store, transport.name, clock())
    if digest is None:
        return
    try:
        missed = transport.send(notification(digest, settings.website_url))
    except NotSent as error:
        if schedule.record_failure(store, digest, clock(), str(error)):
            logger.error("A notification was given up after several attempts (%s): %s.", transport.name, error)
    else:
        schedule.mark_told(store, digest, clock(), missed)


def erase_expired(store: Store, settings: Settings, clock: Clock, stopping: Event | None = None) -> int:
    """Erases conversations without activity for ``retention_days``; returns how many.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    at, erased = clock(), 0
    for conversation in export_and_erase.expired(store, at - timedelta(days=settings.retention_days)):
        if stopping and stopping.is_set():
            break
        try:
            erased += bool(export_and_erase.erase(store, conversation, RETENTION, at))
        except StoreUnavailable:
            raise
        except HandoffError as error:
            # Somebody is writing in it at this moment: it is no longer expired, or its turn comes again.
            logger.warning("A conversation was not erased (%s).", type(error).__name__)
    # Also of what was erased while somebody read.
    export_and_erase.leave_no_trace(store)
    return erased


def _notifying(store: Store, settings: Settings, transport: Transport, clock: Clock) -> Callable[[], object]:
    return lambda: notify(store, settings, transport, clock)


def _erasing(store: Store, settings: Settings, clock: Clock, stopping: Event) -> Callable[[], object]:
    return lambda: erase_expired(store, settings, clock, stopping)


async def _repeat(job: Callable[[], object], seconds: float, name: str) -> None:
    healthy = True
    while True:
        wait = seconds
        try:
            await asyncio.to_thread(job)
            healthy = True
        except StoreUnavailable:
            if healthy:
                logger.error("The database does not answer: the job '%s' waits for it.", name)
            healthy, wait = False, min(seconds, SECONDS_WITHOUT_DATABASE)
        except Exception as error:
            # Nobody waits for a job, so nobody would notice that it had ended. The error's words may be a visitor's.
            logger.error("The job '%s' failed and is tried again: %s.", name, type(error).__name__)
        await asyncio.sleep(wait)
