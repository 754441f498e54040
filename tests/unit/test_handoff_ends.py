"""How a request ends: dropped, waiting for staff, cancelled, rated; the actions with a real store."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.action_cancel_handoff import CancelHandoff
from actions.action_open_handoff import OpenHandoff
from actions.action_rate_handoff import RateHandoff
from actions.dependencies import Dependencies
from actions.request import PREFIX
from bot.database.unit_of_work import Store
from bot.domain.business_hours import Hours
from bot.domain.handoff import Kind, Outcome, State
from bot.handoff import services
from bot.settings import Opening
from tests.dialogue import ANSWERS, EVERYTHING, VISITOR, Talk, at_step, dependencies_on, kept_contacts
from tests.handoffs import NOON, handoff, member, waiting

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
    events, response = talk.run(OpenHandoff())
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
    talk.run(OpenHandoff())
    (contact,) = kept_contacts(store)
    assert not {"name", "country", "note"} & set(contact)


def test_a_form_that_ended_without_a_request_opens_none(talk: Talk, store: Store) -> None:
    talk.say("I want to enroll", "enroll")
    talk.say("no", "deny")
    assert talk.run(OpenHandoff())[1] == ""
    assert services.standing(store, VISITOR).state is None


def test_a_retried_action_opens_one_handoff(talk: Talk, store: Store) -> None:
    at_step(talk, *ANSWERS, "no")
    talk.say("yes")
    talk.run(OpenHandoff())
    talk.run(OpenHandoff())
    assert len(kept_contacts(store)) == 1


def test_outside_business_hours_the_visitor_hears_when_by_the_staffs_clocks(store: Store) -> None:
    # NOON is a Wednesday, 13:00 in Berlin; staff are there on Thursdays from 9.
    hours = Hours([Opening(3, 9 * 60, 17 * 60)], ZoneInfo("Europe/Berlin"))
    talk = Talk(dependencies_on(store, hours))
    talk.say("a person please", "human")
    talk.say("yes", "affirm")
    dispatcher = CollectingDispatcher()
    OpenHandoff().act(talk.dependencies, dispatcher, talk.tracker())
    (message,) = dispatcher.messages
    assert message["response"] == "utter_handoff_waiting_closed"
    assert message["opening"] == "Thursday 5 March, 09:00 CET"


# ------------------------------------------------------------------------------------------------ a human, please


def test_a_person_is_there_for_one_consent_where_the_channel_carries_the_reply(talk: Talk) -> None:
    talk.say("I want to talk to a person", "human")
    assert talk.say("yes", "affirm").done


def test_a_person_is_there_for_one_contact_detail_elsewhere(dependencies: Dependencies) -> None:
    talk = Talk(dependencies, answered_here=False)
    talk.say("I want to talk to a person", "human")
    assert talk.say("yes", "affirm").asks == "contact"
    assert talk.say("maria@example.org").done


def test_what_a_visitor_told_before_goes_to_the_person_too(talk: Talk, store: Store) -> None:
    talk.say(EVERYTHING, "background")
    talk.say("I want to talk to a person", "human")
    assert talk.say("yes", "affirm").done
    talk.run(OpenHandoff())
    (contact,) = kept_contacts(store)
    assert (contact["name"], contact["phone"]) == ("Maria", "+442079460000")


@pytest.mark.parametrize(("answer", "intent"), [("Yes, please", "affirm"), ("yes, a person", "human"), ("ok", "lost")])
def test_whoever_asks_for_a_person_during_an_enrollment_gets_one_after_a_yes(
    talk: Talk, answer: str, intent: str
) -> None:
    at_step(talk, "my mother")
    assert talk.say("I want to talk to a person", "human").asks == "person"
    assert talk.say(answer, intent).done
    assert talk.slots[f"{PREFIX}kind"] == "human"


@pytest.mark.parametrize("known", range(5))
@pytest.mark.parametrize(
    "text", ["what do you mean?", "it is complicated for us to say", "skip it, I tell you here in this chat", "why?"]
)
def test_what_sounds_like_a_wish_for_a_person_sends_no_enrollment(
    talk: Talk, store: Store, known: int, text: str
) -> None:
    step = at_step(talk, *ANSWERS[:known])
    for _ in range(2):
        turn = talk.say(text, "human")
        assert (turn.done, turn.ended) == (False, False)
    talk.run(OpenHandoff())
    assert services.standing(store, VISITOR).state is None
    if turn.asks == "person":
        assert talk.say("No, thank you", "deny").asks == step


@pytest.mark.parametrize("missing", ["consent", "confirmed", "email", "condition"])
def test_a_request_that_lacks_something_is_not_passed_on_whatever_the_form_says(
    talk: Talk, store: Store, missing: str
) -> None:
    at_step(talk, *ANSWERS, "no")
    talk.say("yes")
    talk.slots[f"{PREFIX}{missing}"] = None
    talk.run(OpenHandoff())
    assert services.standing(store, VISITOR).state is None


@pytest.mark.parametrize("kind", ["human", "enroll"])
def test_a_confirmed_request_that_could_not_be_passed_on_is_with_the_next_try(talk: Talk, kind: str) -> None:
    at_step(talk, *ANSWERS, "no")
    assert talk.say("yes").done
    assert talk.say("I want to enroll", kind).done


def test_an_invalid_address_is_no_wish_for_a_person(talk: Talk) -> None:
    for text in ("@" * 200, "maria@@example", "call 12 34 56 78 90"):
        assert at_step(talk) == "patient"
        assert talk.say(text, "human").asks == "patient"
        assert talk.slots[f"{PREFIX}kind"] == "enrollment"
        talk.slots.clear()


@pytest.mark.parametrize("intent", ["human", "enroll"])
def test_asked_twice_there_is_one_handoff(talk: Talk, store: Store, intent: str) -> None:
    waiting(store, VISITOR)
    turn = talk.say("I want to talk to a person", intent)
    assert (turn.said, turn.ended) == (["utter_already_waiting"], True)
    talk.run(OpenHandoff())
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
    talk.run(OpenHandoff())
    talk.slots.clear()
    talk.hears("cancel my request", "cancel")
    assert talk.run(CancelHandoff()) == ([], "utter_ask_cancel")
    talk.hears("Yes, cancel my request", "cancel")
    events, response = talk.run(CancelHandoff())
    assert response == "utter_request_cancelled"
    assert services.standing(store, VISITOR).state is State.CANCELLED
    assert kept_contacts(store) == []
    (forget,) = events
    assert set(forget["value"]) >= {"Maria Quispe", "maria@example.org"}


@pytest.mark.parametrize("texts", [["xkcd qwv", "xkcd qwv"], ["cancel"], ["cancel", "qwv"], ["yes"]])
def test_a_waiting_request_is_not_cancelled_without_a_clear_yes_to_the_question(
    talk: Talk, store: Store, texts: list[str]
) -> None:
    waiting(store, VISITOR)
    for text in texts:
        talk.hears(text, "cancel")
        assert talk.run(CancelHandoff()) == ([], "utter_ask_cancel")
    assert services.standing(store, VISITOR).state is State.WAITING


@pytest.mark.parametrize("text", ["yes", "ok", "Yes, cancel my request", "please stop it"])
def test_a_clear_yes_cancels(talk: Talk, store: Store, text: str) -> None:
    waiting(store, VISITOR)
    talk.hears("qwv", "cancel")
    talk.run(CancelHandoff())
    talk.hears(text, "cancel")
    assert talk.run(CancelHandoff())[1] == "utter_request_cancelled"


def test_a_yes_long_after_the_question_cancels_nothing(talk: Talk, store: Store) -> None:
    waiting(store, VISITOR)
    talk.hears("qwv", "cancel")
    talk.run(CancelHandoff())
    talk.hears("What is CRS?", "faq")
    talk.bot_says("utter_faq")
    talk.hears("yes", "cancel")
    assert talk.run(CancelHandoff())[1] == "utter_ask_cancel"


def test_what_only_looks_like_a_wish_to_stop_is_asked_about(talk: Talk) -> None:
    step = at_step(talk, *ANSWERS[:3])
    assert talk.say("xkcd qwv", "cancel").asks == "cancel"
    assert talk.say("No, thank you", "deny").asks == step
    assert talk.details()["name"] == "Maria Quispe"
    talk.say("xkcd qwv", "cancel")
    assert talk.say("AML").asks == "contact"
    talk.say("xkcd qwv", "cancel")
    turn = talk.say("Yes, please", "affirm")
    assert (turn.said, turn.ended) == (["utter_request_dropped"], True)


def test_with_nothing_open_there_is_nothing_to_cancel(talk: Talk) -> None:
    talk.say("cancel my request", "cancel")
    assert talk.run(CancelHandoff()) == ([], "utter_cancel")


@pytest.mark.parametrize(("text", "rating"), [("5", 5), ("Rating: 3", 3), ("4/5", 4)])
def test_a_resolved_handoff_is_rated(talk: Talk, store: Store, text: str, rating: int) -> None:
    staff_id, handoff_id = member(store), waiting(store, VISITOR)
    services.take(store, handoff_id, staff_id, NOON)
    services.resolve(store, handoff_id, staff_id, Outcome.ANSWERED, datetime.now(timezone.utc))
    talk.hears(text, "rate")
    assert talk.run(RateHandoff())[1] == "utter_thanks_for_rating"
    assert handoff(store, handoff_id).rating == rating


def test_without_a_resolved_handoff_there_is_nothing_to_rate(talk: Talk, store: Store) -> None:
    talk.hears("Rating: 5", "rate")
    assert talk.run(RateHandoff())[1] == "utter_nothing_to_rate"
    waiting(store, VISITOR)
    assert talk.run(RateHandoff())[1] == "utter_nothing_to_rate"
