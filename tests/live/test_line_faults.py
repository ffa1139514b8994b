"""Live calls on real trunks, and what must not hurt them: kill -9, Asterisk's death, a process that has to go."""

import asyncio
import dataclasses
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sip_peer import PeerCall, Script
from trunk_world import TrunkWorld, trunk_world

from callbot.store.database import Store
from callbot.store.tables import attempts
from callbot.understand.understander import Understander

pytestmark = pytest.mark.timeout(400)
TALKS = Script(200, ring=True, final_after=0.5, bye_after=4.0)
STAYS = Script(200, ring=True, final_after=0.3)


def arguments(world: TrunkWorld, store: Store) -> str:
    """Of line_process.py."""
    asterisk = world.asterisk
    return json.dumps(
        {
            "database": str(store.engine.url),
            "keys": str(Path(str(store.engine.url.database)).with_name("keys.json")),
            "offset_s": world.clock.offset.total_seconds(),
            "directory": str(world.directory),
            "node": "line",
            "ami": asterisk.ports.ami,
            "ami_user": asterisk.ami_user,
            "ami_secret": asterisk.ami_secret,
            "media": asterisk.media_port,
            "media_secret": asterisk.media_secret,
            "trunks": [dataclasses.asdict(trunk) for trunk in asterisk.trunks],
        }
    )


@asynccontextmanager
async def line_process(world: TrunkWorld, store: Store) -> AsyncIterator[asyncio.subprocess.Process]:
    """One that places calls; killed at the end if it still runs."""
    here = Path(__file__).parent
    path = os.pathsep.join(map(str, (here, here.parent)))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(here / "line_process.py"),
        arguments(world, store),
        env={**os.environ, "PYTHONPATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said: list[str] = []

    async def ready() -> None:
        async for line in process.stdout or ():
            said.append(line.decode())
            if said[-1] == "READY\n":
                return
        raise AssertionError("".join(said))

    async def listen() -> None:
        said.extend([line.decode() async for line in process.stdout or ()])

    await asyncio.wait_for(ready(), 60)
    listening = asyncio.create_task(listen())
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening


def calls(world: TrunkWorld) -> list[PeerCall]:
    """Every call that reached a phone, in order."""
    found = [call for peer in world.carriers.values() for call in peer.calls.values()]
    return sorted(found, key=lambda call: call.invited_at)


def overlaps(world: TrunkWorld) -> list[str]:
    """Numbers that were rung while an earlier call to them was still there."""
    until: dict[str, float] = {}
    twice = []
    for call in calls(world):
        if call.invited_at < until.get(call.number, 0.0):
            twice.append(call.number)
        until[call.number] = call.ended_at if call.ended.is_set() else float("inf")
    return twice


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.prove)])
def test_kill_9_at_random_moments(sqlite_store: Store, understander: Understander, kills: int) -> None:
    """A line process with calls that ring and talk is killed again and again, and each time another takes over: no phone
    rings twice for one attempt or while an earlier call to it is there, everybody's contact ends, no promise is broken."""
    dice = random.Random(7)

    async def main() -> None:
        async with trunk_world(sqlite_store, understander, people=4 + kills, media_here=False) as world:
            world.behave("kt", TALKS)
            world.behave("skb", TALKS)
            for _ in range(kills):
                placed = len(calls(world))
                async with line_process(world, sqlite_store) as process:
                    async with asyncio.timeout(30):
                        while len(calls(world)) == placed and not world.all_ended():  # noqa: ASYNC110 - another process
                            await asyncio.sleep(0.05)
                    await asyncio.sleep(dice.uniform(0, 5))
                    process.kill()
            interrupted = len(world.rows(attempts.c.id))
            assert interrupted
            async with line_process(world, sqlite_store), asyncio.timeout(150):
                while not await asyncio.to_thread(world.all_ended):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.3)
            assert world.ends().count("interrupted") >= kills // 2
            assert overlaps(world) == []
            dialled = world.dialled()
            rung: dict[str, int] = {}
            for call in calls(world):
                rung[call.number] = rung.get(call.number, 0) + 1
            assert all(count <= dialled[number] for number, count in rung.items()), (rung, dialled)
            assert world.sound()
            print(f"kills {kills}, calls {len(calls(world))}, ends {sorted(map(str, world.ends()))}")

    asyncio.run(main())


def test_asterisk_dies_in_a_call(sqlite_store: Store, understander: Understander) -> None:
    """Somebody talks, somebody is being rung; Asterisk is killed and started again: both attempts end as our failure, both are
    called again, once each, and no new call is placed while it is away."""

    async def main() -> None:
        async with trunk_world(sqlite_store, understander, people=2) as world:
            world.behave("kt", STAYS)
            world.carriers["kt"].scripts["01099990001"] = Script(None, ring=True)
            line = await world.line()
            await line.dialler.place()
            async with asyncio.timeout(10):
                while sorted(state for (state,) in world.rows(attempts.c.state)) != ["answered", "ringing"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            os.kill(int((world.asterisk.directory / "run" / "asterisk.pid").read_text()), signal.SIGKILL)
            async with asyncio.timeout(10):
                while line.board.connected:  # noqa: ASYNC110 - no event for it
                    await asyncio.sleep(0.02)
            assert await line.dialler.place() == 0
            assert line.dialler.admitted.held == "exchange_lost"
            await asyncio.to_thread(world.asterisk.stop)
            for call in calls(world):
                world.carriers["kt"]._end(call, "us")  # its exchange is dead: the phone is put down
            await asyncio.to_thread(world.asterisk.start)
            world.carriers["kt"].scripts.clear()
            world.behave("kt", TALKS)
            await world.run_until(line, lambda: len(world.ends()) == 4 and None not in world.ends(), 40)
            assert world.ends()[:2] == ["system_failure"] * 2
            assert world.dialled() == {"01099990000": 2, "01099990001": 2}
            assert overlaps(world) == []
            assert world.sound()

    asyncio.run(main())


def test_a_process_that_has_to_go(sqlite_store: Store, understander: Understander) -> None:
    """SIGTERM: no new call; who is still talking at the limit hears the apology, a phone that rings stops ringing, both are
    interrupted in the ledger before the process is gone, and the next process calls them again."""

    async def main() -> None:
        async with trunk_world(sqlite_store, understander, people=3, media_here=False) as world:
            world.behave("kt", STAYS)
            world.carriers["kt"].scripts["01099990001"] = Script(None, ring=True)
            async with line_process(world, sqlite_store) as process:
                async with asyncio.timeout(30):
                    while sorted(str(state) for (state,) in world.rows(attempts.c.state))[:1] != ["answered"]:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                await asyncio.sleep(1.0)
                began = time.monotonic()
                process.terminate()
                assert await asyncio.wait_for(process.wait(), 60) == 0
                gone_after = time.monotonic() - began
            ends = world.ends()
            assert None not in ends
            assert ends.count("interrupted") >= 1
            assert gone_after < 40
            talking = world.carriers["kt"].by_number["01099990000"]
            assert talking.heard_since(talking.ended_at - 5.0), "the apology"
            assert world.sound()

    asyncio.run(main())
