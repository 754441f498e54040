"""One conversation at the console, over HTTP."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.conversation import typing_indicator
from bot.conversation.transcript import Speaker
from bot.domain.handoff import CannedReply, Contact, Outcome, State
from bot.domain.reply import ReplyState
from bot.handoff import services
from tests.console import Desk, StaffClient, a_console, add_staff, signed_in
from tests.handoffs import actions, alert, handoff, replies, waiting
from tests.said import bot_answers, fail_replies, send_replies, visitor_says

PAGE = "/console/handoffs/1"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A visitor, web-1, waits (handoff 1); Anna (1) and Ben (2) work here."""
    with a_console(tmp_path) as desk:
        add_staff(desk.store, "anna")
        add_staff(desk.store, "ben")
        contact = Contact(desk.clock(), name="Maria Lopez", email="maria@example.org", phone="+442079460000")
        waiting(desk.store, "web-1", contact, desk.clock())
        yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[StaffClient]:
    with signed_in(desk, "anna") as client:
        yield client


@pytest.fixture
def ben(desk: Desk) -> Iterator[StaffClient]:
    with signed_in(desk, "ben") as client:
        yield client


def entry(page: str, key: str) -> str:
    found = re.search(rf'<li id="{key}".*?</li>', page, re.DOTALL)
    assert found, page
    return found[0]


def reply(client: StaffClient, text: str = "Hello", request_id: str = "r1") -> httpx.Response:
    return client.submit(f"{PAGE}/replies", text=text, request_id=request_id)


def test_the_transcript_names_who_speaks_and_the_sources_of_answers(desk: Desk, anna: StaffClient) -> None:
    asked = visitor_says(desk.store, "web-1", "Is it <b>dangerous</b>?")
    answered = bot_answers(desk.store, "web-1", "What are the side effects?", "Some are serious.")
    page = anna.page(PAGE)
    assert "Visitor" in entry(page, f"line-{asked}")
    assert "Is it &lt;b&gt;dangerous&lt;/b&gt;?" in page
    answer = entry(page, f"line-{answered}")
    for words in ("Assistant", "Some are serious.", "Sources (1)", "“Possible Side Effects”", "Offered: What is CRS?"):
        assert words in answer
    assert "Source: CAR" not in answer
    assert f'<a href="#line-{answered}">What are the side effects?</a>' in page


def test_a_long_transcript_shows_its_end_and_all_of_it_on_request(desk: Desk, anna: StaffClient) -> None:
    for number in range(302):
        visitor_says(desk.store, "web-1", f"message {number}.")
    page = anna.page(PAGE)
    assert "message 1." not in page
    assert "Show 2 older messages" in page
    assert "message 0." in anna.page(f"{PAGE}?all=1")


def test_taking_makes_the_conversation_mine_and_the_colleague_is_told_whose_it_is(
    desk: Desk, anna: StaffClient, ben: StaffClient
) -> None:
    anna.page(PAGE)
    ben.page(PAGE)
    assert anna.submit(f"{PAGE}/take").headers["location"] == PAGE
    assert anna.submit(f"{PAGE}/take").status_code == 303
    refused = ben.submit(f"{PAGE}/take")
    assert refused.status_code == 409
    assert "Anna has taken this conversation already." in refused.text
    assert "belongs to Anna" in ben.page(PAGE)
    assert [reply.response for reply in replies(desk.store, "web-1")] == [services.JOINED]


