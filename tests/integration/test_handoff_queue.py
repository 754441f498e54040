"""What staff find at their desk, and how they find it again: on each kind of database."""

from datetime import timedelta

import pytest

from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from bot.domain.errors import NotFound
from bot.domain.handoff import Contact, Kind, Outcome, State
from bot.handoff import alerts, queue, read_marks, search, services
from bot.handoff.case_file import load, owns
from bot.handoff.queue import PAGE, Filters
from bot.handoff.search import Search
from tests.handoffs import NOON, VISITOR, active, alert, handoff, member, waiting
from tests.said import bot_answers, visitor_says


def maria() -> Contact:
    return Contact(
        NOON,
        name="Мария Перес",
        patient="her mother",
        email="maria_p@example.org",
        phone="+44 20 7946-0000",
        country="Peru",
    )


def numbers(page: queue.Page[queue.Row]) -> list[int]:
    return [row.id for row in page.rows]


def test_urgent_comes_first_then_who_waits_then_the_longest(store: Store) -> None:
    anna = member(store)
    taken = active(store, anna, "taken")
    late = waiting(store, "late", at=NOON + timedelta(minutes=2))
    early = waiting(store, "early", at=NOON + timedelta(minutes=1))
    urgent = waiting(store, "urgent", at=NOON + timedelta(minutes=3))
    alert(store, "urgent")
    assert numbers(queue.open_handoffs(store, Filters())) == [urgent, early, late, taken]


def test_a_row_names_country_and_owner(store: Store) -> None:
    anna = member(store)
    services.take(store, waiting(store, contact=maria()), anna, NOON)
    row = queue.open_handoffs(store, Filters()).rows[0]
    assert (row.country, row.owner, row.language, row.state) == ("Peru", "Anna", "en", State.ACTIVE)


def test_the_queue_is_filtered_by_state_channel_reason_and_owner(store: Store) -> None:
    anna, ben = member(store), member(store, "Ben")
    mine, others, free = active(store, anna, "a"), active(store, ben, "b"), waiting(store, "c")
    enrolling = services.open_handoff(store, "d", "telegram", Kind.ENROLLMENT, None, NOON).id
    assert numbers(queue.open_handoffs(store, Filters(state=State.ACTIVE))) == [mine, others]
    assert numbers(queue.open_handoffs(store, Filters(channel="telegram"))) == [enrolling]
    assert numbers(queue.open_handoffs(store, Filters(kind=Kind.HUMAN))) == [free, mine, others]
    assert numbers(queue.open_handoffs(store, Filters(owner_id=anna))) == [mine]
    assert queue.channels(store) == ["telegram", "web"]


def test_closed_handoffs_leave_the_queue(store: Store) -> None:
    anna = member(store)
    services.resolve(store, active(store, anna), anna, Outcome.ANSWERED, NOON)
    assert queue.open_handoffs(store, Filters()).rows == []


def test_a_long_queue_has_pages_and_a_page_past_the_end_is_the_last(store: Store) -> None:
    ids = [waiting(store, f"web-{number}") for number in range(PAGE + 1)]
    first, last = queue.open_handoffs(store, Filters()), queue.open_handoffs(store, Filters(), 99)
    assert (numbers(first), numbers(last)) == (ids[:PAGE], ids[PAGE:])
    assert (first.total, first.last, last.number) == (PAGE + 1, 2, 2)


def test_unread_are_the_visitors_messages_since_the_owner_looked(store: Store) -> None:
    anna, ben = member(store), member(store, "Ben")
    mine = active(store, anna)
    visitor_says(store, VISITOR, "hello")
    seen = visitor_says(store, VISITOR, "are you there?")
    assert queue.staff_dashboard(store, anna).unread == 2
    read_marks.mark_seen(store, mine, anna, seen)
    assert queue.staff_dashboard(store, anna).unread == 0
    bot_answers(store, VISITOR, "What is CRS?", "Something")
    visitor_says(store, VISITOR, "and now?")
    read_marks.mark_seen(store, mine, anna, 1)
    assert [(one.row.id, one.unread) for one in queue.staff_dashboard(store, anna).mine] == [(mine, 1)]
    assert queue.staff_dashboard(store, ben).mine == []


def test_nothing_is_seen_of_a_handoff_that_does_not_exist(store: Store) -> None:
    with pytest.raises(NotFound):
        read_marks.mark_seen(store, 999, member(store), 1)


def test_alerts_are_shown_until_somebody_has_seen_them_also_without_a_handoff(store: Store) -> None:
    anna = member(store)
    alert(store, "silent")
    alert(store, "handed over")
    handed_over = waiting(store, "handed over")
    oldest, newest = queue.staff_dashboard(store, anna).alerts
    assert (newest.handoff_id, oldest.handoff_id) == (handed_over, None)
    services.see_alerts(store, newest.id, anna, NOON)
    assert [one.id for one in queue.staff_dashboard(store, anna).alerts] == [oldest.id]
    found, handoff_id = alerts.by_id(store, newest.id)
    assert found.seen_by is not None
    assert (found.seen_by.name, handoff_id) == ("Anna", handed_over)


