"""How a request ends: dropped, waiting for staff, cancelled, rated; the actions with a real store."""

import asyncio
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import action_open_handoff
from actions.action_cancel_handoff import CancelHandoff
from actions.action_open_handoff import OpenHandoff
from actions.action_rate_handoff import RateHandoff
from actions.dependencies import Dependencies
from actions.request import CARRYING, PREFIX
from bot.database.unit_of_work import Store
from bot.domain.business_hours import Hours
from bot.domain.handoff import Kind, Outcome, State
from bot.handoff import services
from bot.settings import Opening
from tests.dialogue import ANSWERS, EVERYTHING, VISITOR, Talk, at_step, desk_at, kept_contacts
from tests.handoffs import NOON, handoff, member, waiting


def run(action: OpenHandoff | CancelHandoff | RateHandoff, talk: Talk) -> tuple[list[dict[str, object]], str]:
    """Events of an action, and the response it says."""
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action.run(dispatcher, talk.tracker(), {}))
    return events, " ".join(message["response"] for message in dispatcher.messages)


# ------------------------------------------------------------------------------------------------ the end


@pytest.mark.parametrize("known", range(6))
def test_cancelling_leaves_nothing_behind(talk: Talk, store: Store, known: int) -> None:
    at_step(talk, *ANSWERS[:known])
    turn = talk.say("cancel", "cancel")
    assert (turn.said, turn.ended) == (["utter_request_dropped"], True)
    assert set(turn.forgets) >= {"Maria Quispe", "maria@example.org"} & set(ANSWERS[:known])
    assert talk.details() == {}
    assert kept_contacts(store) == []
    assert services.standing(store, VISITOR).state is None


