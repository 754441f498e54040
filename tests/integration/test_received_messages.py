"""What a visitor's message means for staff, in the transaction that stores the message; SQLite and PostgreSQL."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.database import tables
from bot.database.unit_of_work import Store
from bot.domain.alert import AlertKind
from bot.domain.errors import IllegalMove
from bot.handoff import received_messages
from bot.handoff.received_messages import Arrival, alarms_since, is_known
from tests.handoffs import NOON, VISITOR, actions, handoff, waiting

EMERGENCY, CRISIS = AlertKind.EMERGENCY, AlertKind.CRISIS


def arrive(store: Store, *what: Arrival, minutes: int = 0) -> None:
    with store.work() as work:
        received_messages.record(work, what, NOON + timedelta(minutes=minutes))
        work.commit()


def alerts(store: Store) -> list[tuple[str, str, AlertKind]]:
    columns = tables.alerts.c
    with store.reading() as work:
        query = sa.select(columns.conversation, columns.channel, columns.kind).order_by(columns.id)
        return [tuple(row) for row in work.execute(query)]


def test_a_message_is_known_by_its_id_in_its_conversation(store: Store) -> None:
    arrive(store, Arrival(VISITOR, "web", "1"))
    assert is_known(store, VISITOR, "1")
    assert not is_known(store, VISITOR, "2")
    assert not is_known(store, "another", "1")


def test_a_message_without_an_id_is_not_remembered(store: Store) -> None:
    arrive(store, Arrival(VISITOR, "rest"), Arrival(VISITOR, "rest"))
    with store.reading() as work:
        assert work.execute(sa.select(sa.func.count()).select_from(tables.received_messages)).scalar() == 0


def test_the_same_message_cannot_be_taken_in_twice(store: Store) -> None:
    arrive(store, Arrival(VISITOR, "web", "1"))
    with pytest.raises(IllegalMove):
        arrive(store, Arrival(VISITOR, "web", "1", EMERGENCY))
    assert alerts(store) == []


@pytest.mark.parametrize("kind", [EMERGENCY, CRISIS])
def test_an_alarm_raises_an_alert_without_a_handoff(store: Store, kind: AlertKind) -> None:
    arrive(store, Arrival(VISITOR, "web", "1", kind), Arrival(VISITOR, "web", "2"))
    assert alerts(store) == [(VISITOR, "web", kind)]
    assert actions(store) == ["alerted"]


def test_an_alarm_makes_an_open_handoff_urgent(store: Store) -> None:
    handoff_id, other = waiting(store), waiting(store, "another")
    arrive(store, Arrival(VISITOR, "web", "1", EMERGENCY))
    assert handoff(store, handoff_id).urgent
    assert not handoff(store, other).urgent


def test_a_handoff_after_an_alarm_is_urgent(store: Store) -> None:
    arrive(store, Arrival(VISITOR, "web", alarm=CRISIS))
    assert handoff(store, waiting(store, at=NOON + timedelta(hours=1))).urgent
    assert not handoff(store, waiting(store, "another")).urgent


def test_alarms_are_known_since_a_moment_by_their_kind(store: Store) -> None:
    arrive(store, Arrival(VISITOR, "web", alarm=EMERGENCY), minutes=-5)
    arrive(store, Arrival(VISITOR, "web", alarm=CRISIS), Arrival(VISITOR, "web", alarm=CRISIS), minutes=5)
    arrive(store, Arrival("another", "web", alarm=EMERGENCY), minutes=5)
    assert alarms_since(store, VISITOR, NOON) == {CRISIS}
    assert alarms_since(store, VISITOR, NOON - timedelta(hours=1)) == {EMERGENCY, CRISIS}
    assert alarms_since(store, VISITOR, NOON + timedelta(hours=1)) == set()


def test_leaving_without_commit_forgets_the_message(store: Store) -> None:
    with store.work() as work:
        received_messages.record(work, [Arrival(VISITOR, "web", "1", EMERGENCY)], NOON)
    assert not is_known(store, VISITOR, "1")
    assert alerts(store) == []
