"""PostgreSQL is killed and started again in the middle of a call."""

import asyncio
import signal
from pathlib import Path

import pytest
from ledger_fixtures import TUESDAY, Cluster, cluster
from quick_call import QuickLeg
from sqlalchemy import func, select
from test_dialler import World, answers, clip, make_world

from callbot.dial.progress import CallOrder
from callbot.store.database import Store
from callbot.store.migrate import migrate
from callbot.store.tables import attempts, calls, due_contacts, turns
from callbot.understand.understander import Understander

AWAY_S = 2.0
"""At twenty times its speed, most of the call."""


def turns_so_far(store: Store) -> int:
    """In the ledger."""
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(turns)) or 0


async def restart(database: Cluster, store: Store, *, after_turns: int) -> None:
    """As a crash, once so much has been said."""
    while await asyncio.to_thread(turns_so_far, store) < after_turns:  # noqa: ASYNC110 - the ledger has no event
        await asyncio.sleep(0.05)
    await asyncio.to_thread(database.stop, signal.SIGQUIT)
    await asyncio.sleep(AWAY_S)
    await asyncio.to_thread(database.start)


async def one_call(world: World, database: Cluster, *, after_turns: int) -> None:
    """Held to its end, with the database away in between."""
    tasks: list[asyncio.Task[None]] = []

    def pick_up(order: CallOrder) -> None:
        tasks.append(asyncio.create_task(restart(database, world.store, after_turns=after_turns)))
        world.pick_up(order, QuickLeg(order.attempt_key, answers(), hello=clip("여보세요.") if after_turns else b""))

    world.board.on_call = pick_up
    await world.dialler.place()
    async with asyncio.timeout(90):
        while world.dialler.busy:  # noqa: ASYNC110 - draining would stop it for good
            await asyncio.sleep(0.05)
    await asyncio.gather(*tasks, *world.serving)


@pytest.mark.parametrize("after_turns", [0, 3], ids=["while it rings", "while they talk"])
def test_the_database_restarts_in_a_call(understander: Understander, tmp_path: Path, after_turns: int) -> None:
    """The call goes on; every turn, the answer and the end are in the ledger when the database is back: contacted, one
    attempt, no promise broken."""
    with cluster() as database:
        store = migrate(database.url, tmp_path / "keys.json", TUESDAY).store
        world = make_world(store, understander, tmp_path)
        asyncio.run(one_call(world, database, after_turns=after_turns))
        assert world.row(due_contacts.c.disposition, due_contacts.c.attempts_used) == ("contacted", 1)
        assert world.row(attempts.c.end) == ("person",)
        assert world.row(calls.c.complete) == (True,)
        with store.read() as connection:
            positions = connection.scalars(select(turns.c.position).order_by(turns.c.position)).all()
        assert positions == list(range(len(positions)))
        assert len(positions) > 15
        assert world.broken_promises() == []
        store.close()
