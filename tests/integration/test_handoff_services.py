"""What visitors and staff do with a handoff, on SQLite and PostgreSQL, once and all at once."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.errors import AlreadyTaken, IllegalMove, Invalid, NotAllowed
from bot.domain.handoff import Contact, Handoff, Kind, Outcome, State
from bot.domain.reply import Reply, ReplyState
from bot.handoff import services
from tests.handoffs import NOON, VISITOR, actions, active, alert, at_once, handoff, member, replies, waiting

LATER = NOON + timedelta(minutes=5)


def contact(name: str = "Maria") -> Contact:
    return Contact(NOON, name=name, email="maria@example.org")


def stored_contacts(store: Store) -> list[str]:
    with store.reading() as work:
        return list(work.execute(sa.select(tables.contacts.c.name)).scalars())


def responses(store: Store) -> list[str | None]:
    return [reply.response for reply in replies(store)]


# ------------------------------------------------------------------------------------------------ visitors


def test_a_conversation_without_a_handoff_belongs_to_the_bot(store: Store) -> None:
    assert services.standing(store, VISITOR) == services.Standing()


def test_asking_again_changes_nothing(store: Store) -> None:
    assert waiting(store) == waiting(store)
    assert actions(store) == ["opened"]


def test_asking_again_adds_contact_details_where_there_were_none(store: Store) -> None:
    waiting(store)
    waiting(store, contact=contact("Maria"))
    waiting(store, contact=contact("Somebody else"))
    assert stored_contacts(store) == ["Maria"]
    assert actions(store) == ["opened", "contact_added"]


def test_eight_workers_at_once_open_one_handoff(store: Store) -> None:
    opened = at_once([lambda: waiting(store, contact=contact())] * 8)
    assert len(set(opened)) == 1
    assert (actions(store), stored_contacts(store)) == (["opened"], ["Maria"])


def test_cancelling_erases_the_contact_details(store: Store) -> None:
    handoff_id = waiting(store, contact=contact())
    assert services.cancel(store, VISITOR, LATER)
    assert handoff(store, handoff_id).state is State.CANCELLED
    assert stored_contacts(store) == []


def test_cancelling_twice_is_once(store: Store) -> None:
    waiting(store)
    cancelled = at_once([partial(services.cancel, store, VISITOR, LATER)] * 4)
    assert sorted(map(bool, cancelled)) == [False, False, False, True]
    assert actions(store) == ["opened", "cancelled"]


def test_nobody_cancels_once_staff_have_joined(store: Store) -> None:
    handoff_id = active(store, member(store))
    with pytest.raises(IllegalMove):
        services.cancel(store, VISITOR, LATER)
    assert handoff(store, handoff_id).state is State.ACTIVE


def test_a_visitor_rates_only_what_is_resolved(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    assert not services.rate(store, VISITOR, 5, LATER)
    services.resolve(store, handoff_id, anna, Outcome.ANSWERED, LATER)
    assert services.rate(store, VISITOR, 4, LATER)
    assert services.standing(store, VISITOR).rated
    assert handoff(store, handoff_id).rating == 4


def test_a_rating_out_of_range_changes_nothing(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    services.resolve(store, handoff_id, anna, Outcome.ANSWERED, LATER)
    with pytest.raises(Invalid):
        services.rate(store, VISITOR, 6, LATER)
    assert "rated" not in actions(store)


def test_an_alert_makes_the_open_handoff_urgent(store: Store) -> None:
    handoff_id = waiting(store)
    alert(store)
    assert handoff(store, handoff_id).urgent


def test_a_handoff_after_an_alert_is_urgent_for_a_day(store: Store) -> None:
    alert(store, at=NOON - timedelta(hours=23))
    alert(store, "web-2", at=NOON - timedelta(hours=25))
    assert handoff(store, waiting(store)).urgent
    assert not handoff(store, waiting(store, "web-2")).urgent


def test_an_alert_is_kept_while_staff_take_the_handoff(store: Store) -> None:
    for number in range(5):
        conversation = f"web-{number}"
        handoff_id, anna = waiting(store, conversation), member(store, f"Anna {number}")
        jobs: list[Callable[[], object]] = [
            partial(services.take, store, handoff_id, anna, LATER),
            partial(alert, store, conversation),
        ]
        results = at_once(jobs)
        assert not [result for result in results if isinstance(result, Exception)]
        found = handoff(store, handoff_id)
        assert (found.state, found.urgent) == (State.ACTIVE, True)


def test_an_alert_is_seen_once(store: Store) -> None:
    alert(store)
    anna, ben = member(store), member(store, "Ben")
    at_once([partial(services.see_alerts, store, 1, staff, LATER) for staff in (anna, anna, ben)])
    assert actions(store).count("alert_seen") == 1


# ------------------------------------------------------------------------------------------------ staff


def test_taking_tells_the_visitor_who_has_joined(store: Store) -> None:
    active(store, member(store))
    assert services.standing(store, VISITOR).staff == "Anna"
    assert [(reply.response, reply.slots) for reply in replies(store)] == [(services.JOINED, {"staff_name": "Anna"})]


def test_eight_clicks_of_two_staff_give_one_owner_and_one_greeting(store: Store) -> None:
    handoff_id, anna, ben = waiting(store), member(store), member(store, "Ben")
    taken = at_once([partial(services.take, store, handoff_id, staff, LATER) for staff in (anna, ben) * 4])
    owner = handoff(store, handoff_id).owner
    assert owner and owner.id in {anna, ben}
    refused = [result for result in taken if not isinstance(result, Handoff)]
    assert [type(error) for error in refused] == [AlreadyTaken] * 4
    assert responses(store) == [services.JOINED]
    assert actions(store) == ["opened", "taken"]


def test_a_disabled_account_does_nothing(store: Store) -> None:
    handoff_id, gone = waiting(store), member(store, "Gone", enabled=False)
    with pytest.raises(NotAllowed, match="disabled"):
        services.take(store, handoff_id, gone, LATER)
    assert handoff(store, handoff_id).state is State.WAITING


@pytest.mark.parametrize(
    "act",
    [
        lambda store, id, staff: services.release(store, id, staff, LATER),
        lambda store, id, staff: services.transfer(store, id, staff, staff, LATER),
        lambda store, id, staff: services.resolve(store, id, staff, Outcome.OTHER, LATER),
        lambda store, id, staff: services.reply(store, id, staff, "Hello", "r1", LATER),
    ],
    ids=["release", "transfer", "resolve", "reply"],
)
def test_only_the_owner_acts(store: Store, act: object) -> None:
    handoff_id, ben = active(store, member(store)), member(store, "Ben")
    before = actions(store)
    with pytest.raises(NotAllowed, match="belongs to Anna"):
        act(store, handoff_id, ben)  # type: ignore[operator]
    assert (responses(store), actions(store)) == ([services.JOINED], before)


def test_a_released_conversation_waits_again_and_the_bot_answers(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    services.release(store, handoff_id, anna, LATER)
    standing = services.standing(store, VISITOR)
    assert (standing.state, standing.staff) == (State.WAITING, None)
    assert responses(store) == [services.JOINED, services.RELEASED]


def test_a_transfer_names_the_colleague_once(store: Store) -> None:
    anna, ben = member(store), member(store, "Ben")
    handoff_id = active(store, anna)
    at_once([partial(services.transfer, store, handoff_id, anna, ben, LATER)] * 3)
    assert services.standing(store, VISITOR).staff == "Ben"
    assert [reply.slots["staff_name"] for reply in replies(store)] == ["Anna", "Ben"]


def test_resolving_twice_is_once(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    at_once([partial(services.resolve, store, handoff_id, anna, Outcome.ENROLLED, LATER)] * 4)
    assert handoff(store, handoff_id).outcome is Outcome.ENROLLED
    assert responses(store) == [services.JOINED, services.RESOLVED]
    assert actions(store).count("resolved") == 1


def test_a_double_clicked_reply_is_one_reply(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    written = at_once([partial(services.reply, store, handoff_id, anna, "Hello", "r1", LATER)] * 6)
    assert len({reply.id for reply in written if isinstance(reply, Reply)}) == 1
    assert not [result for result in written if isinstance(result, Exception)]
    assert [reply.text for reply in replies(store)] == [None, "Hello"]
    assert actions(store).count("replied") == 1


def test_a_reply_repeated_after_the_end_is_still_the_one(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    first = services.reply(store, handoff_id, anna, "Hello", "r1", LATER)
    services.resolve(store, handoff_id, anna, Outcome.OTHER, LATER)
    assert services.reply(store, handoff_id, anna, "Hello", "r1", LATER).id == first.id


def test_nobody_gets_a_colleagues_reply_by_its_request(store: Store) -> None:
    anna, ben = member(store), member(store, "Ben")
    handoff_id = active(store, anna)
    services.reply(store, handoff_id, anna, "Hello", "r1", LATER)
    with pytest.raises(NotAllowed):
        services.reply(store, handoff_id, ben, "Hello", "r1", LATER)


@pytest.mark.parametrize("text", ["", "  \n", "x" * (services.LONGEST_REPLY + 1)])
def test_an_empty_or_endless_text_is_refused(store: Store, text: str) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    with pytest.raises(Invalid, match="1 to 4000 characters"):
        services.reply(store, handoff_id, anna, text, "r1", LATER)
    with pytest.raises(Invalid, match="1 to 4000 characters"):
        services.add_note(store, handoff_id, anna, text, LATER)


def test_the_first_reply_is_timed_once(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    services.reply(store, handoff_id, anna, "Hello", "r1", LATER)
    services.reply(store, handoff_id, anna, "Still there?", "r2", LATER + timedelta(hours=1))
    assert handoff(store, handoff_id).first_reply_at == LATER


def test_a_closed_conversation_takes_no_reply(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    services.resolve(store, handoff_id, anna, Outcome.OTHER, LATER)
    with pytest.raises(IllegalMove, match="closed"):
        services.reply(store, handoff_id, anna, "One more thing", "r1", LATER)


def test_only_a_failed_reply_is_retried_and_only_once(store: Store) -> None:
    anna = member(store)
    handoff_id = active(store, anna)
    written = services.reply(store, handoff_id, anna, "Hello", "r1", LATER)
    assert written.id
    services.retry(store, written.id, anna, LATER)
    with store.work() as work:
        work.reply(written.id).state = ReplyState.FAILED
        work.commit()
    at_once([partial(services.retry, store, written.id, anna, LATER)] * 3)
    assert replies(store)[-1].state is ReplyState.QUEUED
    assert actions(store).count("reply_retried") == 1


def test_every_look_at_the_contact_details_is_recorded(store: Store) -> None:
    handoff_id, anna = waiting(store, contact=contact()), member(store)
    for _ in range(2):
        seen = services.see_contact(store, handoff_id, anna, LATER)
        assert seen and seen.email == "maria@example.org"
    assert actions(store).count("contact_seen") == 2


def test_the_audit_names_who_and_holds_nothing_personal(store: Store) -> None:
    anna = member(store)
    handoff_id = waiting(store, contact=contact())
    services.take(store, handoff_id, anna, LATER)
    services.reply(store, handoff_id, anna, "You have leukaemia", "r1", LATER)
    services.add_note(store, handoff_id, anna, "Maria sounds worried", LATER)
    with store.reading() as work:
        rows = work.execute(sa.select(tables.audit_events)).all()
    assert [(row.actor, row.action) for row in rows] == [
        ("visitor", "opened"),
        ("anna", "taken"),
        ("anna", "replied"),
        ("anna", "noted"),
    ]
    assert not any(word in str(rows).casefold() for word in ("maria", "leukaemia", "worried"))
    assert {row.handoff_id for row in rows} == {handoff_id}


def test_the_kind_of_a_handoff_is_kept(store: Store) -> None:
    opened = services.open_handoff(store, VISITOR, "telegram", Kind.ENROLLMENT, contact(), NOON, "es")
    assert opened.id
    found = handoff(store, opened.id)
    assert (found.kind, found.channel, found.language) == (Kind.ENROLLMENT, "telegram", "es")
