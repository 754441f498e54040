"""Export, erasure and what has expired, in real databases; and the pages for it, over HTTP."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.accounts import administration
from bot.conversation import transcript, typing_indicator
from bot.conversation.change_feed import ChangeFeed
from bot.conversation.transcript import Speaker
from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.errors import IllegalMove, NotFound
from bot.domain.handoff import Contact, Kind, Outcome, State
from bot.domain.staff import Role
from bot.handoff import services, statistics
from bot.outbox import delivery
from bot.privacy import export_and_erase
from tests.console import Desk, a_console, add_staff, new_store, signed_in
from tests.handoffs import NOON, actions, active, alert, at_once, handoff, member, replies, waiting

ONE, OTHER = "web-one", "web-other"
# Everything personal that a visitor of these tests leaves behind.
PERSONAL = ("Maria", "maria@example.org", "+44 20 7946 0000", "Peru", "leukaemia", "call after six", "it was wrong")


def said(store: Store, conversation: str, text: str, at: datetime = NOON) -> None:
    """An event as Rasa writes it."""
    data = json.dumps({"event": "user", "text": text, "timestamp": at.timestamp()})
    row = {"sender_id": conversation, "type_name": "user", "timestamp": at.timestamp(), "data": data}
    with store.work() as work:
        work.execute(tables.events.insert().values(row))
        work.commit()


def visited(store: Store, conversation: str, staff_id: int) -> int:
    """A visitor who has left something everywhere; the id of the handoff, which is active."""
    contact = Contact(
        NOON, "Maria", None, "maria@example.org", "+44 20 7946 0000", "Peru", "leukaemia", "call after six"
    )
    said(store, conversation, "My mother has leukaemia")
    handoff_id = services.open_handoff(store, conversation, "web", Kind.ENROLLMENT, contact, NOON, "en").id or 0
    services.take(store, handoff_id, staff_id, NOON)
    services.reply(store, handoff_id, staff_id, "Hello Maria", f"request {conversation}", NOON)
    services.add_note(store, handoff_id, staff_id, "Maria prefers the phone", NOON)
    alert(store, conversation)
    typing_indicator.mark_typing(store, conversation, Speaker.VISITOR, NOON)
    with store.work() as work:
        rated = {"conversation": conversation, "event_id": 1, "helpful": False, "comment": "it was wrong", "at": NOON}
        work.execute(tables.feedback.insert().values(rated))
        work.execute(tables.received_messages.insert().values(conversation=conversation, message_id="m", at=NOON))
        work.commit()
    return handoff_id


def everything(store: Store) -> str:
    """All rows of all tables."""
    with store.reading() as work:
        return " ".join(
            str(list(row)) for table in tables.metadata.sorted_tables for row in work.execute(sa.select(table)).all()
        )


def test_every_table_that_may_hold_a_visitors_data_is_covered() -> None:
    covered = {*export_and_erase.OF_CONVERSATION, *export_and_erase.OF_HANDOFF, "handoffs", "audit_events"}
    of_staff = {"staff", "password_links", "staff_sessions", "sign_in_failures", "canned_replies"}
    assert {table.name for table in tables.metadata.sorted_tables} - covered - of_staff == set()


def test_an_export_holds_everything_of_one_visitor_and_nothing_of_another(store: Store) -> None:
    anna = member(store)
    visited(store, ONE, anna)
    said(store, OTHER, "Somebody else's words")
    data = export_and_erase.export(store, ONE, "olga", NOON)
    text = json.dumps(data, ensure_ascii=False)
    assert all(words in text for words in (*PERSONAL, "Hello Maria", "Maria prefers the phone", "My mother has"))
    assert "Somebody else" not in text
    assert data["events"][0]["data"]["text"] == "My mother has leukaemia"
    assert data["handoffs"][0]["state"] == "active"
    assert {row["action"] for row in data["audit_events"]} >= {"opened", "taken", "replied"}
    assert actions(store)[-1] == "exported"


def test_erasure_leaves_nothing_personal_anywhere(store: Store) -> None:
    anna = member(store)
    handoff_id = visited(store, ONE, anna)
    assert export_and_erase.erase(store, ONE, "olga", NOON + timedelta(hours=1))
    kept = everything(store)
    assert not [words for words in (*PERSONAL, "Hello", "prefers", "My mother") if words in kept]
    assert set(export_and_erase.kept(store, ONE)) == {"audit_events"}
    with store.reading() as work:
        row = work.execute(sa.select(tables.handoffs)).one()
    assert row.id == handoff_id
    assert row.conversation.startswith("erased-")
    assert row.language is None
    assert transcript.lines(store, ONE) == []
    assert services.standing(store, ONE) == services.Standing()
    assert actions(store)[-1] == "erased"


def in_files(folder: Path) -> list[str]:
    """What of ``PERSONAL`` is in the bytes of the database and of its log."""
    content = b"".join(file.read_bytes() for file in folder.glob("console.db*"))
    return [words for words in PERSONAL if words.encode() in content]


def test_erased_words_are_in_no_byte_of_the_files(tmp_path: Path) -> None:
    store, other_process = new_store(tmp_path), Store.open(f"sqlite:///{tmp_path}/console.db")
    anna = member(store)
    for number in range(30):
        visited(store, f"web-{number}", anna)
    assert other_process.answers()
    assert in_files(tmp_path) == list(PERSONAL)
    for number in range(30):
        assert export_and_erase.erase(store, f"web-{number}", "olga", NOON)
    assert in_files(tmp_path) == []
    store.engine.dispose()
    other_process.engine.dispose()


def test_a_reader_does_not_hold_up_an_erasure_and_the_log_is_emptied_at_the_next_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, reader = new_store(tmp_path), Store.open(f"sqlite:///{tmp_path}/console.db")
    visited(store, ONE, member(store))
    with reader.reading() as work:
        assert work.execute(sa.select(tables.contacts)).all()
        assert export_and_erase.erase(store, ONE, "olga", NOON)
        assert "could not be emptied" in caplog.text
    export_and_erase.leave_no_trace(store)
    assert in_files(tmp_path) == []
    store.engine.dispose()
    reader.engine.dispose()


def test_erasure_touches_no_other_visitor(store: Store) -> None:
    anna = member(store)
    visited(store, ONE, anna)
    other = visited(store, OTHER, anna)
    before = export_and_erase.kept(store, OTHER)
    export_and_erase.erase(store, ONE, "olga", NOON)
    assert export_and_erase.kept(store, OTHER) == before
    assert handoff(store, other).state is State.ACTIVE


@pytest.mark.parametrize("taken", [False, True])
def test_an_open_handoff_is_cancelled_and_its_replies_are_not_sent(store: Store, taken: bool) -> None:
    anna = member(store)
    handoff_id = active(store, anna, ONE) if taken else waiting(store, ONE)
    later = NOON + timedelta(hours=1)
    export_and_erase.erase(store, ONE, "visitor", later)
    ended = handoff(store, handoff_id)
    assert (ended.state, ended.closed_at) == (State.CANCELLED, later)
    assert delivery.claim(store, later) == []
    # The visitor may begin anew at once.
    assert waiting(store, ONE) != handoff_id


def test_the_numbers_stay_for_the_statistics(store: Store) -> None:
    anna = member(store)
    handoff_id = visited(store, ONE, anna)
    services.resolve(store, handoff_id, anna, Outcome.ENROLLED, NOON + timedelta(hours=1))
    services.rate(store, ONE, 4, NOON + timedelta(hours=1))
    day = NOON.replace(hour=0)
    before = statistics.over(store, day, day + timedelta(days=1))
    export_and_erase.erase(store, ONE, "retention", NOON + timedelta(days=90))
    assert statistics.over(store, day, day + timedelta(days=1)) == before
    assert (before.outcomes[Outcome.ENROLLED], before.ratings[4]) == (1, 1)


def test_erasing_twice_or_nothing_says_that_there_was_nothing(store: Store) -> None:
    visited(store, ONE, member(store))
    assert export_and_erase.erase(store, ONE, "olga", NOON)
    assert not export_and_erase.erase(store, ONE, "olga", NOON)
    assert not export_and_erase.erase(store, "nobody", "olga", NOON)
    assert actions(store).count("erased") == 1


def test_erasing_at_once_in_two_processes_erases_once(store: Store) -> None:
    visited(store, ONE, member(store))
    outcomes = at_once([lambda: export_and_erase.erase(store, ONE, "retention", NOON) for _ in range(4)])
    assert outcomes.count(True) == 1
    assert set(export_and_erase.kept(store, ONE)) == {"audit_events"}


def test_what_rasa_writes_a_moment_later_is_erased_by_the_next_time(store: Store) -> None:
    visited(store, ONE, member(store))
    export_and_erase.erase(store, ONE, "visitor", NOON)
    said(store, ONE, "a message that was on its way")
    assert export_and_erase.expired(store, NOON + timedelta(seconds=1)) == [ONE]
    assert export_and_erase.erase(store, ONE, "retention", NOON)


def test_whoever_shows_the_conversation_hears_of_the_erasure(store: Store) -> None:
    visited(store, ONE, member(store))
    feed = ChangeFeed(store)
    feed.changed()
    export_and_erase.erase(store, ONE, "visitor", NOON)
    assert ONE in feed.changed()


def test_expired_are_those_in_which_nothing_has_happened_since(store: Store) -> None:
    anna = member(store)
    for days, conversation in enumerate(("four", "three", "two", "one")):
        said(store, conversation, "words", NOON + timedelta(days=days))
    before = NOON + timedelta(days=2)
    assert export_and_erase.expired(store, before) == ["four", "three"]
    assert export_and_erase.expired(store, before, limit=1) == ["four"]
    # Any sign of life keeps a conversation: here a note by staff on a handoff.
    services.add_note(store, waiting(store, "four"), anna, "called", before)
    assert export_and_erase.expired(store, before) == ["three"]


def test_a_conversation_of_which_only_a_handoff_is_left_expires_once(store: Store) -> None:
    waiting(store, ONE)
    assert export_and_erase.expired(store, NOON + timedelta(days=1)) == [ONE]
    export_and_erase.erase(store, ONE, "retention", NOON + timedelta(days=1))
    assert export_and_erase.expired(store, NOON + timedelta(days=400)) == []


def test_what_staff_try_on_an_erased_conversation_is_refused_clearly(store: Store) -> None:
    anna = member(store)
    handoff_id = visited(store, ONE, anna)
    reply = replies(store, ONE)[-1]
    export_and_erase.erase(store, ONE, "visitor", NOON)
    with pytest.raises(NotFound):
        services.retry(store, reply.id or 0, anna, NOON)
    with pytest.raises(IllegalMove, match="closed"):
        services.reply(store, handoff_id, anna, "Are you there?", "later", NOON)
    assert services.see_contact(store, handoff_id, anna, NOON) is None


# ------------------------------------------------------------------------------------------- pages


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_console(tmp_path) as desk:
        add_staff(desk.store, "olga", role=Role.ADMIN)
        add_staff(desk.store, "anna")
        visited(desk.store, ONE, administration.all_of(desk.store)[0].id or 0)
        yield desk


def test_an_admin_looks_downloads_and_erases(desk: Desk) -> None:
    with signed_in(desk, "olga") as browser:
        browser.page("/console/privacy")
        page = browser.submit("/console/privacy", conversation=ONE).text
        assert "What is kept" in page
        assert "Maria" not in page
        download = browser.submit("/console/privacy/export", conversation=ONE)
        assert download.headers["Content-Disposition"].startswith("attachment")
        assert download.json()["contacts"][0]["name"] == "Maria"
        refused = browser.submit("/console/privacy/erase", conversation=ONE, confirmation="yes")
        assert refused.status_code == 422
        assert 'id="confirmation-error"' in refused.text
        assert export_and_erase.kept(desk.store, ONE)["contacts"] == 1
        erased = browser.submit("/console/privacy/erase", conversation=ONE, confirmation="Erase")
        assert erased.status_code == 303
        assert "has been erased" in browser.page("/console/privacy")
        again = browser.submit("/console/privacy/erase", conversation=ONE, confirmation="erase")
        assert again.status_code == 404
        assert "Nothing is kept" in browser.submit("/console/privacy", conversation="nobody").text


def test_an_agent_may_neither_download_nor_erase(desk: Desk) -> None:
    with signed_in(desk, "anna") as browser:
        for path in ("export", "erase"):
            response = browser.submit(f"/console/privacy/{path}", conversation=ONE, confirmation="erase")
            assert response.status_code == 403
    assert export_and_erase.kept(desk.store, ONE)["contacts"] == 1


def test_the_audit_shows_who_looked_at_a_contact_and_is_filtered_and_paged(desk: Desk) -> None:
    anna = next(person for person in administration.all_of(desk.store) if person.login == "anna")
    services.see_contact(desk.store, 1, anna.id or 0, NOON)
    for _ in range(55):
        services.see_contact(desk.store, waiting(desk.store, OTHER), anna.id or 0, NOON)
    with signed_in(desk, "olga") as browser:
        page = browser.page(f"/console/audit?conversation={ONE}&staff=anna")
        assert page.count("contact seen") == 1
        assert "opened" not in page
        first = browser.page("/console/audit?handoff=2")
        assert first.count("contact seen") == 50
        older = first.split('class="button quiet" href="?')[1].split('"')[0].replace("&amp;", "&")
        assert browser.page(f"/console/audit?{older}").count("contact seen") == 5
        for odd in ("handoff=x", "handoff=99999999999999999999", "before=-1", "conversation=%00", "staff=%ff"):
            assert "Nothing found." in browser.page(f"/console/audit?{odd}") or odd.startswith(("conv", "staff"))
        assert "Maria" not in browser.page("/console/audit")
