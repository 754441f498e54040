"""Accounts, sign-in and throttling in real databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.accounts import administration, own_account, sign_in_throttle
from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.audit import AuditEvent
from bot.domain.errors import Invalid, NotAllowed, NotFound, TooManyAttempts
from bot.domain.staff import Role, Staff
from bot.privacy import audit_log
from bot.settings import Settings
from tests.console import PASSWORD, PASSWORDS, add_staff
from tests.handoffs import NOON, actions, at_once

SETTINGS = Settings.read({"DATABASE_URL": "sqlite://", "PUBLIC_URL": "https://help.example.org"})
ADDRESS = "192.0.2.1"


def sign_in(store: Store, login: str, password: str = PASSWORD, address: str = ADDRESS, after: float = 0) -> Staff:
    return own_account.sign_in(store, PASSWORDS, login, password, address, NOON + timedelta(seconds=after))


def secret_of(link: str | None) -> str:
    assert link is not None
    return link.rsplit("/", 1)[1]


def test_the_right_password_signs_in_whatever_the_case_of_the_login(store: Store) -> None:
    add_staff(store, "anna")
    assert sign_in(store, " Anna ").name == "Anna"
    assert actions(store) == ["signed_in"]


def test_a_wrong_password_an_unknown_login_and_an_account_without_password_are_refused_alike(store: Store) -> None:
    admin = add_staff(store, "olga", role=Role.ADMIN)
    add_staff(store, "anna")
    administration.add(store, admin.id or 0, "new", "New", Role.AGENT, NOON)
    refusals = set()
    for login, password in [("anna", "wrong"), ("nobody", PASSWORD), ("new", ""), ("new", "nobody has this password")]:
        with pytest.raises(NotAllowed) as refusal:
            sign_in(store, login, password)
        refusals.add(refusal.value.message)
    assert refusals == {"The login or the password is wrong."}


def refusals(store: Store) -> list[AuditEvent]:
    return [
        event
        for event in audit_log.events(store, audit_log.Wanted())
        if "refused" in event.action or "failed" in event.action
    ]


def test_refused_attempts_are_logged_and_audited_without_what_was_typed(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    add_staff(store, "anna")
    for login, password in (("anna", "my old secret"), ("my other secret", PASSWORD)):
        with pytest.raises(NotAllowed):
            sign_in(store, login, password, "192.0.2.7")
    events = refusals(store)
    assert [(event.action, event.actor) for event in events] == [
        ("sign_in_failed", "unknown"),
        ("sign_in_failed", "anna"),
    ]
    assert events[0].details == events[1].details != {}
    kept = f"{events} {caplog.text}"
    assert caplog.text.count("sign_in_failed") == 2
    assert not [word for word in ("secret", PASSWORD, "192.0.2.7") if word in kept]


def test_whoever_goes_on_trying_does_not_fill_the_audit(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    add_staff(store, "anna")
    for _ in range(9):
        with pytest.raises((NotAllowed, TooManyAttempts)):
            sign_in(store, "anna", "wrong")
    assert len(refusals(store)) == 5
    assert caplog.text.count("too often") == 4


def test_a_disabled_account_cannot_sign_in(store: Store) -> None:
    admin, anna = add_staff(store, "olga", role=Role.ADMIN), add_staff(store, "anna")
    administration.disable(store, admin.id or 0, anna.id or 0, NOON)
    with pytest.raises(NotAllowed, match="disabled: ask an admin"):
        sign_in(store, "anna")
    assert [(event.action, event.actor) for event in refusals(store)] == [("sign_in_refused", "anna")]


def test_five_failures_of_a_login_have_to_wait_and_the_message_says_how_long(store: Store) -> None:
    add_staff(store, "anna")
    for number in range(5):
        with pytest.raises(NotAllowed):
            sign_in(store, "anna", "wrong", f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts, match="try again in 60 seconds") as refusal:
        sign_in(store, "anna", address="198.51.100.7")
    assert refusal.value.seconds == 60
    with pytest.raises(TooManyAttempts, match="in 1 seconds"):
        sign_in(store, "anna", after=59)
    assert sign_in(store, "anna", after=60).login == "anna"


def test_the_wait_grows_with_each_failure_to_a_quarter_of_an_hour(store: Store) -> None:
    after, waits = 0.0, []
    for _ in range(5):
        with pytest.raises(NotAllowed):
            sign_in(store, "anna", "wrong", after=after)
    for _ in range(6):
        with pytest.raises(TooManyAttempts) as refusal:
            sign_in(store, "anna", "wrong", after=after)
        waits.append(refusal.value.seconds)
        after += refusal.value.seconds
        with pytest.raises(NotAllowed):
            sign_in(store, "anna", "wrong", after=after)
    assert waits == [60, 120, 240, 480, 900, 900]


def test_a_success_forgets_the_failures_of_the_login(store: Store) -> None:
    add_staff(store, "anna")
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(NotAllowed):
                sign_in(store, "anna", "wrong")
        sign_in(store, "anna")


def test_an_address_that_tries_many_logins_has_to_wait_too(store: Store) -> None:
    add_staff(store, "anna")
    for number in range(sign_in_throttle.FAILURES_OF_ADDRESS):
        with pytest.raises(NotAllowed):
            sign_in(store, f"guess{number}", "wrong")
    with pytest.raises(TooManyAttempts):
        sign_in(store, "anna")
    assert sign_in(store, "anna", address="198.51.100.7").login == "anna"


def test_attempts_at_the_same_moment_count_each(store: Store) -> None:
    add_staff(store, "anna")
    outcomes = at_once([lambda: sign_in(store, "anna", "wrong") for _ in range(12)])
    refused = [outcome for outcome in outcomes if isinstance(outcome, TooManyAttempts)]
    assert len(refused) == 7


def test_old_failures_are_forgotten(store: Store) -> None:
    for _ in range(5):
        with pytest.raises(NotAllowed):
            sign_in(store, "anna", "wrong")
    add_staff(store, "anna")
    sign_in(store, "anna", after=3600)
    with store.reading() as work:
        assert work.execute(sa.select(sa.func.count()).select_from(tables.sign_in_failures)).scalar() == 0


def test_only_a_hash_of_logins_addresses_links_and_passwords_is_kept(store: Store) -> None:
    link = administration.first_admin_link(store, SETTINGS, NOON)
    own_account.accept(store, PASSWORDS, secret_of(link), "Olga", PASSWORD, NOON)
    second = administration.recovery_link(store, SETTINGS, "admin", NOON)
    with pytest.raises(NotAllowed):
        sign_in(store, "olga@example.org", "wrong")
    with store.reading() as work:
        kept = " ".join(
            str(row)
            for table in (tables.staff, tables.password_links, tables.sign_in_failures, tables.audit_events)
            for row in work.execute(sa.select(table)).all()
        )
    for secret in (secret_of(link), secret_of(second), PASSWORD, "olga@example.org", ADDRESS):
        assert secret not in kept


def test_a_hash_with_other_costs_is_renewed_at_sign_in(store: Store) -> None:
    anna = add_staff(store, "anna")

    class Dearer:
        fits, hash = staticmethod(PASSWORDS.fits), staticmethod(lambda password: f"new {password}")
        outdated = staticmethod(lambda hash: True)

    own_account.sign_in(store, Dearer(), "anna", PASSWORD, ADDRESS, NOON)  # type: ignore[arg-type]
    found = own_account.by_id(store, anna.id or 0)
    assert found is not None
    assert found.password_hash == f"new {PASSWORD}"


# ------------------------------------------------------------------------------------------- one-time links


def test_the_first_admin_gets_a_link_until_one_has_set_a_password(store: Store) -> None:
    first = administration.first_admin_link(store, SETTINGS, NOON)
    second = administration.first_admin_link(store, SETTINGS, NOON)
    assert first is not None
    assert first.startswith("https://help.example.org/console/welcome/")
    assert first != second
    assert [person.login for person in administration.all_of(store)] == ["admin"]
    olga = own_account.accept(store, PASSWORDS, secret_of(second), " Olga  M. ", PASSWORD, NOON)
    assert (olga.name, olga.role) == ("Olga M.", Role.ADMIN)
    assert administration.first_admin_link(store, SETTINGS, NOON) is None
    with pytest.raises(NotFound):
        own_account.invited(store, secret_of(first), NOON)


def test_processes_that_start_at_once_make_one_first_admin(store: Store) -> None:
    links = at_once([lambda: administration.first_admin_link(store, SETTINGS, NOON) for _ in range(4)])
    assert any(isinstance(link, str) for link in links)
    assert len(administration.all_of(store)) == 1


def test_a_link_works_once(store: Store) -> None:
    secret = secret_of(administration.first_admin_link(store, SETTINGS, NOON))
    outcomes = at_once([lambda: own_account.accept(store, PASSWORDS, secret, "Olga", PASSWORD, NOON) for _ in range(4)])
    assert len([outcome for outcome in outcomes if isinstance(outcome, Staff)]) == 1
    with pytest.raises(NotFound, match="used or has expired"):
        own_account.accept(store, PASSWORDS, secret, "Eve", PASSWORD, NOON)
    assert sign_in(store, "admin").name == "Olga"


def test_a_link_ends_after_a_day(store: Store) -> None:
    secret = secret_of(administration.first_admin_link(store, SETTINGS, NOON))
    own_account.invited(store, secret, NOON + timedelta(hours=23, minutes=59))
    with pytest.raises(NotFound):
        own_account.invited(store, secret, NOON + timedelta(hours=24))


def test_a_password_that_is_refused_leaves_the_link_good(store: Store) -> None:
    secret = secret_of(administration.first_admin_link(store, SETTINGS, NOON))
    with pytest.raises(Invalid):
        own_account.accept(store, PASSWORDS, secret, "Olga", "short", NOON)
    with pytest.raises(Invalid):
        own_account.accept(store, PASSWORDS, secret, " ", PASSWORD, NOON)
    assert own_account.accept(store, PASSWORDS, secret, "Olga", PASSWORD, NOON)


def test_the_owner_of_the_machine_can_let_a_locked_out_admin_in(store: Store) -> None:
    olga = add_staff(store, "olga", role=Role.ADMIN)
    secret = secret_of(administration.recovery_link(store, SETTINGS, "Olga", NOON))
    with pytest.raises(NotAllowed):
        sign_in(store, "olga")
    own_account.accept(store, PASSWORDS, secret, "Olga", "another quiet river", NOON)
    assert sign_in(store, "olga", "another quiet river").session_epoch > olga.session_epoch
    with pytest.raises(NotFound):
        administration.recovery_link(store, SETTINGS, "nobody", NOON)


# ------------------------------------------------------------------------------------------- one's own account


def test_a_new_password_needs_the_present_one_and_ends_other_sessions(store: Store) -> None:
    anna = add_staff(store, "anna")
    with pytest.raises(Invalid) as refusal:
        own_account.change_password(store, PASSWORDS, anna.id or 0, "wrong", "another quiet river", NOON)
    assert refusal.value.field == "old"
    changed = own_account.change_password(store, PASSWORDS, anna.id or 0, PASSWORD, "another quiet river", NOON)
    assert changed.session_epoch == anna.session_epoch + 1
    assert sign_in(store, "anna", "another quiet river")


def test_guessing_the_present_password_is_throttled(store: Store) -> None:
    anna = add_staff(store, "anna")
    for _ in range(5):
        with pytest.raises(Invalid):
            own_account.change_password(store, PASSWORDS, anna.id or 0, "wrong", "another quiet river", NOON)
    with pytest.raises(TooManyAttempts):
        own_account.change_password(store, PASSWORDS, anna.id or 0, PASSWORD, "another quiet river", NOON)
