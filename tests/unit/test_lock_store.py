import asyncio
from collections.abc import Awaitable

import pytest

from bot.storage.lock_store import ConversationLocks

PATIENCE_SECONDS = 60


def run(steps: Awaitable[None]) -> None:
    """Runs the steps; a lock that is never released fails the test instead of stopping it."""

    async def guarded() -> None:
        await asyncio.wait_for(steps, PATIENCE_SECONDS)

    asyncio.run(guarded())


def test_messages_of_a_conversation_are_handled_one_at_a_time_in_the_order_of_arrival() -> None:
    handled: list[int] = []
    inside = 0

    async def handle(locks: ConversationLocks, number: int) -> None:
        nonlocal inside
        async with locks.lock("a visitor"):
            inside += 1
            await asyncio.sleep(0)
            assert inside == 1
            handled.append(number)
            inside -= 1

    async def fifty_at_once() -> None:
        locks = ConversationLocks()
        await asyncio.gather(*(handle(locks, number) for number in range(50)))

    run(fifty_at_once())
    assert handled == list(range(50))


def test_another_conversation_does_not_wait() -> None:
    async def both() -> None:
        locks = ConversationLocks()
        async with locks.lock("a visitor"), locks.lock("another visitor"):
            pass

    run(both())


def test_a_failed_message_lets_the_next_one_in() -> None:
    async def fail_then_handle() -> None:
        locks = ConversationLocks()
        with pytest.raises(RuntimeError):
            async with locks.lock("a visitor"):
                raise RuntimeError
        async with locks.lock("a visitor"):
            pass

    run(fail_then_handle())


def test_a_cancelled_message_leaves_the_queue() -> None:
    async def cancel_one_of_three() -> None:
        locks = ConversationLocks()
        handled = []

        async def handle(name: str) -> None:
            async with locks.lock("a visitor"):
                handled.append(name)

        async with locks.lock("a visitor"):
            waiting = [asyncio.ensure_future(handle(name)) for name in ("cancelled", "next")]
            await asyncio.sleep(0)
            waiting[0].cancel()
        await asyncio.wait(waiting)
        assert handled == ["next"]

    run(cancel_one_of_three())


def test_a_lock_is_gone_when_nobody_needs_it() -> None:
    async def hold() -> None:
        locks = ConversationLocks()
        async with locks.lock("a visitor"):
            assert len(locks._locks) == 1
        assert len(locks._locks) == 0

    run(hold())


def test_whoever_holds_a_lock_may_ask_for_it_again() -> None:
    async def gate_and_rasa() -> None:
        locks = ConversationLocks()
        async with locks.lock("a visitor"), locks.lock("a visitor"):
            pass
        assert len(locks._locks) == 0

    run(gate_and_rasa())


def test_another_message_does_not_slip_in_between_the_two() -> None:
    async def two_messages() -> None:
        locks, handled = ConversationLocks(), []

        async def handle(name: str) -> None:
            async with locks.lock("a visitor"):
                handled.append(f"{name} begins")
                async with locks.lock("a visitor"):
                    await asyncio.sleep(0)
                await asyncio.sleep(0)
                handled.append(f"{name} ends")

        await asyncio.gather(handle("one"), handle("two"))
        assert handled == ["one begins", "one ends", "two begins", "two ends"]

    run(two_messages())
