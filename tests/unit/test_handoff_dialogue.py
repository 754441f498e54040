"""The dialogue that leads to a handoff: each message through the form's logic, with a real store and spaCy's model."""

import asyncio
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher

from actions import action_cancel_handoff, action_open_handoff, action_rate_handoff
from actions.action_cancel_handoff import CancelHandoff
from actions.action_open_handoff import OpenHandoff
from actions.action_rate_handoff import RateHandoff
from actions.desk import Desk
from actions.request import CARRYING, PREFIX, STEPS
from bot.handoff import services
from bot.handoff.hours import Hours
from bot.handoff.model import Kind, Outcome, State
from bot.handoff.store import Store
from bot.settings import Opening
from tests.dialogue import VISITOR, Talk, desk_at, kept_contacts
from tests.handoffs import NOON, handoff, member, waiting

EVERYTHING = "call me on +44 20 7946 0000, I'm Maria from Peru, my mother has AML"
FOUR_AND_A_NUMBER = {
    "patient": "my mother",
    "name": "Maria",
    "phone": "+442079460000",
    "country": "Peru",
    "condition": "AML",
}


@pytest.fixture
def desk(store: Store, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The collaborators of all actions."""
    desk = desk_at(store)
    use(desk, monkeypatch)
    return desk


def use(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (action_open_handoff, action_cancel_handoff, action_rate_handoff):
        monkeypatch.setattr(module, "desk", lambda: desk)


@pytest.fixture
def talk(desk: Desk) -> Talk:
    return Talk(desk)


def at_step(talk: Talk, *answers: str) -> str | None:
    """Agrees to an enrollment and answers; the step that is asked then."""
    talk.say("I want to enroll", "enroll")
    turn = talk.say("Yes, I agree", "affirm")
    for text in answers:
        turn = talk.say(text)
    return turn.asks


ANSWERS = ("my mother", "Maria Quispe", "Peru", "AML", "maria@example.org")


def run(action: OpenHandoff | CancelHandoff | RateHandoff, talk: Talk) -> tuple[list[dict[str, object]], str]:
    """Events of an action, and the response it says."""
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action.run(dispatcher, talk.tracker(), {}))
    return events, " ".join(message["response"] for message in dispatcher.messages)


# ------------------------------------------------------------------------------------------------ consent


@pytest.mark.parametrize(
    ("text", "intent", "kind"), [("I want to enroll", "enroll", "enrollment"), ("a human please", "human", "human")]
)
def test_a_request_begins_with_consent(talk: Talk, text: str, intent: str, kind: str) -> None:
    assert talk.say(text, intent).asks == "consent"
    assert talk.slots[f"{PREFIX}kind"] == kind


def test_before_consent_nothing_that_was_said_is_kept(talk: Talk, store: Store) -> None:
    talk.say(EVERYTHING, "background")
    talk.say(f"{EVERYTHING}, we want to enroll", "enroll")
    talk.say("maria@example.org", "lost")
    assert talk.details() == {}
    assert kept_contacts(store) == []
    assert services.standing(store, VISITOR).state is None


def test_without_a_yes_or_a_no_consent_is_asked_again(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    turn = talk.say("Maria Quispe", "chitchat")
    assert (turn.said, turn.asks) == (["utter_consent_first"], "consent")
    assert talk.details() == {}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("What is CRS?", "faq"),
        ("who reads this chat?", "data_privacy"),
        ("are you a robot?", "bot_identity"),
        ("tell me about the side effects first", "faq"),
    ],
)
def test_a_question_before_consent_is_answered_and_consent_asked_again(talk: Talk, text: str, intent: str) -> None:
    talk.say("I want to enroll", "enroll")
    turn = talk.say(text, intent)
    assert (turn.passed_on, turn.said, turn.asks) == (True, [], "consent")


@pytest.mark.parametrize(("text", "intent"), [("No, thank you", "deny"), ("nope", "lost"), ("cancel", "cancel")])
def test_who_refuses_consent_hears_what_else_can_be_done_and_leaves_nothing(
    talk: Talk, store: Store, text: str, intent: str
) -> None:
    talk.say(EVERYTHING, "background")
    talk.say("I want to enroll", "enroll")
    turn = talk.say(text, intent)
    assert (turn.said, turn.ended) == (["utter_consent_refused"], True)
    assert {"Maria", "+44 20 7946 0000"} <= set(turn.forgets)
    assert talk.details() == {}
    assert kept_contacts(store) == []


def test_the_kind_of_request_may_change_before_consent(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    talk.say("maria@example.org", "human")
    assert talk.slots[f"{PREFIX}kind"] == "enrollment"
    talk.say("I want to talk to a person", "human")
    assert talk.slots[f"{PREFIX}kind"] == "human"


# ------------------------------------------------------------------------------------------------ the steps


def test_an_enrollment_asks_one_thing_after_the_other(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    asked = [talk.say(text).asks for text in ("yes", *ANSWERS, "no")]
    assert asked == ["patient", "name", "country", "condition", "contact", "note", "confirmed"]
    assert talk.say("yes").done


@pytest.mark.parametrize("when", ["before", "with", "after"])
def test_whatever_was_said_at_once_is_not_asked_again(talk: Talk, when: str) -> None:
    if when == "before":
        talk.say(EVERYTHING, "background")
    talk.say(f"{EVERYTHING}, we want to enroll" if when == "with" else "I want to enroll", "enroll")
    turn = talk.say("yes", "affirm")
    if when == "after":
        assert turn.asks == "patient"
        turn = talk.say(EVERYTHING, "background")
    assert turn.asks == "note"
    assert talk.details() == FOUR_AND_A_NUMBER


def test_what_comes_with_the_consent_counts(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    assert talk.say(f"Yes, {EVERYTHING}", "affirm").asks == "note"


def test_answers_may_come_in_any_order(talk: Talk) -> None:
    assert at_step(talk, "maria@example.org", "my mother has AML", "we live in Peru") == "name"
    assert talk.say("Maria").asks == "note"


def test_nothing_is_asked_twice(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    asked = [talk.say(text).asks for text in ("yes", "my mother has AML", "I'm Maria", "Peru", "maria@example.org")]
    assert asked == ["patient", "name", "country", "contact", "note"]


@pytest.mark.parametrize(
    ("known", "bad", "problem", "good"),
    [
        (4, "maria@example", "utter_invalid_email", "maria@example.org"),
        (4, "+999 123 456 789", "utter_invalid_phone", "+44 20 7946 0000"),
        (4, "on the moon", "utter_invalid_contact", "maria@example.org"),
        (2, "Atlantis", "utter_invalid_country", "Peru"),
        (1, "+", "utter_invalid_name", "Maria"),
    ],
)
def test_a_bad_value_gets_a_helpful_word_and_a_second_try(
    talk: Talk, known: int, bad: str, problem: str, good: str
) -> None:
    step = at_step(talk, *ANSWERS[:known])
    turn = talk.say(bad)
    assert (turn.said, turn.asks) == ([problem], step)
    assert talk.say(good).asks != step


def test_a_value_is_corrected_in_the_middle(talk: Talk) -> None:
    assert at_step(talk, *ANSWERS[:3]) == "condition"
    assert talk.say("sorry, my name is Mara Quispe", "background").asks == "condition"
    assert talk.details()["name"] == "Mara Quispe"


def test_a_value_is_corrected_at_the_summary_and_shown_again(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    assert talk.say("no, the mail is quispe@example.org", "deny").asks == "confirmed"
    assert talk.details()["email"] == "quispe@example.org"
    assert talk.slots[f"{PREFIX}contact"] == "quispe@example.org"


def test_no_at_the_summary_asks_what_to_change(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    assert talk.say("no", "deny").said == ["utter_ask_change"]
    assert talk.say("I'm from Chile", "background").asks == "confirmed"
    assert talk.details()["country"] == "Chile"


def test_whoever_names_what_is_wrong_is_asked_for_it(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    assert talk.say("change the country", "lost").asks == "country"
    assert talk.say("Chile").asks == "confirmed"
    assert talk.details()["country"] == "Chile"


def test_only_a_yes_sends_the_request(talk: Talk) -> None:
    at_step(talk, *ANSWERS, "no")
    turn = talk.say("hm", "chitchat")
    assert (turn.done, turn.asks) == (False, "confirmed")
    assert talk.say("Yes, send it", "affirm").done


# ------------------------------------------------------------------------------------------------ in the middle


@pytest.mark.parametrize("known", range(6))
def test_a_question_in_the_middle_is_answered_and_the_step_asked_again(talk: Talk, known: int) -> None:
    step = at_step(talk, *ANSWERS[:known])
    turn = talk.say("What is CRS?", "faq")
    assert (turn.passed_on, turn.said, turn.asks) == (True, [], step)


@pytest.mark.parametrize("alarm", ["emergency", "crisis"])
@pytest.mark.parametrize("known", range(6))
def test_an_alarm_in_the_middle_is_answered_with_nothing_beside_it(talk: Talk, known: int, alarm: str) -> None:
    step = at_step(talk, *ANSWERS[:known])
    turn = talk.say("he cannot breathe", alarm)
    # There is no response to ask for "paused": the form is silent.
    assert (turn.passed_on, turn.said, turn.asks) == (True, [], "paused")
    if step == "patient":
        assert talk.say("my mother").asks == "name"
    if step == "contact":
        assert talk.say("maria@example.org").asks == "note"


def test_an_alarm_before_consent_is_answered_and_consent_still_needed(talk: Talk) -> None:
    talk.say("I want to enroll", "enroll")
    turn = talk.say("he cannot breathe", "emergency")
    assert (turn.passed_on, turn.asks) == (True, "paused")
    assert talk.say("my mother").asks == "consent"
    assert talk.details() == {}


def test_an_alarm_with_the_wish_to_enroll_in_it_opens_no_form_of_its_own() -> None:
    rules = yaml.safe_load(Path("data/stories/rules.yml").read_text(encoding="utf-8"))["rules"]
    after = {rule["steps"][0].get("intent"): rule["steps"][1]["action"] for rule in rules if len(rule["steps"]) == 2}
    assert (after["emergency"], after["crisis"]) == ("utter_emergency", "utter_crisis")


@pytest.mark.parametrize("intent", ["lost", "chitchat", "greet", "affirm", "deny", "faq", "human", "enroll"])
def test_no_message_leaves_the_visitor_without_a_word(talk: Talk, intent: str) -> None:
    for known in range(len(ANSWERS)):
        talk.slots.clear()
        at_step(talk, *ANSWERS[:known])
        turn = talk.say("hm", intent)
        assert turn.asks or turn.done or turn.ended


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
    use(desk_at(store, Hours([Opening(3, 9 * 60, 17 * 60)], ZoneInfo("Europe/Berlin"))), monkeypatch)
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
def test_a_person_is_there_for_one_consent_where_the_channel_carries_the_reply(desk: Desk, channel: str) -> None:
    talk = Talk(desk, channel)
    talk.say("I want to talk to a person", "human")
    assert talk.say("yes", "affirm").done


def test_a_person_is_there_for_one_contact_detail_elsewhere(desk: Desk) -> None:
    talk = Talk(desk, "callback")
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


# ------------------------------------------------------------------------------------------------ the domain agrees


def test_the_domain_has_every_step_slot_and_response_that_the_actions_name() -> None:
    domain = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    steps = {step for kind in STEPS.values() for step in kind}
    assert {f"{PREFIX}{step}" for step in steps} == set(domain["forms"]["handoff_form"]["required_slots"])
    asked = {f"utter_ask_handoff_form_{PREFIX}{step}" for step in steps}
    invalid = {f"utter_invalid_{step}" for step in steps - {"consent", "note"}}
    assert asked | invalid <= set(domain["responses"])
    source = "".join(file.read_text(encoding="utf-8") for file in Path("actions").rglob("*.py"))
    named = {word for word in source.replace('"', " ").split() if word.startswith("utter_") and "{" not in word}
    assert named <= set(domain["responses"])
    assert f"utter_ask_handoff_form_{PREFIX}paused" not in domain["responses"]
