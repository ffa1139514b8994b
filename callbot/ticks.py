"""Workers that ask the ledger what is due. APScheduler only wakes them; a commit that makes work wakes them at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from callbot.talk.faults import place_of

log = structlog.get_logger()


@dataclass
class Worker:
    """One duty. A failing round is logged, the next one tries again."""

    name: str
    every_s: float
    job: Callable[[], Awaitable[object]]
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.woken.wait()
            self.woken.clear()
            try:
                await self.job()
            except Exception as error:  # noqa: BLE001 - the boundary of a tick
                log.error("tick_failed", tick=self.name, error=type(error).__name__, detail=place_of(error))


class Ticks:
    """All workers of a process, and the scheduler that is their backstop."""

    def __init__(self, workers: Iterable[Worker]) -> None:
        self.workers = {worker.name: worker for worker in workers}
        self._scheduler = AsyncIOScheduler()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Every worker looks once at once."""
        for worker in self.workers.values():
            self._tasks.append(asyncio.create_task(worker.run(), name=worker.name))
            self._scheduler.add_job(
                worker.woken.set,
                "interval",
                seconds=worker.every_s,
                misfire_grace_time=None,
                coalesce=True,
                id=worker.name,
            )
            worker.woken.set()
        self._scheduler.start()

    def wake(self, *names: str) -> None:
        """The ledger has changed: these look at once."""
        for name in names:
            self.workers[name].woken.set()

    async def stop(self) -> None:
        """End them; a round that runs in a thread is finished there."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
