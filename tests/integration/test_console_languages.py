"""Languages in the console: whom a member of staff can understand first, and what others wrote."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.console.views import transcript_view
from bot.conversation import transcript
from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from bot.domain.handoff import Kind
from bot.handoff import alerts, queue, services
from bot.handoff.received_messages import Arrival, record
from tests.console import Desk, StaffClient, a_console, add_staff, signed_in
from tests.handoffs import NOON


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_console(tmp_path) as desk:
        add_staff(desk.store, "anna")
        yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[StaffClient]:
    with signed_in(desk, "anna") as client:
        yield client


def waiting_in(store: Store, conversation: str, language: str) -> int:
    handoff = services.open_handoff(store, conversation, "web", Kind.HUMAN, None, NOON, language)
    assert handoff.id is not None
    return handoff.id


def order(page: str, *ids: int) -> list[int]:
    return sorted(ids, key=lambda id: page.index(f'id="handoff-{id}"'))


def test_who_waits_in_ones_own_language_comes_first(desk: Desk, anna: StaffClient) -> None:
    english, spanish = waiting_in(desk.store, "a", "en"), waiting_in(desk.store, "b", "es")
    assert order(anna.page("/console"), english, spanish) == [english, spanish]
    assert anna.submit("/console/account/languages", speaks_es="1", speaks_xx="1").status_code == 303
    assert order(anna.page("/console"), english, spanish) == [spanish, english]
    assert 'name="speaks_es" value="1" checked' in anna.page("/console/account")


def test_the_queue_is_filtered_by_language(desk: Desk, anna: StaffClient) -> None:
    english, arabic = waiting_in(desk.store, "a", "en"), waiting_in(desk.store, "b", "ar")
    page = anna.page("/console?language=ar")
    assert f'id="handoff-{arabic}"' in page
    assert f'id="handoff-{english}"' not in page
    assert '<option value="ar" selected>Arabic</option>' in page
    assert queue.languages(desk.store) == ["ar", "en"]


def test_an_alert_says_in_which_language(desk: Desk, anna: StaffClient) -> None:
    with desk.store.work() as work:
        record(work, [Arrival("a", "web", "m-1", AlertKind.CRISIS, "zh")], NOON)
        work.commit()
    with desk.store.reading() as work:
        assert [group.language for group in alerts.unseen(work)] == ["zh"]
    assert "Website, Chinese" in anna.page("/console")


def said(store: Store, text: str, intent: str, **understood: Any) -> None:
    parsed: dict[str, Any] = {"intent": {"name": intent}, "understanding": {"language": "es", **understood}}
    if intent == "faq":
        parsed["response_selector"] = {"faq": {"response": {"intent_response_key": "faq/visa"}}}
    event = {"event": "user", "text": text, "timestamp": NOON.timestamp(), "parse_data": parsed}
    with store.work() as work:
        row = {"sender_id": "a", "type_name": "user", "timestamp": NOON.timestamp(), "data": json.dumps(event)}
        work.execute(tables.events.insert().values(**row))
        work.commit()


def test_beside_a_line_in_another_language_stands_what_was_understood(desk: Desk) -> None:
    said(desk.store, "¿necesito visa?", "faq")
    said(desk.store, "me quiero morir", "crisis")
    said(desk.store, "Sí, estoy de acuerdo", "affirm", meaning="Yes, I agree")
    said(desk.store, "asdf", "lost")
    said(desk.store, "hello", "greet", language=None)
    entries = transcript_view(transcript.lines(desk.store, "a"), []).entries
    assert [(entry.language, entry.understood) for entry in entries] == [
        ("es", "Do I need a visa?"),
        ("es", "Crisis"),
        ("es", "Yes, I agree"),
        ("es", "Not understood"),
        ("", ""),
    ]


def test_the_original_is_shown_with_its_direction(desk: Desk, anna: StaffClient) -> None:
    handoff = waiting_in(desk.store, "a", "es")
    said(desk.store, "¿necesito visa?", "faq")
    page = anna.page(f"/console/handoffs/{handoff}")
    assert 'dir="auto" lang="es">¿necesito visa?' in page
    assert "Understood: " in page
