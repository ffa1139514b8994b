"""The machine's clock is put forward while people are due: nobody is called at the wrong hour, and nobody is given up."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ledger_fixtures import TUESDAY
from test_dialler import World, make_world

from callbot.dial.admission import Held
from callbot.store.database import Store
from callbot.store.tables import attempts, due_contacts
from callbot.understand.understander import Understander


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(hours=-3)])
def test_a_jump(sqlite_store: Store, understander: Understander, tmp_path: Path, jump: timedelta) -> None:
    """No call is placed, and whoever would give up on what is overdue is told not to believe the clock."""
    world: World = make_world(sqlite_store, understander, tmp_path)
    wall: list[datetime] = [TUESDAY - timedelta(hours=1)]
    world.dialler._around.now = lambda: wall[0]

    async def main() -> None:
        assert world.dialler.clock_settled
        wall[0] += jump
        assert await world.dialler.place() == 0
        assert world.dialler.admitted.held is Held.CLOCK_JUMPED
        assert not world.dialler.clock_settled

    asyncio.run(main())
    assert world.row(attempts.c.id) is None
    assert world.row(due_contacts.c.state) == ("planned",)
