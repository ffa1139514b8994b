"""The caseworkers: they read their SMS, take a case or do not, visit, and close it. One desk for the whole town."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from callbot.escalate.case import CaseKind, CaseOutcome, CaseState
from callbot.people.hold import HoldReason
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.simulate.weeks.faults import LIFE, Life
from callbot.simulate.weeks.habits import Fate
from callbot.store.case_rows import StaleCase
from callbot.store.database import Store
from callbot.store.tables import cases
from callbot.workflows.handle_case import acknowledge, close_case
from callbot.workflows.hold_person import hold_person, lift_hold

if TYPE_CHECKING:
    from callbot.simulate.weeks.world import World

T = TypeVar("T")

NEVER_READ = 0.1
"""Of pages: nobody looks; the policy has to climb."""
SLOWEST_S = 3 * 3600
CLOSED_AFTER_S = (600, 2 * 86400)
AGAIN_S = 15.0


class Desk:
    """Reacts to what the provider delivers. Its database fails like any other; then the worker presses the button again."""

    def __init__(self, world: "World", store: Store, dice: random.Random, life: Life) -> None:
        self._world = world
        self._store = store
        self._dice = dice
        self.life = life
        """The console's: it is troubled like the others, but not killed; its worker would only press again."""
        self._busy_with: set[int] = set()
        self.pages_by_worker: Counter[str] = Counter()
        self.cases_by_worker: Counter[str] = Counter()

    def receive(self, to: str | None, case_id: int | None) -> None:
        """An SMS arrives."""
        if to is None or case_id is None:
            return
        self.pages_by_worker[to] += 1
        if self._dice.random() < NEVER_READ:
            return
        wait = self._dice.expovariate(1 / 900)
        self._world.later(min(wait, SLOWEST_S), self._read, case_id, to)

    async def _read(self, case_id: int, worker: str) -> None:
        # A case that came back is taken again, by whoever reads of it.
        await self.do(lambda: acknowledge(self._store, case_id, None, self._now()))
        if case_id in self._busy_with:
            return
        self._busy_with.add(case_id)
        self.cases_by_worker[worker] += 1
        await asyncio.sleep(self._dice.uniform(*CLOSED_AFTER_S))
        await self._settle(case_id)
        self._busy_with.discard(case_id)

    async def _settle(self, case_id: int) -> None:
        """What the worker finds is how it is; what the ledger is told is what the worker does about it."""
        found = await self.do(lambda: self._facts(case_id))
        if found is None:
            return
        person_id, kind = found
        number = self._world.person_of[person_id]
        fate = self._world.network.fates[number]
        outcome = CaseOutcome.CONFIRMED_BY_PHONE
        if fate.dead or fate.moved or fate.wants_no_calls:
            outcome = CaseOutcome.DEAD if fate.dead else CaseOutcome.NO_MORE_CALLS
            await self.hold(person_id, fate, HoldReason.DEAD if fate.dead else HoldReason.MOVED)
        elif fate.hospital_until is not None:
            outcome = CaseOutcome.HOSPITALISED
            await self.hold(person_id, fate, HoldReason.HOSPITAL)
            self._world.later(
                max((fate.hospital_until - self._world.network.now()).total_seconds(), 0) + 86400,
                self.release,
                person_id,
            )
        elif kind == CaseKind.DISTRESS:
            outcome = CaseOutcome.VISITED
        await self.do(lambda: close_case(self._store, case_id, outcome, "모의", self._now()))

    async def hold(self, person_id: int, fate: Fate, reason: HoldReason) -> None:
        """The line must be silent from the moment this is committed."""
        await self.do(lambda: hold_person(self._store, person_id, reason, self._now(), by="desk"))
        fate.may_not_ring = reason

    async def release(self, person_id: int) -> None:
        """Home again."""
        fate = self._world.network.fates[self._world.person_of[person_id]]
        if fate.dead or fate.moved or fate.wants_no_calls:
            return
        fate.hospital_until, fate.may_not_ring = None, None
        await self.do(lambda: lift_hold(self._store, person_id, self._now()))

    async def do(self, verb: "Callable[[], T]") -> "T | None":
        """Until it is done; what somebody else did first is done."""
        while True:
            mark = LIFE.set(self.life)
            try:
                return await asyncio.to_thread(verb)
            except (StaleCase, ImpossibleTransition, LookupError):
                return None
            except OperationalError:
                await asyncio.sleep(AGAIN_S)
            finally:
                LIFE.reset(mark)

    def _now(self) -> datetime:
        return self._world.network.now() + self._world.skew

    def _facts(self, case_id: int) -> tuple[int, str] | None:
        with self._store.read() as connection:
            row = connection.execute(
                select(cases.c.person_id, cases.c.kind).where(cases.c.id == case_id, cases.c.state != CaseState.CLOSED)
            ).first()
        return None if row is None else (row.person_id, row.kind)
