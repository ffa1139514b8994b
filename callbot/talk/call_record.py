"""Saves a call while it goes on: turns in order, pages beside them. The conversation never waits for the database."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from callbot.converse.transcript import Turn
from callbot.store.attempt_rows import StaleToken
from callbot.understand.meaning import Signal

RETRY_S = (0.1, 0.3, 1.0, 2.0, 5.0)
"""A database that restarts is back within seconds; what is still not saved then is left to `finish_call`."""

T = TypeVar("T")

log = structlog.get_logger()


class CallRecord:
    """`run` in a task of its own; `turn` and `page` from the conversation; `drain` before the call is finished."""

    def __init__(
        self,
        save_turn: Callable[[Turn], None],
        raise_signals: Callable[[tuple[Signal, ...]], None],
        show: Callable[[Turn | tuple[Signal, ...]], None] | None = None,
        *,
        save_turns: Callable[[tuple[Turn, ...]], None] | None = None,
        retry_s: tuple[float, ...] = RETRY_S,
    ) -> None:
        """`save_turn` and `raise_signals` block and are called in a thread; `show` is called at once, on the loop.

        `save_turns`: all that wait at once, e.g. after the database was away; instead of one `save_turn` each."""
        self._turns = _Writer(save_turn, retry_s, save_turns)
        self._pages = _Writer(raise_signals, retry_s)
        self._show = show or (lambda _: None)

    @property
    def unsaved(self) -> int:
        """Writes that were given up."""
        return self._turns.unsaved + self._pages.unsaved

    def turn(self, turn: Turn) -> None:
        """Save one turn; the same index again replaces it."""
        self._turns.put(turn)
        self._show(turn)

    def page(self, signals: tuple[Signal, ...]) -> None:
        """Commit case and page now, whatever turns are waiting."""
        self._pages.put(signals)
        self._show(signals)

    async def run(self) -> None:
        """Write until cancelled."""
        await asyncio.gather(self._pages.run(), self._turns.run())

    async def drain(self, at_most_s: float = 15.0) -> None:
        """Wait until all is written, or given up."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._pages.idle.wait()
                await self._turns.idle.wait()
        except TimeoutError:
            log.error("call_record_not_drained", turns=len(self._turns), pages=len(self._pages))


class _Writer(Generic[T]):
    """One kind of thing, written in order. Turns and pages have one each: a page must not wait for a turn's retries."""

    def __init__(
        self,
        write: Callable[[T], None],
        retry_s: tuple[float, ...],
        write_many: Callable[[tuple[T, ...]], None] | None = None,
    ) -> None:
        self._write = write
        self._write_many = write_many
        self._retry_s = retry_s
        self._waiting: deque[T] = deque()
        self._more = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.unsaved = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, what: T) -> None:
        self._waiting.append(what)
        self.idle.clear()
        self._more.set()

    async def run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                batch = tuple(self._waiting) if self._write_many else (self._waiting[0],)
                await self._save(batch)
                for _ in batch:
                    self._waiting.popleft()
            self.idle.set()

    async def _save(self, batch: tuple[T, ...]) -> None:
        for wait in (*self._retry_s, None):
            try:
                if self._write_many is not None:
                    await asyncio.to_thread(self._write_many, batch)
                else:
                    await asyncio.to_thread(self._write, batch[0])
            except Exception as error:  # noqa: BLE001 - the boundary of one write: the call goes on without it
                log.warning("call_record_write_failed", error=type(error).__name__)
                if wait is None or isinstance(
                    error, StaleToken
                ):  # somebody else holds the attempt: no use in asking again
                    self.unsaved += len(batch)
                    return
                await asyncio.sleep(wait)
            else:
                return
