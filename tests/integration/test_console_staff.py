"""What admins do with staff and canned replies, in real databases."""

from collections.abc import Callable
from datetime import datetime

import pytest

from bot.accounts import administration, own_account
from bot.database.unit_of_work import Store
from bot.domain.errors import IllegalMove, Invalid, NotAllowed, NotFound
from bot.domain.handoff import State
from bot.domain.staff import Role, Staff
from bot.handoff import canned_replies, services
from tests.console import PASSWORD, PASSWORDS, add_staff
from tests.handoffs import NOON, actions, active, at_once, handoff, replies


@pytest.fixture
def olga(store: Store) -> int:
    """An admin."""
    return add_staff(store, "olga", role=Role.ADMIN).id or 0


def test_somebody_added_signs_in_after_choosing_a_password(store: Store, olga: int) -> None:
    anna, secret = administration.add(store, olga, " Anna@Example.org ", "Anna", Role.AGENT, NOON)
    assert (anna.login, anna.role, anna.password_hash) == ("anna@example.org", Role.AGENT, None)
    own_account.accept(store, PASSWORDS, secret, "Anna", PASSWORD, NOON)
    assert own_account.sign_in(store, PASSWORDS, "anna@example.org", PASSWORD, "", NOON).id == anna.id
    assert actions(store) == ["staff_added", "password_set", "signed_in"]


