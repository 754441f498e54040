"""The outbox: every reply is sent once and in order, whoever dies on the way, or it says that it was not."""

from datetime import timedelta
from functools import partial
from itertools import count

import pytest

from bot.database.unit_of_work import Store
from bot.domain.reply import Reply, ReplyState
from bot.handoff import services
from bot.outbox import delivery
from tests.handoffs import NOON, actions, active, at_once, member, replies

REQUESTS = count()
SECOND = timedelta(seconds=1)


def written(store: Store, conversation: str, *texts: str) -> list[int]:
    """Ids of replies by staff, with the greeting out of the way."""
    anna = member(store, f"Anna {conversation}")
    handoff_id = active(store, anna, conversation)
    for reply in replies(store, conversation):
        assert reply.id
        delivery.mark_sent(store, reply.id, NOON, delivered=True)
    made = [services.reply(store, handoff_id, anna, text, f"r{next(REQUESTS)}", NOON) for text in texts]
    return [reply.id for reply in made if reply.id]


def claimed(store: Store, after: timedelta = timedelta()) -> list[int | None]:
    return [reply.id for reply in delivery.claim(store, NOON + after)]


def state(store: Store, reply_id: int) -> Reply:
    with store.reading() as work:
        return work.reply(reply_id)


def fail_until_given_up(store: Store, reply_id: int) -> list[float]:
    """Seconds from each failure to the next attempt."""
    at, waits = NOON, []
    while state(store, reply_id).state is ReplyState.QUEUED:
        if state(store, reply_id).attempts:
            due = state(store, reply_id).next_attempt_at
            assert due
            assert claimed(store, due - SECOND / 2 - NOON) == []
            waits.append((due - at).total_seconds())
            at = due
        assert claimed(store, at - NOON) == [reply_id]
        delivery.record_failure(store, reply_id, at, "timeout")
    return waits


def test_what_is_claimed_carries_all_that_a_sender_needs(store: Store) -> None:
    written(store, "web-1", "Hello")
    (reply,) = delivery.claim(store, NOON)
    assert (reply.text, reply.conversation) == ("Hello", "web-1")
    assert reply.author and reply.author.name == "Anna web-1"
    assert reply.handoff and reply.handoff.channel == "web"


def test_two_senders_never_claim_the_same_reply(store: Store) -> None:
    ids = [id for number in range(12) for id in written(store, f"web-{number}", "Hello")]
    claims = at_once([partial(delivery.claim, store, NOON)] * 2)
    got = [reply.id for claim in claims if isinstance(claim, list) for reply in claim]
    assert sorted(map(int, filter(None, got))) == ids


def test_a_conversations_replies_go_one_after_the_other(store: Store) -> None:
    first, second, third = written(store, "web-1", "one", "two", "three")
    for reply_id in (first, second, third):
        assert claimed(store) == [reply_id]
        assert claimed(store) == [], "the next waits for the one before it"
        delivery.mark_sent(store, reply_id, NOON, delivered=False)


def test_a_reply_that_waits_for_another_attempt_holds_back_only_its_own_conversation(store: Store) -> None:
    first, second = written(store, "web-1", "one", "two")
    (other,) = written(store, "web-2", "elsewhere")
    claimed(store)
    delivery.record_failure(store, first, NOON, "timeout")
    delivery.record_failure(store, other, NOON, "timeout", final=True)
    assert claimed(store) == []
    assert claimed(store, SECOND) == [first]
    assert state(store, second).state is ReplyState.QUEUED


def test_a_dead_senders_claim_ends(store: Store) -> None:
    (reply_id,) = written(store, "web-1", "Hello")
    assert claimed(store) == [reply_id]
    assert claimed(store, delivery.CLAIM - SECOND) == []
    assert claimed(store, delivery.CLAIM) == [reply_id]


def test_a_failing_reply_is_tried_again_ever_later_and_then_given_up(store: Store) -> None:
    (reply_id,) = written(store, "web-1", "Hello")
    assert fail_until_given_up(store, reply_id) == [1, 3, 10, 30, 60]
    assert (state(store, reply_id).state, state(store, reply_id).failure) == (ReplyState.FAILED, "timeout")
    assert claimed(store, timedelta(days=1)) == []
    assert actions(store).count("reply_failed") == 1


def test_a_reply_that_cannot_be_delivered_is_given_up_at_once(store: Store) -> None:
    first, second = written(store, "web-1", "one", "two")
    claimed(store)
    delivery.record_failure(store, first, NOON, "blocked by the visitor", final=True)
    assert state(store, first).state is ReplyState.FAILED
    assert claimed(store) == [second], "the next does not wait for ever"


def test_a_retried_reply_starts_anew(store: Store) -> None:
    (reply_id,) = written(store, "web-1", "Hello")
    fail_until_given_up(store, reply_id)
    services.retry(store, reply_id, 1, NOON)
    assert claimed(store) == [reply_id]
    delivery.mark_sent(store, reply_id, NOON, delivered=True)
    assert (state(store, reply_id).state, state(store, reply_id).failure) == (ReplyState.DELIVERED, None)


def test_sent_becomes_delivered_when_the_visitor_has_it(store: Store) -> None:
    (reply_id,) = written(store, "web-1", "Hello")
    claimed(store)
    delivery.mark_sent(store, reply_id, NOON, delivered=False)
    assert delivery.undelivered(store, "web-1") == [reply_id]
    delivery.mark_delivered(store, "web-1", [reply_id], NOON + SECOND)
    found = state(store, reply_id)
    assert (found.state, found.sent_at, found.delivered_at) == (ReplyState.DELIVERED, NOON, NOON + SECOND)
    assert delivery.undelivered(store, "web-1") == []


def test_a_visitor_who_is_faster_than_the_sender_has_it_all_the_same(store: Store) -> None:
    (reply_id,) = written(store, "web-1", "Hello")
    claimed(store)
    delivery.mark_delivered(store, "web-1", [reply_id], NOON)
    delivery.mark_sent(store, reply_id, NOON, delivered=False)
    assert state(store, reply_id).state is ReplyState.DELIVERED


def test_nobody_acknowledges_for_another_conversation(store: Store) -> None:
    (reply_id,) = written(store, "web-1", "Hello")
    claimed(store)
    delivery.mark_sent(store, reply_id, NOON, delivered=False)
    delivery.mark_delivered(store, "web-2", [reply_id], NOON)
    assert state(store, reply_id).state is ReplyState.SENT


@pytest.mark.parametrize("times", [1, 4])
def test_what_is_said_twice_is_recorded_once(store: Store, times: int) -> None:
    (reply_id,) = written(store, "web-1", "Hello")
    before = actions(store)
    at_once([partial(delivery.mark_sent, store, reply_id, NOON, False)] * times)
    at_once([partial(delivery.mark_delivered, store, "web-1", [reply_id], NOON)] * times)
    assert actions(store)[len(before) :] == ["reply_sent", "reply_delivered"]


def test_a_late_failure_does_not_undo_what_another_sender_has_sent(store: Store) -> None:
    (reply_id,) = written(store, "web-1", "Hello")
    claimed(store)
    claimed(store, delivery.CLAIM)
    delivery.mark_sent(store, reply_id, NOON, delivered=True)
    delivery.record_failure(store, reply_id, NOON, "timeout", final=True)
    assert state(store, reply_id).state is ReplyState.DELIVERED


def test_the_bots_words_in_staffs_name_go_the_same_way(store: Store) -> None:
    active(store, member(store))
    (greeting,) = delivery.claim(store, NOON)
    assert greeting.response == services.JOINED
    assert [reply.id for reply in replies(store)] == [greeting.id]
