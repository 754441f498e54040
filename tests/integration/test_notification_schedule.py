"""Who is told of what and when: once, by whichever process, again if it fails, and never a word about the visitor."""

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bot.accounts import administration
from bot.database.unit_of_work import Store
from bot.domain.handoff import Contact
from bot.domain.staff import Role
from bot.handoff import services
from bot.notifications import schedule
from bot.notifications.digest import ALERT, NEW, WAITING
from bot.notifications.schedule import Failure
from bot.notifications.transports import Notification, NotSent
from bot.settings import Settings
from bot.website import jobs
from tests.handoffs import NOON, alert, at_once, member, waiting

MINUTE = timedelta(minutes=1)
URL = "https://chat.example.org"


class Colleague:
    """A way to tell that remembers, or fails."""

    def __init__(self, name: str = "mail") -> None:
        self.name = name
        self.heard: list[Notification] = []
        self.failure: str | None = None
        self.missed: str | None = None

    def send(self, message: Notification) -> str | None:
        if self.failure:
            raise NotSent(self.failure)
        self.heard.append(message)
        return self.missed

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.heard]


@pytest.fixture
def colleague() -> Colleague:
    return Colleague()


def settings(**given: str) -> Settings:
    return Settings.read({"DATABASE_URL": "sqlite://", "PUBLIC_URL": URL, **given})


def look(store: Store, way: Any, at: datetime = NOON, **given: str) -> None:
    """One look for notifications, as each process takes it every few seconds."""
    jobs.notify(store, settings(**given), way, lambda: at)


def test_a_new_handoff_is_told_at_once_and_once(store: Store, colleague: Colleague) -> None:
    handoff_id = waiting(store)
    for seconds in (0, 5, 10):
        look(store, colleague, NOON + timedelta(seconds=seconds))
    (message,) = colleague.heard
    assert (message.text, message.link) == (NEW[0], f"{URL}/console/handoffs/{handoff_id}")


def test_nobody_is_told_anything_about_the_visitor(store: Store, colleague: Colleague) -> None:
    contact = Contact(NOON, name="Maria", email="maria@example.org", condition="AML", country="Peru")
    waiting(store, "web-secret", contact=contact)
    alert(store, "web-secret")
    look(store, colleague, NOON + 20 * MINUTE)
    waiting(store, "web-secret-too", contact=contact, at=NOON + 21 * MINUTE)
    look(store, colleague, NOON + 22 * MINUTE)
    assert colleague.texts == [f"{ALERT[0]} {WAITING[0]}", NEW[0]]
    told = " ".join(f"{message.text} {message.link} {message.id}" for message in colleague.heard)
    for word in ("Maria", "maria", "AML", "Peru", "web-secret", "emergency", "crisis"):
        assert word not in told


def test_the_first_is_told_at_once_and_the_others_a_minute_later_in_one_digest(
    store: Store, colleague: Colleague
) -> None:
    first = waiting(store)
    look(store, colleague)
    for number in range(64):
        waiting(store, f"web-waits-{number}")
        alert(store, f"web-alarms-{number}")
        look(store, colleague, NOON + timedelta(seconds=number % 60))
    assert [message.link for message in colleague.heard] == [f"{URL}/console/handoffs/{first}"]
    look(store, colleague, NOON + MINUTE)
    assert colleague.texts[1:] == ["64 conversations need your attention now. 64 visitors are waiting."]
    assert colleague.heard[1].link == f"{URL}/console"
    look(store, colleague, NOON + 2 * MINUTE)
    assert len(colleague.heard) == 2


def test_two_processes_tell_each_thing_once(store: Store) -> None:
    for number in range(6):
        waiting(store, f"web-{number}")
        alert(store, f"web-{number}")
    both = [Colleague(), Colleague()]
    at_once([partial(look, store, way) for way in both])
    for minutes in (1, 2):
        at_once([partial(look, store, way, NOON + minutes * MINUTE) for way in both])
    told = [notification for way in both for notification in way.heard]
    numbers = [
        int(number) for notification in told for number in re.findall(r"\d+ (?=conv|visitors)", notification.text)
    ]
    # One who is told of alone has no number.
    alone = sum(text in notification.text for notification in told for text in (ALERT[0], NEW[0]))
    assert sum(numbers) + alone == 12


