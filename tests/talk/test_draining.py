"""A process that has to go, and calls that end on our side: nobody counts as silent because of us."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from quick_call import QuickLeg
from test_dialler import World, answers, clip, make_world

from callbot.dial.progress import CallOrder, ProgressKind
from callbot.store.database import Store
from callbot.store.tables import attempts, calls, due_contacts, turns
from callbot.understand.understander import Understander


class AbortableLeg(QuickLeg):
    """As that of the media server: dropped without a word, the exchange plays the apology."""

    aborted = False

    def abort(self) -> None:
        """Closed at once."""
        self.aborted = self.closed = True


@pytest.fixture
def world(sqlite_store: Store, understander: Understander, tmp_path: Path) -> World:
    """One person due now."""
    return make_world(sqlite_store, understander, tmp_path)


async def until(done: Callable[[], bool]) -> None:
    """Within ten seconds."""
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


def test_a_call_that_outlasts_the_limit(world: World) -> None:
    """The person hears the apology; the attempt is interrupted, what was said stays, the ladder goes on, and a page rung is
    not mistaken for silence."""
    legs: list[AbortableLeg] = []

    def pick_up(order: CallOrder) -> None:
        legs.append(AbortableLeg(order.attempt_key, answers(), hello=clip("여보세요.")))
        world.pick_up(order, legs[0])

    async def main() -> None:
        world.board.on_call = pick_up
        await world.dialler.place()
        await until(lambda: world.row(turns.c.id) is not None)
        await world.dialler.drain(0.2)
        assert world.dialler.busy == 0
        assert await world.dialler.place() == 0

    asyncio.run(main())
    assert legs[0].aborted
    assert world.row(attempts.c.end, attempts.c.number) == ("interrupted", 1)
    assert world.row(due_contacts.c.state, due_contacts.c.disposition) == ("open", None)
    assert world.row(due_contacts.c.next_attempt_at)[0] is not None
    assert world.row(calls.c.ended_at)[0] is not None
    assert world.broken_promises() == []


def test_a_phone_that_rings_at_the_limit(world: World) -> None:
    """It stops ringing."""

    def ring(order: CallOrder) -> None:
        world.report(order, ProgressKind.PREDIAL, ProgressKind.RINGING)

    async def hang_up(key: str) -> None:
        world.board.hung_up.append(key)
        world.report(world.board.orders[0], ProgressKind.ENDED, hung_up_by_us=True, ringing_seen=True)

    async def main() -> None:
        world.board.on_call = ring
        world.board.hang_up = hang_up  # type: ignore[method-assign]
        await world.dialler.place()
        await until(lambda: world.row(attempts.c.state) == ("ringing",))
        await world.dialler.drain(0.1)

    asyncio.run(main())
    assert world.board.hung_up == [world.board.orders[0].attempt_key]
    assert world.row(attempts.c.end) == ("interrupted",)
    assert world.broken_promises() == []


def test_a_call_within_the_limit(world: World) -> None:
    """It is held to its end."""
    world.board.on_call = lambda order: world.pick_up(
        order, AbortableLeg(order.attempt_key, answers(), hello=clip("여보세요."))
    )

    async def main() -> None:
        await world.dialler.place()
        await until(lambda: world.row(attempts.c.state) == ("answered",))
        await world.dialler.drain(60)

    asyncio.run(main())
    assert world.row(due_contacts.c.disposition) == ("contacted",)


@pytest.mark.parametrize("evidence", [{"lost": True}, {"bot_died": True}])
def test_a_call_that_asterisk_took_with_it(world: World, evidence: dict[str, bool]) -> None:
    """Answered, and gone before a word was said: our failure, not the person's silence."""

    def answer(order: CallOrder) -> None:
        leg = QuickLeg(order.attempt_key, {}, hangs_up_after_s=0.4)
        world.report(order, ProgressKind.PREDIAL, ProgressKind.RINGING, ProgressKind.ANSWERED)

        async def serve() -> None:
            await world.dialler.on_leg(leg)
            world.report(order, ProgressKind.ENDED, answered=True, ringing_seen=True, **evidence)

        world.serving.append(asyncio.create_task(serve()))

    world.board.on_call = answer
    asyncio.run(world.call())
    assert world.row(attempts.c.end) == ("system_failure",)
    assert world.row(due_contacts.c.state) == ("open",)
    assert world.broken_promises() == []
