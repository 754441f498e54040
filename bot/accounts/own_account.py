"""What members of staff do with their own account: the one-time link, the password, signing in."""

import hashlib
import logging
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.accounts import passwords as rules
from bot.accounts import sign_in_throttle
from bot.accounts.passwords import Passwords
from bot.database.tables import password_links, staff
from bot.database.unit_of_work import Store, Work
from bot.domain.audit import AuditEvent
from bot.domain.errors import Invalid, NotAllowed, NotFound, TooManyAttempts
from bot.domain.staff import Staff

logger = logging.getLogger(__name__)

UNKNOWN = "unknown"
_CODE = re.compile(r"[a-z]{2,3}")
LINK_LASTS = timedelta(hours=24)
LONGEST_NAME = 60


def by_id(store: Store, staff_id: int) -> Staff | None:
    """A member of staff; None if there is none (any more)."""
    with store.reading() as work:
        found: Staff | None = work.session.get(Staff, staff_id)
    return found


def sign_in(store: Store, passwords: Passwords, login: str, password: str, address: str, at: datetime) -> Staff:
    """Who has this login and password.

    Raises:
        TooManyAttempts: wait first.
        NotAllowed: wrong, or the account is disabled.
    """
    try:
        sign_in_throttle.attempt(store, login, address, at)
    except TooManyAttempts:
        # Not in the audit: whoever goes on trying would fill it.
        logger.warning("Somebody has tried to sign in too often and has to wait.")
        raise
    with store.reading() as work:
        query = sa.select(Staff).where(staff.c.login == login.strip().lower())
        person: Staff | None = work.execute(query).scalar_one_or_none()
    if not passwords.fits(password, person.password_hash if person else None) or person is None:
        record_refusal(store, "sign_in_failed", person, at, address=sign_in_throttle.address_key(address))
        raise NotAllowed("The login or the password is wrong.")
    sign_in_throttle.forget_failures(store, login, address, at)
    if not person.enabled:
        record_refusal(store, "sign_in_refused", person, at, address=sign_in_throttle.address_key(address))
        raise NotAllowed("This account is disabled: ask an admin.")
    with store.work() as work:
        if passwords.outdated(person.password_hash or ""):
            work.staff(_id(person)).password_hash = passwords.hash(password)
        work.audit(AuditEvent("signed_in", at, person.login))
        work.commit()
    return person


def record_refusal(store: Store, action: str, person: Staff | None, at: datetime, **details: str) -> None:
    """Somebody was not let in: it is in the log and in the audit.

    Args:
        person: None where nobody has the login that was typed. It is kept nowhere: it may be a password.
        details: for the audit, nothing secret.
    """
    actor = person.login if person else UNKNOWN
    logger.warning("Refused: %s (%s).", action, actor)
    with store.work() as work:
        work.audit(AuditEvent(action, at, actor, details=dict(details)))
        work.commit()


def make_link(work: Work, person: Staff, at: datetime) -> str:
    """The secret of a one-time link to set a password; only its hash is kept. Part of the caller's unit of work."""
    secret = secrets.token_urlsafe(32)
    values = {"secret_hash": _hashed(secret), "staff_id": person.id, "expires_at": at + LINK_LASTS}
    work.execute(password_links.insert().values(values))
    return secret


def invited(store: Store, secret: str, at: datetime) -> Staff:
    """Whose one-time link this is.

    Raises:
        NotFound: used, expired, replaced, or never made.
    """
    with store.reading() as work:
        return _owner(work, secret, at)


def accept(store: Store, passwords: Passwords, secret: str, name: str, password: str, at: datetime) -> Staff:
    """Sets the name and the first (or a new) password; the link, and every other one of this person, is used up.

    Raises:
        NotFound: the link is no good.
        Invalid: the name or the password cannot be used; the link stays good.
    """
    name = checked_name(name)
    rules.check(password, invited(store, secret, at).login)
    hashed = passwords.hash(password)
    with store.work() as work:
        person = _owner(work, secret, at)
        links = password_links
        used = links.update().where(links.c.secret_hash == _hashed(secret), links.c.used_at.is_(None))
        if work.execute(used.values(used_at=at)).rowcount != 1:
            raise _no_link()
        work.execute(links.delete().where(links.c.staff_id == person.id, links.c.used_at.is_(None)))
        person.name, person.password_hash = name, hashed
        person.session_epoch += 1
        work.audit(AuditEvent("password_set", at, person.login))
        work.commit()
    return person


def change_password(store: Store, passwords: Passwords, staff_id: int, old: str, new: str, at: datetime) -> Staff:
    """A new password of one's own; other sessions end.

    Raises:
        Invalid: the old one is wrong, or the new one cannot be used.
        TooManyAttempts: the old one was wrong too often.
    """
    person = by_id(store, staff_id)
    if person is None:
        raise NotFound("This account is gone.")
    rules.check(new, person.login)
    sign_in_throttle.attempt(store, person.login, "account", at)
    if not passwords.fits(old, person.password_hash):
        record_refusal(store, "password_change_failed", person, at)
        raise Invalid("This is not your present password.", "old")
    sign_in_throttle.forget_failures(store, person.login, "account", at)
    hashed = passwords.hash(new)
    with store.work() as work:
        person = work.staff(staff_id)
        person.password_hash = hashed
        person.session_epoch += 1
        work.audit(AuditEvent("password_changed", at, person.login))
        work.commit()
    return person


def change_name(store: Store, staff_id: int, name: str, at: datetime) -> Staff:
    """The name that visitors see.

    Raises:
        Invalid: empty or too long.
    """
    with store.work() as work:
        person = work.staff(staff_id)
        person.name = checked_name(name)
        work.audit(AuditEvent("name_changed", at, person.login))
        work.commit()
    return person


def choose_languages(store: Store, staff_id: int, codes: Sequence[str], at: datetime) -> Staff:
    """The languages that somebody speaks: who waits in one of them is shown to them first.

    Raises:
        Invalid: one is no code of two or three letters.
    """
    if not all(_CODE.fullmatch(code) for code in codes):
        raise Invalid("Choose languages of the list.", field="languages")
    with store.work() as work:
        person = work.staff(staff_id)
        person.languages = " ".join(sorted(set(codes)))
        work.audit(AuditEvent("languages_chosen", at, person.login))
        work.commit()
    return person


def end_sessions(store: Store, staff_id: int, at: datetime) -> None:
    """Signs somebody out everywhere."""
    with store.work() as work:
        person = work.staff(staff_id)
        person.session_epoch += 1
        work.audit(AuditEvent("signed_out_everywhere", at, person.login))
        work.commit()


def checked_name(name: str) -> str:
    """A name as it is kept.

    Raises:
        Invalid: empty or too long.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"The name needs 1 to {LONGEST_NAME} characters: visitors see it.", "name")
    return name


def _owner(work: Work, secret: str, at: datetime) -> Staff:
    links = password_links
    query = (
        sa.select(Staff)
        .join(links, links.c.staff_id == staff.c.id)
        .where(links.c.secret_hash == _hashed(secret), links.c.used_at.is_(None), links.c.expires_at > at)
    )
    person: Staff | None = work.execute(query).scalar_one_or_none()
    if person is None or not person.enabled:
        raise _no_link()
    return person


def _no_link() -> NotFound:
    return NotFound("This link has been used or has expired. Ask an admin for a new one.")


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _id(person: Staff) -> int:
    if person.id is None:
        raise RuntimeError("Somebody has no id although the database knows them.")
    return person.id