def test_each_way_is_told_for_itself(store: Store) -> None:
    waiting(store)
    mail, webhook = Colleague("mail"), Colleague("webhook")
    mail.failure = "SMTP 451"
    look(store, mail)
    look(store, webhook)
    assert (mail.texts, webhook.texts) == ([], [NEW[0]])


def test_a_handoff_that_staff_have_taken_is_not_told(store: Store, colleague: Colleague) -> None:
    services.take(store, waiting(store), member(store), NOON)
    look(store, colleague, NOON + 20 * MINUTE)
    assert colleague.texts == []


def test_a_failed_notification_is_dropped_when_staff_have_joined_meanwhile(store: Store, colleague: Colleague) -> None:
    handoff_id = waiting(store)
    colleague.failure = "SMTP 451"
    look(store, colleague)
    services.take(store, handoff_id, member(store), NOON)
    colleague.failure = None
    look(store, colleague, NOON + 20 * MINUTE)
    assert colleague.texts == []


# ------------------------------------------------------------------------------------------------ waiting too long


def test_a_visitor_who_waits_too_long_is_told_of_once_more(store: Store, colleague: Colleague) -> None:
    waiting(store)
    for minutes in (0, 14, 15, 17, 200):
        look(store, colleague, NOON + minutes * MINUTE)
        if minutes == 14:
            assert colleague.texts == [NEW[0]]
    assert colleague.texts == [NEW[0], WAITING[0]]


def test_how_long_is_too_long_is_a_setting(store: Store, colleague: Colleague) -> None:
    waiting(store)
    look(store, colleague, NOON + 2 * MINUTE, NOTIFY_AFTER_MINUTES="2")
    assert WAITING[0] in colleague.texts


def test_only_business_hours_count_as_waiting(store: Store, colleague: Colleague) -> None:
    # Wednesday; 17:50 until 18:00 are ten minutes, the rest of them come on Thursday from 9:00.
    hours = "Mon-Fri 09:00-18:00"
    waiting(store, at=NOON.replace(hour=17, minute=50))
    thursday = NOON + timedelta(days=1)
    for at in (NOON.replace(hour=18, minute=10), NOON.replace(hour=23), thursday.replace(hour=9, minute=4)):
        look(store, colleague, at, BUSINESS_HOURS=hours)
    assert colleague.texts == [NEW[0]], "a new one is told at any hour"
    look(store, colleague, thursday.replace(hour=9, minute=5), BUSINESS_HOURS=hours)
    assert colleague.texts == [NEW[0], WAITING[0]]


def test_nobody_is_told_of_waiting_while_the_office_is_closed(store: Store, colleague: Colleague) -> None:
    waiting(store, at=NOON.replace(hour=17, minute=30))
    look(store, colleague, NOON.replace(hour=19), BUSINESS_HOURS="Mon-Fri 09:00-18:00")
    assert colleague.texts == [NEW[0]]


def test_a_released_visitor_waits_again_and_staff_hear_of_it(store: Store, colleague: Colleague) -> None:
    handoff_id, anna = waiting(store), member(store)
    look(store, colleague, NOON + 15 * MINUTE)
    services.take(store, handoff_id, anna, NOON + 20 * MINUTE)
    services.release(store, handoff_id, anna, NOON + 30 * MINUTE)
    look(store, colleague, NOON + 30 * MINUTE)
    assert colleague.texts == [WAITING[0], WAITING[0]]


def test_a_visitor_who_is_released_soon_is_told_of_at_once(store: Store, colleague: Colleague) -> None:
    handoff_id, anna = waiting(store), member(store)
    look(store, colleague)
    services.take(store, handoff_id, anna, NOON + MINUTE)
    services.release(store, handoff_id, anna, NOON + 2 * MINUTE)
    look(store, colleague, NOON + 2 * MINUTE)
    assert colleague.texts == [NEW[0], NEW[0]]


