"""Workers are rung into crisis calls: the service's side of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from callbot.escalate.spoken_summary import LINES
from callbot.store.database import Store
from callbot.talk.crisis_transfer import CrisisTransfer, Means, Rooms
from callbot.talk.dial_plan import Renderer
from callbot.talk.ports import Voice
from callbot.talk.worker_call import WorkerCalls

RING_S = 20.0


class TransferDesk:
    """Belongs to the service's event loop; `on_progress` and `on_leg` are called by the adapters."""

    def __init__(
        self,
        store: Store,
        switchboard: Callable[[], Rooms],
        renderer: Renderer,
        voice: Voice,
        dial_string: Callable[[str], str],
        caller_number: str,
        *,
        now: Callable[[], datetime],
        ring_s: float = RING_S,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed`: the ledger moved on (somebody took a case)."""
        calls = WorkerCalls(switchboard, dial_string, caller_number, ring_s)
        self.on_progress = calls.on_progress
        self.on_leg = calls.on_leg
        self._tasks: set[asyncio.Task[None]] = set()
        self._means = Means(store, switchboard, renderer, voice, calls, now, changed, self._keep)

    @staticmethod
    def lines() -> list[tuple[str, bool]]:
        """What every worker hears, to be rendered ahead."""
        return [(line, False) for line in LINES]

    def of_call(self, key: str, call_id: int) -> CrisisTransfer:
        """For one conversation; `key`: of its attempt."""
        return CrisisTransfer(self._means, key, call_id)

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Whoever is being rung is let go; who talks, talks."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
