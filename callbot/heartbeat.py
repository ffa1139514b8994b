"""A service says every few seconds that it lives, and how its parts do; the watch reads it from the database."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from callbot.store.database import Store
from callbot.store.health_rows import write_beat

EVERY_S = 5.0


class PartsDown:
    """Since when each part of a service has not been well, by the machine's own monotonic clock."""

    def __init__(self, parts: dict[str, Callable[[], bool]], clock: Callable[[], float] = time.monotonic) -> None:
        """`parts`: by name, whether it is well at this moment."""
        self._parts = parts
        self._clock = clock
        self._since: dict[str, float] = {}

    def look(self) -> dict[str, float]:
        """Seconds that each part has been down, as `<part>_down_s`; parts that are well are left out."""
        now = self._clock()
        found: dict[str, float] = {}
        for name, well in self._parts.items():
            if well():
                self._since.pop(name, None)
                continue
            found[f"{name}_down_s"] = round(now - self._since.setdefault(name, now), 1)
        return found


class Heartbeat:
    """One per process. `beat` is a tick's job; `goodbye` after everything else has stopped."""

    def __init__(
        self, store: Store, name: str, now: Callable[[], datetime], figures: Callable[[], dict[str, Any]]
    ) -> None:
        self._store = store
        self._name = name
        self._now = now
        self._figures = figures
        self._started_at = now()

    async def beat(self) -> None:
        """Alive."""
        await asyncio.to_thread(self._write, self._figures(), stopped=False)

    async def goodbye(self) -> None:
        """Stopped on purpose."""
        await asyncio.to_thread(self._write, {}, stopped=True)

    def _write(self, figures: dict[str, Any], *, stopped: bool) -> None:
        with self._store.write() as connection:
            write_beat(
                connection,
                self._name,
                pid=os.getpid(),
                started_at=self._started_at,
                now=self._now(),
                figures=figures,
                stopped=stopped,
            )


def disk_figures(directory: Path) -> tuple[int, float]:
    """Free megabytes of the disk that this folder lies on, and their share of it."""
    usage = shutil.disk_usage(directory)
    return usage.free // 2**20, usage.free / usage.total