def test_after_an_account_is_disabled_staff_hear_that_its_visitors_wait_again(
    store: Store, colleague: Colleague
) -> None:
    admin, anna = member(store, "Olga", Role.ADMIN), member(store)
    ids = [waiting(store, f"web-{number}") for number in (1, 2)]
    look(store, colleague, NOON + 15 * MINUTE)
    for id in ids:
        services.take(store, id, anna, NOON + 16 * MINUTE)
    colleague.heard.clear()
    administration.disable(store, admin, anna, NOON + 30 * MINUTE)
    look(store, colleague, NOON + 30 * MINUTE)
    assert colleague.texts == ["2 visitors are still waiting."]


# ------------------------------------------------------------------------------------------------ alerts


def test_an_alert_is_told_with_or_without_a_handoff(store: Store, colleague: Colleague) -> None:
    alert(store)
    look(store, colleague)
    (message,) = colleague.heard
    assert (message.text, message.link) == (ALERT[0], f"{URL}/console/alerts/1")


def test_many_alarming_messages_of_one_visitor_are_told_once_an_hour(store: Store, colleague: Colleague) -> None:
    for seconds in range(5):
        alert(store, at=NOON + timedelta(seconds=seconds))
        look(store, colleague, NOON + timedelta(seconds=seconds))
    alert(store, "web-2")
    look(store, colleague, NOON + 59 * MINUTE)
    assert [message.link[-1] for message in colleague.heard] == ["1", "6"]
    for minutes in (61, 63):
        look(store, colleague, NOON + minutes * MINUTE)
    assert [message.link[-1] for message in colleague.heard] == ["1", "6", "2"]


def test_an_alert_that_was_seen_in_the_console_is_not_told(store: Store, colleague: Colleague) -> None:
    alert(store)
    services.see_alerts(store, 1, member(store), NOON)
    look(store, colleague)
    assert colleague.texts == []


def test_alerts_of_long_ago_are_not_told(store: Store, colleague: Colleague) -> None:
    alert(store)
    look(store, colleague, NOON + timedelta(days=8))
    assert colleague.texts == []


# ------------------------------------------------------------------------------------------------ failures


def test_what_fails_is_tried_again_ever_later_and_then_given_up(
    store: Store, colleague: Colleague, caplog: pytest.LogCaptureFixture
) -> None:
    handoff_id = waiting(store)
    colleague.failure = "SMTP 451"
    at = NOON
    for wait in [*schedule.WAITS, timedelta(0)]:
        assert schedule.failures(store) == []
        look(store, colleague, at, NOTIFY_AFTER_MINUTES="10000")
        at += wait
    assert schedule.failures(store) == [Failure("new", "mail", handoff_id, None, "SMTP 451", at)]
    assert "given up" in caplog.text
    colleague.failure = None
    look(store, colleague, at + timedelta(days=1), NOTIFY_AFTER_MINUTES="10000")
    assert colleague.texts == []


def test_a_second_try_that_works_leaves_no_failure(store: Store, colleague: Colleague) -> None:
    waiting(store)
    colleague.failure = "SMTP 451"
    look(store, colleague)
    colleague.failure = None
    look(store, colleague, NOON + schedule.WAITS[0] - timedelta(seconds=1))
    assert colleague.texts == [], "not before its time"
    look(store, colleague, NOON + schedule.WAITS[0])
    assert (colleague.texts, schedule.failures(store)) == ([NEW[0]], [])


def test_somebody_who_was_not_reached_is_a_failure_but_no_reason_to_tell_the_others_again(
    store: Store, colleague: Colleague
) -> None:
    waiting(store)
    colleague.missed = "1 of 2 addresses refused"
    for seconds in (0, 3600):
        look(store, colleague, NOON + timedelta(seconds=seconds), NOTIFY_AFTER_MINUTES="10000")
    assert len(colleague.heard) == 1
    assert [failure.failure for failure in schedule.failures(store)] == ["1 of 2 addresses refused"]


def test_a_killed_processs_notification_is_told_by_the_next_one(store: Store, colleague: Colleague) -> None:
    waiting(store)
    with pytest.raises(SystemExit):
        look(store, Killed())
    look(store, colleague, NOON + schedule.CLAIM - timedelta(seconds=1))
    assert colleague.texts == []
    look(store, colleague, NOON + schedule.CLAIM)
    assert colleague.texts == [NEW[0]]


class Killed:
    """A process that claims and is never heard of again."""

    name = "mail"

    def send(self, message: Notification) -> str | None:
        raise SystemExit