def test_alerts_of_one_conversation_and_kind_are_one_line_which_says_how_many(store: Store) -> None:
    for minutes in range(54):
        alert(store, "loud", at=NOON + timedelta(minutes=minutes))
    alert(store, "loud", AlertKind.CRISIS, NOON + timedelta(minutes=54))
    alert(store, "quiet", at=NOON + timedelta(minutes=20))
    dashboard = queue.staff_dashboard(store, member(store))
    assert [(one.conversation, one.kind, one.count) for one in dashboard.alerts] == [
        ("loud", AlertKind.EMERGENCY, 54),
        ("quiet", AlertKind.EMERGENCY, 1),
        ("loud", AlertKind.CRISIS, 1),
    ]
    loud = dashboard.alerts[0]
    assert (loud.created_at, loud.last_at) == (NOON, NOON + timedelta(minutes=53))
    assert dashboard.unseen_alerts == 56


def test_no_alert_is_cut_off_and_the_longest_unseen_comes_first(store: Store) -> None:
    many = alerts.PAGE + 50
    for number in range(many):
        alert(store, f"web-{number}", at=NOON + timedelta(seconds=number))
    dashboard = queue.staff_dashboard(store, member(store))
    assert dashboard.unseen_alerts == len(dashboard.alerts) == many
    first, last = (queue.alerts_page(dashboard.alerts, number) for number in (1, 99))
    shown = [one.conversation for page in (first, last) for one in page.rows]
    assert shown == [f"web-{number}" for number in range(many)]
    assert (first.total, first.last, last.number) == (many, 2, 2)


def test_seeing_one_sees_the_group_but_not_what_came_after_the_page(store: Store) -> None:
    anna = member(store)
    for _ in range(3):
        alert(store, "loud")
    alert(store, "loud", AlertKind.CRISIS)
    alert(store, "quiet")
    shown = queue.staff_dashboard(store, anna).alerts[0]
    alert(store, "loud", at=NOON + timedelta(minutes=1))
    services.see_alerts(store, shown.id, anna, NOON, shown.last_id)
    left = [(one.conversation, one.kind, one.count) for one in queue.staff_dashboard(store, anna).alerts]
    assert left == [
        ("loud", AlertKind.CRISIS, 1),
        ("quiet", AlertKind.EMERGENCY, 1),
        ("loud", AlertKind.EMERGENCY, 1),
    ]


@pytest.mark.parametrize(
    "words",
    ["мария", "ПЕРЕС", "mother", "MARIA_P@", "020 7946 0000", "+44 20 7946", "peru", "eb-maria", "#{id}", "{id}"],
)
def test_a_handoff_is_found_by_what_staff_know_of_the_visitor(store: Store, words: str) -> None:
    found = waiting(store, "web-maria", maria())
    waiting(store, "web-other", Contact(NOON, name="Somebody", email="mariaxp@example.org", country="France"))
    assert numbers(search.find(store, Search(words=words.format(id=found)))) == [found]


@pytest.mark.parametrize("words", ["%", "\\", "nobody", "7946 0001", "99999"])
def test_words_that_fit_nobody_find_nobody(store: Store, words: str) -> None:
    waiting(store, "web-maria", maria())
    assert search.find(store, Search(words=words)).rows == []


def test_a_handoff_is_found_by_state_outcome_and_day(store: Store) -> None:
    anna = member(store)
    resolved = active(store, anna, "a")
    services.resolve(store, resolved, anna, Outcome.REFERRED, NOON)
    later = waiting(store, "b", at=NOON + timedelta(days=1))
    assert numbers(search.find(store, Search())) == [later, resolved]
    assert numbers(search.find(store, Search(state=State.RESOLVED))) == [resolved]
    assert numbers(search.find(store, Search(outcome=Outcome.REFERRED))) == [resolved]
    assert numbers(search.find(store, Search(since=NOON + timedelta(hours=1)))) == [later]
    assert numbers(search.find(store, Search(before=NOON + timedelta(hours=1)))) == [resolved]


def test_a_folder_holds_notes_replies_other_handoffs_and_colleagues_but_no_contact(store: Store) -> None:
    anna, ben = member(store), member(store, "Ben")
    member(store, "Gone", enabled=False)
    first = active(store, anna)
    services.resolve(store, first, anna, Outcome.OTHER, NOON)
    second = waiting(store, contact=maria())
    services.take(store, second, anna, NOON)
    services.add_note(store, second, ben, "Call in the morning.", NOON)
    services.reply(store, second, anna, "Hello", "r1", NOON)
    found = load(store, second)
    assert [(note.author.name, note.text) for note in found.notes] == [("Ben", "Call in the morning.")]
    assert [reply.text for reply in found.replies if reply.text] == ["Hello"]
    assert [other.id for other in found.others] == [first]
    assert [colleague.id for colleague in found.colleagues] == [ben]
    assert found.has_contact
    assert not load(store, first).has_contact


def test_only_the_owner_owns(store: Store) -> None:
    anna, ben = member(store), member(store, "Ben")
    mine = active(store, anna)
    assert (owns(store, mine, anna), owns(store, mine, ben)) == (VISITOR, None)
    services.release(store, mine, anna, NOON)
    assert owns(store, mine, anna) is None


def test_a_note_that_is_added_by_a_double_click_is_one_note(store: Store) -> None:
    anna = member(store)
    id = waiting(store)
    for seconds in (0, 1, 90):
        services.add_note(store, id, anna, "Call in the morning.", NOON + timedelta(seconds=seconds))
    assert len(load(store, id).notes) == 2
    assert handoff(store, id).state is State.WAITING
