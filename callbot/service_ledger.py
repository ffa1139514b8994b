"""The service's duties about the ledger alone: planning, escalation, bundles of pages."""

import asyncio
from collections.abc import Callable

import structlog

from callbot.adapters.korean_holidays import korean_holidays
from callbot.bootstrap import Parts
from callbot.ticks import Worker
from callbot.workflows.handle_case import climb
from callbot.workflows.keep_watch import keep_watch
from callbot.workflows.know_place import know_place
from callbot.workflows.plan_week import plan_week

log = structlog.get_logger()


class LedgerDuties:
    """Each a worker."""

    def __init__(self, parts: Parts, wake: Callable[[], None], planned: Callable[[], None]) -> None:
        """`wake`: the ledger has changed; `planned`: there are new contacts to render and to place."""
        self._parts = parts
        self._wake = wake
        self._planned = planned

    def workers(self) -> list[Worker]:
        return [
            Worker("plan", 600.0, self._plan),
            Worker("climb", 5.0, self._climb),
            Worker("bundles", 20.0, self._bundles),
        ]

    async def _plan(self) -> None:
        now = self._parts.clock.now()
        holidays = korean_holidays({now.year - 1, now.year, now.year + 1})
        await asyncio.to_thread(know_place, self._parts.store, holidays, self._parts.settings.public_url)
        planned = await asyncio.to_thread(plan_week, self._parts.store, now, holidays)
        if planned.new:
            log.info("planned", due=planned.new)
            self._planned()

    async def _climb(self) -> None:
        if await asyncio.to_thread(climb, self._parts.store, self._parts.clock.now()):
            self._wake()

    async def _bundles(self) -> None:
        if await asyncio.to_thread(keep_watch, self._parts.store, self._parts.clock.now()):
            self._wake()
