"""How often signing in may fail, counted in the database so that it holds for every process."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.database.tables import sign_in_failures as failures
from bot.database.unit_of_work import Store, Work
from bot.domain.errors import TooManyAttempts

# From one address several people may sign in.
FAILURES_OF_LOGIN, FAILURES_OF_ADDRESS = 5, 20
REMEMBERED = timedelta(hours=1)
# Any number that nothing else in the database uses as its advisory lock.
LOCK = 7_236_002
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)


def attempt(store: Store, login: str, address: str, at: datetime) -> None:
    """Counts an attempt as failed until ``forget_failures`` says otherwise, so that many at once count too.

    Raises:
        TooManyAttempts: it has to wait; this attempt is not counted.
    """
    with store.work() as work:
        # Of several attempts at once each sees those before it.
        work.alone(LOCK)
        work.execute(failures.delete().where(failures.c.at <= at - REMEMBERED))
        limits = {_login(login): FAILURES_OF_LOGIN, address_key(address): FAILURES_OF_ADDRESS}
        until = max(_until(work, key, limit, at) for key, limit in limits.items())
        if until > at:
            raise _too_many(until - at)
        work.execute(failures.insert(), [{"key": key, "at": at} for key in limits])
        work.commit()


def forget_failures(store: Store, login: str, address: str, at: datetime) -> None:
    """The right password: the login's failures are forgotten, of the address only this attempt."""
    with store.work() as work:
        work.execute(failures.delete().where(failures.c.key == _login(login)))
        work.execute(failures.delete().where(failures.c.key == address_key(address), failures.c.at == at))
        work.commit()


def address_key(address: str) -> str:
    """How an address is kept: hashed."""
    return _hashed(f"address:{address}")


def _until(work: Work, key: str, limit: int, at: datetime) -> datetime:
    query = sa.select(sa.func.count(), sa.func.max(failures.c.at)).where(failures.c.key == key)
    count, last = work.execute(query).one()
    if count < limit:
        return at
    wait: timedelta = min(FIRST_WAIT * 2 ** min(count - limit, 10), LONGEST_WAIT)
    until: datetime = last + wait
    return until


def _too_many(wait: timedelta) -> TooManyAttempts:
    seconds = max(1, round(wait.total_seconds()))
    minutes = -(-seconds // 60)
    length = f"{seconds} seconds" if seconds <= 60 else f"{minutes} minutes"
    return TooManyAttempts(f"Too many failed attempts to sign in. Please try again in {length}.", seconds)


def _login(login: str) -> str:
    return _hashed(f"login:{login.strip().lower()}")


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