def test_what_was_corrected_before_is_forgotten_too(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    talk.say("no, the mail is quispe@example.org", "deny")
    talk.say("no, my name is Mara", "deny")
    turn = talk.say("cancel, and never write to old@example.org", "cancel")
    assert set(turn.forgets) >= {"Maria Quispe", "Mara", "maria@example.org", "quispe@example.org", "old@example.org"}


def test_a_name_that_was_not_given_forgets_no_dashes(talk: Talk) -> None:
    at_step(talk, "my mother", "rather not")
    assert "-" not in talk.say("cancel", "cancel").forgets


def test_a_confirmed_request_waits_for_staff_with_what_was_told(talk: Talk, store: Store) -> None:
    at_step(talk, *ANSWERS, "Please call in the evening")
    assert talk.say("yes").done
    events, response = run(OpenHandoff(), talk)
    assert response == "utter_handoff_waiting"
    (contact,) = kept_contacts(store)
    assert {name: value for name, value in contact.items() if name != "handoff_id"} == {
        "patient": "my mother",
        "name": "Maria Quispe",
        "country": "Peru",
        "condition": "AML",
        "email": "maria@example.org",
        "note": "Please call in the evening",
        "consented_at": NOON,
    }
    opened = handoff(store, contact["handoff_id"])
    assert (opened.state, opened.kind, opened.channel) == (State.WAITING, Kind.ENROLLMENT, "rest")
    emptied = {event["name"] for event in events if event["event"] == "slot" and event["value"] is None}
    assert emptied >= {f"{PREFIX}{name}" for name in ("kind", "consent", "name", "email", "patient", "confirmed")}


def test_what_a_visitor_did_not_want_to_say_is_not_kept(talk: Talk, store: Store) -> None:
    at_step(talk, "my mother", "rather not", "rather not", "AML", "maria@example.org", "no")
    talk.say("yes")
    run(OpenHandoff(), talk)
    (contact,) = kept_contacts(store)
    assert not {"name", "country", "note"} & set(contact)


def test_a_form_that_ended_without_a_request_opens_none(talk: Talk, store: Store) -> None:
    talk.say("I want to enroll", "enroll")
    talk.say("no", "deny")
    assert run(OpenHandoff(), talk)[1] == ""
    assert services.standing(store, VISITOR).state is None


def test_a_retried_action_opens_one_handoff(talk: Talk, store: Store) -> None:
    at_step(talk, *ANSWERS, "no")
    talk.say("yes")
    run(OpenHandoff(), talk)
    run(OpenHandoff(), talk)
    assert len(kept_contacts(store)) == 1


def test_outside_business_hours_the_visitor_hears_when_by_the_staffs_clocks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NOON is a Wednesday, 13:00 in Berlin; staff are there on Thursdays from 9.
    dependencies = desk_at(store, Hours([Opening(3, 9 * 60, 17 * 60)], ZoneInfo("Europe/Berlin")))
    monkeypatch.setattr(action_open_handoff, "dependencies", lambda: dependencies)
    talk = Talk(desk_at(store))
    talk.say("a person please", "human")
    talk.say("yes", "affirm")
    dispatcher = CollectingDispatcher()
    asyncio.run(OpenHandoff().run(dispatcher, talk.tracker(), {}))
    (message,) = dispatcher.messages
    assert message["response"] == "utter_handoff_waiting_closed"
    assert message["opening"] == "Thursday 5 March, 09:00 CET"


# ------------------------------------------------------------------------------------------------ a human, please


@pytest.mark.parametrize("channel", sorted(CARRYING))
def test_a_person_is_there_for_one_consent_where_the_channel_carries_the_reply(
    dependencies: Dependencies, channel: str
) -> None:
    talk = Talk(dependencies, channel)
    talk.say("I want to talk to a person", "human")
    assert talk.say("yes", "affirm").done


def test_a_person_is_there_for_one_contact_detail_elsewhere(dependencies: Dependencies) -> None:
    talk = Talk(dependencies, "callback")
    talk.say("I want to talk to a person", "human")
    assert talk.say("yes", "affirm").asks == "contact"
    assert talk.say("maria@example.org").done


def test_what_a_visitor_told_before_goes_to_the_person_too(talk: Talk, store: Store) -> None:
    talk.say(EVERYTHING, "background")
    talk.say("I want to talk to a person", "human")
    assert talk.say("yes", "affirm").done
    run(OpenHandoff(), talk)
    (contact,) = kept_contacts(store)
    assert (contact["name"], contact["phone"]) == ("Maria", "+442079460000")


def test_whoever_asks_for_a_person_during_an_enrollment_gets_one(talk: Talk) -> None:
    at_step(talk, "my mother")
    assert talk.say("I want to talk to a person", "human").done
    assert talk.slots[f"{PREFIX}kind"] == "human"


@pytest.mark.parametrize("intent", ["human", "enroll"])
def test_asked_twice_there_is_one_handoff(talk: Talk, store: Store, intent: str) -> None:
    waiting(store, VISITOR)
    turn = talk.say("I want to talk to a person", intent)
    assert (turn.said, turn.ended) == (["utter_already_waiting"], True)
    run(OpenHandoff(), talk)
    assert services.standing(store, VISITOR).state is State.WAITING


def test_after_the_end_a_person_can_be_asked_for_again(talk: Talk, store: Store) -> None:
    staff_id, handoff_id = member(store), waiting(store, VISITOR)
    services.take(store, handoff_id, staff_id, NOON)
    services.resolve(store, handoff_id, staff_id, Outcome.ANSWERED, NOON)
    assert talk.say("I want to talk to a person", "human").asks == "consent"


# ------------------------------------------------------------------------------------------------ after the request


def test_a_waiting_request_is_cancelled_with_its_contact_details(talk: Talk, store: Store) -> None:
    at_step(talk, *ANSWERS, "no")
    talk.say("yes")
    run(OpenHandoff(), talk)
    talk.slots.clear()
    events, response = run(CancelHandoff(), talk)
    assert response == "utter_request_cancelled"
    assert services.standing(store, VISITOR).state is State.CANCELLED
    assert kept_contacts(store) == []
    (forget,) = events
    assert set(forget["value"]) >= {"Maria Quispe", "maria@example.org"}  # type: ignore[call-overload]


def test_with_nothing_open_there_is_nothing_to_cancel(talk: Talk) -> None:
    talk.say("cancel my request", "cancel")
    assert run(CancelHandoff(), talk) == ([], "utter_cancel")


@pytest.mark.parametrize(("text", "rating"), [("5", 5), ("Rating: 3", 3), ("4/5", 4)])
def test_a_resolved_handoff_is_rated(talk: Talk, store: Store, text: str, rating: int) -> None:
    staff_id, handoff_id = member(store), waiting(store, VISITOR)
    services.take(store, handoff_id, staff_id, NOON)
    services.resolve(store, handoff_id, staff_id, Outcome.ANSWERED, datetime.now(timezone.utc))
    rate(talk, text)
    assert run(RateHandoff(), talk)[1] == "utter_thanks_for_rating"
    assert handoff(store, handoff_id).rating == rating


def rate(talk: Talk, text: str) -> None:
    """The visitor's last message is a rating."""
    talk._last = {"text": text, "intent": {"name": "rate"}}


def test_without_a_resolved_handoff_there_is_nothing_to_rate(talk: Talk, store: Store) -> None:
    rate(talk, "Rating: 5")
    assert run(RateHandoff(), talk)[1] == "utter_nothing_to_rate"
    waiting(store, VISITOR)
    assert run(RateHandoff(), talk)[1] == "utter_nothing_to_rate"
