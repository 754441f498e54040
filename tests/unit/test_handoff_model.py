"""The moves of a handoff: which are allowed, and that every other is refused."""

from datetime import datetime, timezone

import pytest

from bot.domain.errors import AlreadyTaken, IllegalMove, Invalid
from bot.domain.handoff import OPEN, Handoff, Kind, Outcome, State
from bot.domain.staff import Role, Staff

NOW = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)
LATER = datetime(2026, 3, 4, 13, tzinfo=timezone.utc)
ANNA = Staff("anna", "Anna", Role.AGENT, NOW)
BEN = Staff("ben", "Ben", Role.AGENT, NOW)

MOVES = {
    "take": lambda handoff: handoff.take(BEN, NOW),
    "release": lambda handoff: handoff.release(),
    "transfer": lambda handoff: handoff.transfer(BEN),
    "resolve": lambda handoff: handoff.resolve(Outcome.ANSWERED, NOW),
    "cancel": lambda handoff: handoff.cancel(NOW),
    "rate": lambda handoff: handoff.rate(5),
}
ALLOWED = {
    ("take", State.WAITING): State.ACTIVE,
    ("release", State.ACTIVE): State.WAITING,
    ("transfer", State.ACTIVE): State.ACTIVE,
    ("resolve", State.ACTIVE): State.RESOLVED,
    ("cancel", State.WAITING): State.CANCELLED,
    ("rate", State.RESOLVED): State.RESOLVED,
}


def handoff(state: State = State.WAITING) -> Handoff:
    return Handoff("web-1", "web", Kind.HUMAN, NOW, state=state, owner=ANNA if state is State.ACTIVE else None)


@pytest.mark.parametrize(("move", "state"), ALLOWED)
def test_an_allowed_move_leads_to_its_state(move: str, state: State) -> None:
    moved = handoff(state)
    MOVES[move](moved)
    assert moved.state is ALLOWED[move, state]


@pytest.mark.parametrize(
    ("move", "state"), [(move, state) for move in MOVES for state in State if (move, state) not in ALLOWED]
)
def test_every_other_move_is_refused_and_changes_nothing(move: str, state: State) -> None:
    moved = handoff(state)
    with pytest.raises(IllegalMove):
        MOVES[move](moved)
    assert moved == handoff(state)


def test_whoever_takes_owns_it() -> None:
    taken = handoff()
    assert taken.take(ANNA, NOW)
    assert (taken.owner, taken.taken_at) == (ANNA, NOW)


def test_taking_twice_is_once() -> None:
    taken = handoff()
    taken.take(ANNA, NOW)
    assert not taken.take(ANNA, LATER)
    assert taken.taken_at == NOW


def test_a_colleague_is_told_who_was_faster() -> None:
    with pytest.raises(AlreadyTaken, match="Anna has taken this conversation already"):
        handoff(State.ACTIVE).take(BEN, NOW)


def test_nobody_owns_what_is_released_and_it_can_be_taken_again() -> None:
    released = handoff()
    released.take(ANNA, NOW)
    released.release()
    assert released.owner is None
    assert released.take(BEN, LATER)
    assert released.taken_at == NOW, "the visitor waited until somebody joined first"


def test_a_transfer_changes_the_owner() -> None:
    moved = handoff(State.ACTIVE)
    moved.transfer(BEN)
    assert moved.owner is BEN


def test_a_disabled_colleague_gets_no_transfer() -> None:
    moved = handoff(State.ACTIVE)
    with pytest.raises(Invalid, match="Cleo cannot take conversations"):
        moved.transfer(Staff("cleo", "Cleo", Role.AGENT, NOW, enabled=False))
    assert moved.owner is ANNA


def test_a_resolved_handoff_keeps_owner_outcome_and_time() -> None:
    closed = handoff(State.ACTIVE)
    closed.resolve(Outcome.ENROLLED, LATER)
    assert (closed.owner, closed.outcome, closed.closed_at) == (ANNA, Outcome.ENROLLED, LATER)


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_is_1_to_5(rating: int) -> None:
    rated = handoff(State.RESOLVED)
    with pytest.raises(Invalid, match="from 1 to 5"):
        rated.rate(rating)
    assert rated.rating is None


def test_a_later_rating_replaces_an_earlier_one() -> None:
    rated = handoff(State.RESOLVED)
    rated.rate(1)
    rated.rate(5)
    assert rated.rating == 5


@pytest.mark.parametrize("state", State)
def test_open_means_waiting_or_active(state: State) -> None:
    assert handoff(state).is_open == (state in OPEN) == (state in {State.WAITING, State.ACTIVE})