def test_a_script_is_told_in_json_what_a_person_reads_on_a_page(anna: StaffClient, ben: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    refused = ben.post(f"{PAGE}/take", headers={"Accept": "application/json", "Sec-Fetch-Mode": "cors"})
    assert (refused.status_code, list(refused.json())) == (409, ["error"])


def test_only_the_owner_writes(desk: Desk, anna: StaffClient, ben: StaffClient) -> None:
    assert reply(anna).status_code == 409
    anna.submit(f"{PAGE}/take")
    assert reply(ben).status_code == 403
    assert ben.submit(f"{PAGE}/typing").status_code == 403
    assert reply(anna).status_code == 303
    assert [one.text for one in replies(desk.store, "web-1") if one.text] == ["Hello"]


def test_a_reply_sent_twice_is_one_reply(desk: Desk, anna: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    answers = [
        anna.post(
            f"{PAGE}/replies", data={"text": "Hello", "request_id": "r1"}, headers={"Accept": "application/json"}
        ).json()
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len([one for one in replies(desk.store, "web-1") if one.text]) == 1


@pytest.mark.parametrize(
    ("text", "request_id"), [("", "r"), ("   \n", "r"), ("x" * 4001, "r"), ("Hello", ""), ("Hello", "r" * 200)]
)
def test_a_reply_that_cannot_be_used_is_refused(desk: Desk, anna: StaffClient, text: str, request_id: str) -> None:
    anna.submit(f"{PAGE}/take")
    assert reply(anna, text, request_id).status_code == 422
    assert [one for one in replies(desk.store, "web-1") if one.text] == []


def test_a_reply_keeps_its_lines_as_they_were_written(desk: Desk, anna: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    reply(anna, "One\r\nTwo\x00\n\nThree ✓")
    assert replies(desk.store, "web-1")[-1].text == "One\nTwo\n\nThree ✓"


def test_each_reply_says_how_far_it_has_come(desk: Desk, anna: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    send_replies(desk.store, desk.clock())
    reply(anna)
    written = replies(desk.store, "web-1")[-1].id
    assert "Queued" in entry(anna.page(PAGE), f"reply-{written}")
    send_replies(desk.store, desk.clock())
    sent = entry(anna.page(PAGE), f"reply-{written}")
    assert "Sent" in sent
    assert "Anna" in sent
    reply(anna, "Again", "r2")
    send_replies(desk.store, desk.clock(), delivered=True)
    assert "Delivered" in entry(anna.page(PAGE), f"reply-{replies(desk.store, 'web-1')[-1].id}")


def test_a_reply_that_was_not_delivered_says_why_and_can_be_tried_again(desk: Desk, anna: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    send_replies(desk.store, desk.clock())
    reply(anna)
    fail_replies(desk.store, desk.clock(), "blocked_by_visitor")
    written = replies(desk.store, "web-1")[-1].id
    failed = entry(anna.page(PAGE), f"reply-{written}")
    assert "Not delivered" in failed
    assert "blocked by visitor" in failed
    assert f"/console/replies/{written}/retry" in failed
    assert anna.submit(f"/console/replies/{written}/retry").headers["location"] == PAGE
    assert replies(desk.store, "web-1")[-1].state is ReplyState.QUEUED


def test_the_contact_card_is_shown_on_request_and_every_look_is_recorded(desk: Desk, anna: StaffClient) -> None:
    assert "maria@example.org" not in anna.page(PAGE)
    assert "contact_seen" not in actions(desk.store)
    card = anna.submit(f"{PAGE}/contact").text
    for words in ("Maria Lopez", "mailto:maria@example.org", "tel:+442079460000"):
        assert words in card
    assert actions(desk.store).count("contact_seen") == 1


def test_a_canned_reply_is_filled_and_using_the_name_is_a_look_at_the_card(desk: Desk, anna: StaffClient) -> None:
    with desk.store.work() as work:
        work.add(CannedReply("Hello", "Hello {visitor}, this is {staff}."))
        work.add(CannedReply("Later", "{staff} will write later."))
        work.commit()
    assert "Later" in anna.page(PAGE)
    assert anna.submit(f"{PAGE}/canned", canned="2").json() == {"text": "Anna will write later."}
    assert "contact_seen" not in actions(desk.store)
    assert anna.submit(f"{PAGE}/canned", canned="1").json() == {"text": "Hello Maria Lopez, this is Anna."}
    assert "contact_seen" in actions(desk.store)
    assert anna.submit(f"{PAGE}/canned", canned="9").status_code == 404
    assert anna.submit(f"{PAGE}/canned", canned="x").status_code == 422


def test_release_gives_the_conversation_back_to_the_queue(desk: Desk, anna: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    anna.submit(f"{PAGE}/release")
    assert handoff(desk.store, 1).state is State.WAITING


def test_transfer_gives_it_to_a_colleague(desk: Desk, anna: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    assert anna.submit(f"{PAGE}/transfer", to="").status_code == 422
    assert anna.submit(f"{PAGE}/transfer", to="99").status_code == 404
    assert anna.submit(f"{PAGE}/transfer", to="2").status_code == 303
    page = anna.page(PAGE)
    assert "Transferred to Ben." in page
    assert "belongs to Ben" in page


def test_resolve_needs_an_outcome_and_ends_it(desk: Desk, anna: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    assert anna.submit(f"{PAGE}/resolve", outcome="").status_code == 422
    assert anna.submit(f"{PAGE}/resolve", outcome="referred").status_code == 303
    assert anna.submit(f"{PAGE}/resolve", outcome="referred").status_code == 303
    assert handoff(desk.store, 1).outcome is Outcome.REFERRED
    page = anna.page(PAGE)
    assert "Outcome: Referred elsewhere" in page
    assert "This handoff is closed." in page
    assert reply(anna).status_code == 409


def test_notes_are_for_colleagues_too(desk: Desk, anna: StaffClient, ben: StaffClient) -> None:
    ben.submit(f"{PAGE}/notes", text="Call in the morning.")
    assert "Call in the morning." in anna.page(PAGE)
    assert ben.submit(f"{PAGE}/notes", text=" ").status_code == 422
    assert replies(desk.store, "web-1") == []


def test_typing_is_seen_both_ways(desk: Desk, anna: StaffClient) -> None:
    anna.submit(f"{PAGE}/take")
    assert anna.submit(f"{PAGE}/typing").status_code == 204
    assert typing_indicator.who_is_typing(desk.store, desk.clock(), "web-1") == {("web-1", Speaker.STAFF)}
    assert "The visitor is typing" not in anna.page(PAGE)
    typing_indicator.mark_typing(desk.store, "web-1", Speaker.VISITOR, desk.clock())
    assert "The visitor is typing" in anna.page(PAGE)


def test_other_handoffs_and_alerts_of_the_conversation_are_on_its_page(desk: Desk, anna: StaffClient) -> None:
    services.cancel(desk.store, "web-1", desk.clock())
    second = waiting(desk.store, "web-1")
    alert(desk.store, "web-1")
    page = anna.page(f"/console/handoffs/{second}")
    assert f'<a href="{PAGE}">' in page
    assert "Emergency" in page
    assert anna.submit("/console/alerts/1/seen", handoff=str(second)).headers["location"].endswith(f"/{second}")


def test_every_form_works_without_a_script(desk: Desk, anna: StaffClient) -> None:
    anna.page(PAGE)
    anna.submit(f"{PAGE}/take")
    page = anna.page(PAGE)
    request_id = re.findall(r'name="request_id" value="(\w+)"', page)[0]
    assert reply(anna, "Hello", request_id).headers["location"] == PAGE
    assert "Hello" in anna.page(PAGE)


def test_a_request_without_the_token_of_our_page_changes_nothing(desk: Desk, anna: StaffClient) -> None:
    del anna.headers["X-CSRF-Token"]
    assert anna.submit(f"{PAGE}/take").status_code == 403
    assert handoff(desk.store, 1).state is State.WAITING


def test_without_the_database_the_page_says_so(desk: Desk, anna: StaffClient) -> None:
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE staff RENAME TO away")
    refused = anna.submit(f"{PAGE}/take")
    assert refused.status_code == 503
    assert "The database does not answer." in refused.text


def test_two_websites_on_one_database_are_one_console(desk: Desk, anna: StaffClient, tmp_path: Path) -> None:
    with a_console(tmp_path) as second, signed_in(second, "ben") as ben:
        anna.submit(f"{PAGE}/take")
        assert ben.submit(f"{PAGE}/take").status_code == 409
        assert "belongs to Anna" in ben.page(PAGE)
