"""Two carriers, one real Asterisk: failover within an attempt, a breaker that opens and closes, a lost carrier, two processes."""

import asyncio

import pytest
from sip_peer import Script
from trunk_world import trunk_world

from callbot.store.database import Store
from callbot.store.tables import due_contacts
from callbot.understand.understander import Understander

pytestmark = pytest.mark.timeout(200)
REFUSES = Script(503)
BUSY = Script(486, ring=True)


def test_failover_and_breaker(sqlite_store: Store, understander: Understander) -> None:
    """The first carrier refuses with 503: each attempt goes on by the second and nobody loses a rung; after the third refusal
    nothing more is dialled there but the one call that tries; when the carrier is well again, it is used again. The number
    shown is the programme's own."""

    async def main() -> None:
        async with trunk_world(sqlite_store, understander, people=6) as world:
            world.behave("kt", REFUSES)
            world.behave("skb", BUSY)
            line = await world.line(calls=1)
            await world.run_until(line, lambda: world.ends().count("busy") >= 4)
            assert world.states()["kt"] == "open"
            tried = world.tried()
            assert tried[:6] == [("kt", "fault"), ("skb", "ok")] * 3
            assert set(world.ends()) - {None} == {"busy"}
            assert all("0620000000" in call.headers["from"][0] for call in world.carriers["skb"].calls.values())
            refused = world.carriers["kt"].invites
            assert refused <= 4, "three, and at most one call that tried"
            world.behave("kt", BUSY)
            await world.run_until(line, lambda: world.states()["kt"] == "closed")
            await line.dialler.drain()
            assert ("kt", "ok") in world.tried()
            assert world.sound()

    asyncio.run(main())


def test_all_carriers_down(sqlite_store: Store, understander: Understander) -> None:
    """Both refuse: after a few calls nothing is dialled any more, nobody has used a rung, and nobody has been rung."""

    async def main() -> None:
        async with trunk_world(sqlite_store, understander, people=8, breaker_faults=2) as world:
            world.behave("kt", REFUSES)
            world.behave("skb", REFUSES)
            line = await world.line(calls=2)
            await world.run_until(line, lambda: set(world.states().values()) == {"open"})
            await asyncio.sleep(0.5)
            calls = sum(peer.invites for peer in world.carriers.values())
            for _ in range(5):
                await line.dialler.place()
                await asyncio.sleep(0.1)
            await line.dialler.drain()
            assert sum(peer.invites for peer in world.carriers.values()) <= calls + 2
            assert [rungs for (rungs,) in world.rows(due_contacts.c.rungs_used)] == [0] * 8
            assert world.invites() == {}
            assert world.sound()

    asyncio.run(main())


def test_a_carrier_that_is_gone(sqlite_store: Store, understander: Understander) -> None:
    """It answers OPTIONS no more: its breaker opens before a call is lost on it; when it is back, one call tries and closes it."""

    async def main() -> None:
        async with trunk_world(sqlite_store, understander, people=6, qualify_s=1) as world:
            world.behave("kt", BUSY)
            world.behave("skb", BUSY)
            world.carriers["kt"].mute = True
            line = await world.line(calls=1)
            async with asyncio.timeout(20):
                while world.states()["kt"] != "open":  # noqa: ASYNC110 - the switchboard has no event for it
                    await asyncio.sleep(0.1)
            await world.run_until(line, lambda: len(world.ends()) >= 2)
            assert world.carriers["kt"].invites == 0
            world.carriers["kt"].mute = False
            await world.run_until(line, lambda: world.states()["kt"] == "closed")
            await line.dialler.drain()
            assert world.carriers["kt"].invites >= 1
            assert world.sound()

    asyncio.run(main())


def test_two_processes_on_one_ledger(store: Store, understander: Understander) -> None:
    """Twelve people, two line processes placing at the same time through one exchange, on both databases: no phone
    rings more often than its attempts were dialled, and never on more channels than the trunks have."""

    async def main() -> None:
        async with trunk_world(store, understander, people=12, channels=2) as world:
            answer = Script(486, ring=True, final_after=0.3)
            world.behave("kt", answer)
            world.behave("skb", answer)
            one, two = await world.line("one"), await world.line("two")

            def first_round_over() -> bool:
                return sum(end is not None for end in world.ends()) >= 12 and len(world.dialled()) >= 8

            async with asyncio.timeout(60):
                while not await asyncio.to_thread(first_round_over):
                    await asyncio.gather(one.dialler.place(), two.dialler.place())
                    running = sum(len(line.dialler._around.flights) for line in (one, two))
                    assert running <= 4
                    await asyncio.sleep(0.1)
            await asyncio.gather(one.dialler.drain(), two.dialler.drain())
            assert world.invites() == world.dialled()
            assert len(world.dialled()) >= 8
            assert world.sound()

    asyncio.run(main())
