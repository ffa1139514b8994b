"""Runs the weeks: a world on a store, its time jumping from one thing to the next."""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from callbot.converse.script import Script
from callbot.simulate.weeks.assumptions import Rates
from callbot.simulate.weeks.audit import audit
from callbot.simulate.weeks.chaos import Chaos
from callbot.simulate.weeks.faults import task_of_a_life, wire
from callbot.simulate.weeks.life_events import WEEK_S, draw_week
from callbot.simulate.weeks.remembered import RememberingUnderstander
from callbot.simulate.weeks.sayings import Bank
from callbot.simulate.weeks.tally import provider_promises, tally, work_of
from callbot.simulate.weeks.virtual_time import VirtualLoop
from callbot.simulate.weeks.world import World
from callbot.store.database import Store
from callbot.store.tables import due_contacts, pages

SETTLING_S = 6 * 3600.0
"""After the last week, without new faults: what is under way comes to its end."""


@dataclass(frozen=True)
class Plan:
    """What is to be simulated."""

    people: int
    weeks: int
    seed: int
    chaos: bool = False
    processes: int = 0
    """Line processes on one ledger; 0: two with chaos, else one."""
    rates: Rates = field(default_factory=Rates)


@dataclass(frozen=True)
class Surroundings:
    """What a world is made of, read once."""

    understander: RememberingUnderstander
    scripts: dict[str, Script]
    bank: Bank
    holidays: dict[date, str]


Progress = Callable[[int, int], None]
"""(weeks done, weeks)."""


def simulate(
    store: Store, plan: Plan, around: Surroundings, progress: Progress = lambda _done, _all: None
) -> dict[str, Any]:
    """The whole of it, on an empty store. Two runs of one plan give the same, but for `seconds` and `cpu_seconds`."""
    began, cpu = time.monotonic(), time.process_time()
    wire(store.engine)
    loop = VirtualLoop()
    loop.set_task_factory(task_of_a_life)
    try:
        result = loop.run_until_complete(_weeks(store, plan, around, progress))
    finally:
        loop.close()
    return {
        **result,
        "people": plan.people,
        "weeks": plan.weeks,
        "seed": plan.seed,
        "chaos": plan.chaos,
        "database": store.engine.dialect.name,
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


async def _weeks(store: Store, plan: Plan, around: Surroundings, progress: Progress) -> dict[str, Any]:
    world = World(
        store,
        around.understander,
        around.scripts,
        around.bank,
        around.holidays,
        people=plan.people,
        seed=plan.seed,
        processes=plan.processes or (2 if plan.chaos else 1),
        trunks=plan.chaos,
        rates=plan.rates,
    )
    world.enrol()
    for slot in range(len(world.boards)):
        world.spawn(world.supervise(slot))
    chaos = world.spawn(Chaos(world, plan.seed).run()) if plan.chaos else None
    memory: dict[str, float] = {}
    for week in range(plan.weeks):
        draw_week(world, week)
        await _pass(world, WEEK_S)
        audit(store, world.evidence, world.person_of, world.network.now())
        memory[str(_due_so_far(store))] = memory_mb()
        progress(week + 1, plan.weeks)
    if chaos is not None:
        chaos.cancel()
    await _pass(world, SETTLING_S)
    audit(store, world.evidence, world.person_of, world.network.now())
    with store.read() as connection:
        states: Counter[str] = Counter()
        for state, count in connection.execute(select(pages.c.state, func.count()).group_by(pages.c.state)):
            states[state] = count
        provider_promises(world.evidence, states)
        counted = tally(connection, world.evidence)
    await _end(world)
    return {
        **counted,
        **work_of(counted, people=plan.people, weeks=plan.weeks, workers=len(world.workers)),
        "memory_by_due_mb": memory,
        "broken": world.evidence.details,
        "faults": dict(sorted(world.faults.items())),
        "failed_ticks": dict(sorted(world.failed_ticks.items())),
        "assumptions": world.rates.as_dict(),
    }


def _due_so_far(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(due_contacts)) or 0


def memory_mb() -> float:
    """Resident memory of this process now."""
    resident = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return round(resident * resource.getpagesize() / 1e6, 1)


async def _pass(world: World, seconds: float) -> None:
    """Time goes by; a fault of the simulation itself ends it."""
    waiting = asyncio.ensure_future(asyncio.sleep(seconds))
    await asyncio.wait([waiting, world.crashed], return_when=asyncio.FIRST_COMPLETED)
    if world.crashed.done():
        world.crashed.result()


async def _end(world: World) -> None:
    """Nobody is left behind."""
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.wait(left, timeout=60) if left else None
    world.crashed.cancel()