@pytest.mark.parametrize(
    ("login", "name", "field"),
    [
        ("olga", "Other", "login"),
        ("a", "Anna", "login"),
        ("anna smith", "Anna", "login"),
        ("x" * 101, "Anna", "login"),
        ("anna", "  ", "name"),
        ("anna", "x" * 61, "name"),
    ],
)
def test_somebody_who_cannot_be_added_is_refused_at_the_field(
    store: Store, olga: int, login: str, name: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        administration.add(store, olga, login, name, Role.AGENT, NOON)
    assert refusal.value.field == field
    assert len(administration.all_of(store)) == 1


ADMINS_ONLY: list[Callable[[Store, int, int, datetime], object]] = [
    lambda store, actor, other, at: administration.add(store, actor, "new", "New", Role.ADMIN, at),
    administration.disable,
    administration.enable,
    administration.reset,
    lambda store, actor, other, at: administration.change_role(store, actor, actor, Role.ADMIN, at),
    lambda store, actor, other, at: canned_replies.save(store, actor, None, "Title", "Text", at),
    lambda store, actor, other, at: canned_replies.remove(store, actor, 1, at),
]


@pytest.mark.parametrize("move", ADMINS_ONLY)
def test_an_agent_and_a_disabled_admin_may_do_none_of_it(
    store: Store, olga: int, move: Callable[[Store, int, int, datetime], object]
) -> None:
    agent, former = add_staff(store, "anna").id or 0, add_staff(store, "ivan", role=Role.ADMIN).id or 0
    administration.disable(store, olga, former, NOON)
    for actor in (agent, former):
        with pytest.raises(NotAllowed):
            move(store, actor, olga, NOON)


def test_disabling_ends_sessions_and_gives_the_conversations_back(store: Store, olga: int) -> None:
    anna = add_staff(store, "anna")
    first, second = active(store, anna.id or 0, "web-1"), active(store, anna.id or 0, "web-2")
    disabled = administration.disable(store, olga, anna.id or 0, NOON)
    assert (disabled.enabled, disabled.session_epoch) == (False, anna.session_epoch + 1)
    assert [handoff(store, id).state for id in (first, second)] == [State.WAITING, State.WAITING]
    told = replies(store, "web-2")[-1]
    assert (told.response, told.slots) == (services.RELEASED, {"staff_name": "Anna"})
    assert actions(store)[-3:].count("released") == 2
    administration.disable(store, olga, anna.id or 0, NOON)
    assert len(replies(store, "web-2")) == 2


def test_enabled_again_the_old_password_is_good(store: Store, olga: int) -> None:
    anna = add_staff(store, "anna")
    administration.disable(store, olga, anna.id or 0, NOON)
    administration.enable(store, olga, anna.id or 0, NOON)
    assert own_account.sign_in(store, PASSWORDS, "anna", PASSWORD, "", NOON)


def test_a_reset_takes_the_password_and_makes_earlier_links_useless(store: Store, olga: int) -> None:
    anna = add_staff(store, "anna")
    _, first = administration.reset(store, olga, anna.id or 0, NOON)
    changed, second = administration.reset(store, olga, anna.id or 0, NOON)
    assert changed.session_epoch > anna.session_epoch
    with pytest.raises(NotAllowed):
        own_account.sign_in(store, PASSWORDS, "anna", PASSWORD, "", NOON)
    with pytest.raises(NotFound):
        own_account.invited(store, first, NOON)
    assert own_account.invited(store, second, NOON).login == "anna"


def test_a_disabled_account_gets_no_link_and_its_link_is_no_good(store: Store, olga: int) -> None:
    anna, secret = administration.add(store, olga, "anna", "Anna", Role.AGENT, NOON)
    administration.disable(store, olga, anna.id or 0, NOON)
    with pytest.raises(NotFound):
        own_account.accept(store, PASSWORDS, secret, "Anna", PASSWORD, NOON)
    with pytest.raises(IllegalMove, match="enable it first"):
        administration.reset(store, olga, anna.id or 0, NOON)


LAST: list[Callable[[Store, int, int, datetime], object]] = [
    administration.disable,
    administration.reset,
    lambda store, actor, other, at: administration.change_role(store, actor, other, Role.AGENT, at),
]


@pytest.mark.parametrize("move", LAST, ids=["disable", "reset", "demote"])
def test_the_last_admin_who_can_sign_in_stays(
    store: Store, olga: int, move: Callable[[Store, int, int, datetime], object]
) -> None:
    # An admin without a password and a disabled one cannot sign in.
    administration.add(store, olga, "ivan", "Ivan", Role.ADMIN, NOON)
    gone = add_staff(store, "vera", role=Role.ADMIN)
    administration.disable(store, olga, gone.id or 0, NOON)
    with pytest.raises(IllegalMove, match="last admin"):
        move(store, olga, olga, NOON)


def test_of_two_admins_who_demote_each_other_at_once_one_stays(store: Store, olga: int) -> None:
    ivan = add_staff(store, "ivan", role=Role.ADMIN).id or 0
    at_once(
        [
            lambda: administration.change_role(store, olga, ivan, Role.AGENT, NOON),
            lambda: administration.change_role(store, ivan, olga, Role.AGENT, NOON),
        ]
    )
    assert [person.role for person in administration.all_of(store)].count(Role.ADMIN) == 1


def test_a_change_of_role_counts_at_once(store: Store, olga: int) -> None:
    anna: Staff = add_staff(store, "anna")
    administration.change_role(store, olga, anna.id or 0, Role.ADMIN, NOON)
    assert canned_replies.save(store, anna.id or 0, None, "Hello", "Hello {visitor}", NOON).id


# ------------------------------------------------------------------------------------------- canned replies


@pytest.mark.parametrize(
    ("text", "visitor", "filled"),
    [
        ("Hello {visitor}, I am {staff}.", "Maria", "Hello Maria, I am Anna."),
        ("Hello {visitor}, I am {staff}.", None, "Hello, I am Anna."),
        ("{visitor}: {other} {} {0} {{staff}}", "{staff}", "{staff}: {other} {} {0} {Anna}"),
        ("100 % {a.__class__} {visitor", "Maria", "100 % {a.__class__} {visitor"),
    ],
)
def test_placeholders_are_filled_and_other_braces_stay(text: str, visitor: str | None, filled: str) -> None:
    assert canned_replies.fill(text, visitor=visitor, staff="Anna") == filled


def test_canned_replies_are_kept_changed_and_removed(store: Store, olga: int) -> None:
    second = canned_replies.save(store, olga, None, "Thanks", "Thank you.", NOON)
    first = canned_replies.save(store, olga, None, "  Good   morning ", "Good morning\r\n{visitor}\n", NOON)
    assert (first.title, first.text) == ("Good morning", "Good morning\n{visitor}")
    assert [reply.title for reply in canned_replies.all_of(store)] == ["Good morning", "Thanks"]
    canned_replies.save(store, olga, second.id, "Thanks", "Many thanks.", NOON)
    assert canned_replies.by_id(store, second.id or 0).text == "Many thanks."
    canned_replies.remove(store, olga, first.id or 0, NOON)
    assert [reply.title for reply in canned_replies.all_of(store)] == ["Thanks"]
    with pytest.raises(NotFound):
        canned_replies.remove(store, olga, first.id or 0, NOON)
    assert actions(store) == ["canned_added", "canned_added", "canned_changed", "canned_removed"]


@pytest.mark.parametrize(
    ("title", "text", "field"),
    [("", "Text", "title"), ("x" * 101, "Text", "title"), ("Hello", " ", "text"), ("Taken", "Text", "title")],
)
def test_a_canned_reply_that_cannot_be_kept_is_refused_at_the_field(
    store: Store, olga: int, title: str, text: str, field: str
) -> None:
    canned_replies.save(store, olga, None, "Taken", "Text", NOON)
    with pytest.raises(Invalid) as refusal:
        canned_replies.save(store, olga, None, title, text, NOON)
    assert refusal.value.field == field
