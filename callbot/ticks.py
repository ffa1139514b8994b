"""Workers that ask the ledger what is due. APScheduler only wakes them; a commit that makes work wakes them at once."""

import asyncio
import time
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
    ended_at: float = field(default_factory=time.monotonic)
    """When a round last came to its end, well or not; at first, when the worker was made."""
    failures: int = 0
    """Rounds that failed in a row."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.woken.wait()
            self.woken.clear()
            try:
                await self.job()
                self.failures = 0
            except Exception as error:  # noqa: BLE001 - the boundary of a tick
                self.failures += 1
                log.error("tick_failed", tick=self.name, error=type(error).__name__, detail=place_of(error))
            self.ended_at = time.monotonic()


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

    def figures(self) -> dict[str, dict[str, float]]:
        """How every worker does, for the watch: seconds since its last round, its interval, failures in a row."""
        now = time.monotonic()
        return {
            worker.name: {
                "age_s": round(now - worker.ended_at, 1),
                "every_s": worker.every_s,
                "failures": worker.failures,
            }
            for worker in self.workers.values()
        }

    async def stop(self) -> bool:
        """End them; a round that runs in a thread is finished there. False: they had never been started."""
        started = bool(self._tasks)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        return started
