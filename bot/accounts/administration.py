"""What admins do with staff: add, disable, enable, reset, change the role. Each move is recorded.

A one-time link is handed over by the admin; its secret is returned once and kept as a hash.
"""

import re
from datetime import datetime

import sqlalchemy as sa

from bot.accounts.own_account import checked_name, make_link
from bot.database import tables
from bot.database.unit_of_work import Store, Work
from bot.domain.audit import AuditEvent
from bot.domain.errors import IllegalMove, Invalid, NotFound
from bot.domain.staff import Role, Staff
from bot.handoff import services
from bot.settings import Settings

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
FIRST_LOGIN, FIRST_NAME = "admin", "Admin"
SYSTEM = "system"


def all_of(store: Store) -> list[Staff]:
    """Everybody, by name."""
    with store.reading() as work:
        return list(work.execute(sa.select(Staff).order_by(tables.staff.c.name, tables.staff.c.id)).scalars())


def add(store: Store, admin_id: int, login: str, name: str, role: Role, at: datetime) -> tuple[Staff, str]:
    """A new member of staff, and the secret of the link with which they set their password.

    Raises:
        Invalid: the login is taken or cannot be used, or the name cannot.
    """
    login, name = login.strip().lower(), checked_name(name)
    if not LOGIN.fullmatch(login):
        raise Invalid("A login has 2 to 100 letters, digits or . _ @ + -, such as anna or anna@example.org.", "login")
    with store.work() as work:
        admin = work.admin(admin_id)
        if work.execute(sa.select(Staff).where(tables.staff.c.login == login)).first():
            raise Invalid("Somebody has this login already: choose another one.", "login")
        person = Staff(login, name, role, at)
        work.add(person)
        work.session.flush()
        secret = make_link(work, person, at)
        _record(work, "staff_added", at, admin, person, role=role.value)
        work.commit()
    return person, secret


def disable(store: Store, admin_id: int, staff_id: int, at: datetime) -> Staff:
    """Ends somebody's sessions and access; their active conversations go back to the queue, and the visitors are told.

    Raises:
        IllegalMove: nobody could administer the console any more.
    """
    with store.work() as work:
        admin, person = work.admin(admin_id), _other_admin_stays(work, staff_id)
        if person.enabled:
            person.enabled = False
            person.session_epoch += 1
            services.release_all(work, person, admin.login, at, because="disabled")
            _drop_links(work, person)
            _record(work, "staff_disabled", at, admin, person)
            work.commit()
    return person


def enable(store: Store, admin_id: int, staff_id: int, at: datetime) -> Staff:
    """Gives access back, with the password that there was."""
    with store.work() as work:
        admin, person = work.admin(admin_id), work.staff(staff_id)
        if not person.enabled:
            person.enabled = True
            _record(work, "staff_enabled", at, admin, person)
            work.commit()
    return person


def reset(store: Store, admin_id: int, staff_id: int, at: datetime) -> tuple[Staff, str]:
    """Takes the password away and ends the sessions; returns the secret of the link to set a new one.

    Raises:
        IllegalMove: the account is disabled, or it is the last admin's who can sign in.
    """
    with store.work() as work:
        admin, person = work.admin(admin_id), _other_admin_stays(work, staff_id)
        if not person.enabled:
            raise IllegalMove("The account is disabled: enable it first.")
        secret = _forget_password(work, person, at)
        _record(work, "password_reset", at, admin, person)
        work.commit()
    return person, secret


def change_role(store: Store, admin_id: int, staff_id: int, role: Role, at: datetime) -> Staff:
    """Makes somebody an admin or an agent.

    Raises:
        IllegalMove: nobody could administer the console any more.
    """
    with store.work() as work:
        admin = work.admin(admin_id)
        person = work.staff(staff_id) if role is Role.ADMIN else _other_admin_stays(work, staff_id)
        if person.role is not role:
            person.role = role
            _record(work, "role_changed", at, admin, person, role=role.value)
            work.commit()
    return person


def first_admin_link(store: Store, settings: Settings, at: datetime) -> str | None:
    """The one-time link for the first admin, a new one at each call; None once an admin has set a password.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with store.work() as work:
        if _able_admins(work):
            return None
        admin = _first_admin(work, at)
        secret = make_link(work, admin, at)
        work.audit(AuditEvent("first_admin_invited", at, SYSTEM))
        work.commit()
    return welcome_link(settings, secret)


def recovery_link(store: Store, settings: Settings, login: str, at: datetime) -> str:
    """A one-time link for somebody who has lost the password, made by whoever runs the machine.

    Raises:
        NotFound: nobody enabled has this login.
    """
    with store.work() as work:
        query = sa.select(Staff).where(tables.staff.c.login == login.strip().lower(), tables.staff.c.enabled)
        person: Staff | None = work.execute(query).scalar_one_or_none()
        if person is None:
            raise NotFound("Nobody who may sign in has this login.")
        secret = _forget_password(work, person, at)
        work.audit(AuditEvent("password_reset", at, SYSTEM, details={"staff": person.login}))
        work.commit()
    return welcome_link(settings, secret)


def welcome_link(settings: Settings, secret: str) -> str:
    """The address of a one-time link."""
    return f"{settings.website_url}/console/welcome/{secret}"


def _first_admin(work: Work, at: datetime) -> Staff:
    waiting = sa.select(Staff).where(tables.staff.c.role == Role.ADMIN, tables.staff.c.enabled)
    admin: Staff | None = work.execute(waiting.order_by(tables.staff.c.id).limit(1)).scalar()
    if admin is None:
        admin = work.execute(sa.select(Staff).where(tables.staff.c.login == FIRST_LOGIN)).scalar()
    if admin is None:
        admin = Staff(FIRST_LOGIN, FIRST_NAME, Role.ADMIN, at)
        work.add(admin)
    admin.role, admin.enabled = Role.ADMIN, True
    work.session.flush()
    return admin


def _able_admins(work: Work) -> list[Staff]:
    # Locked, so that of two admins who demote each other at the same moment one is refused.
    people = tables.staff
    query = sa.select(Staff).where(people.c.role == Role.ADMIN, people.c.enabled, people.c.password_hash.is_not(None))
    return list(work.execute(query.order_by(people.c.id).with_for_update()).scalars())


def _other_admin_stays(work: Work, staff_id: int) -> Staff:
    admins, person = _able_admins(work), work.staff(staff_id)
    if admins == [person]:
        raise IllegalMove(f"{person.name} is the last admin who can sign in: make somebody else an admin first.")
    return person


def _forget_password(work: Work, person: Staff, at: datetime) -> str:
    person.password_hash = None
    person.session_epoch += 1
    _drop_links(work, person)
    return make_link(work, person, at)


def _drop_links(work: Work, person: Staff) -> None:
    links = tables.password_links
    work.execute(links.delete().where(links.c.staff_id == person.id, links.c.used_at.is_(None)))


def _record(work: Work, action: str, at: datetime, admin: Staff, person: Staff, **details: str) -> None:
    work.audit(AuditEvent(action, at, admin.login, details={"staff": person.login, **details}))
