"""Saves a call while it goes on: turns in order, pages first. The conversation never waits for the database."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeVar

import structlog

from callbot.converse.transcript import Turn
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
    ) -> None:
        """`save_turn` and `raise_signals` block and are called in a thread; `show` is called at once, on the loop."""
        self._save_turn = save_turn
        self._raise_signals = raise_signals
        self._show = show or (lambda _: None)
        self._pages: deque[tuple[Signal, ...]] = deque()
        self._turns: deque[Turn] = deque()
        self._more = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.unsaved = 0
        """Writes that were given up."""

    def turn(self, turn: Turn) -> None:
        """Save one turn; the same index again replaces it."""
        self._turns.append(turn)
        self._show(turn)
        self._wake()

    def page(self, signals: tuple[Signal, ...]) -> None:
        """Commit case and page now, ahead of turns that wait."""
        self._pages.append(signals)
        self._show(signals)
        self._wake()

    def _wake(self) -> None:
        self._idle.clear()
        self._more.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._more.wait()
            self._more.clear()
            while self._pages or self._turns:
                if self._pages:
                    await self._write(self._raise_signals, self._pages.popleft())
                else:
                    await self._write(self._save_turn, self._turns.popleft())
            self._idle.set()

    async def drain(self, at_most_s: float = 15.0) -> None:
        """Wait until all is written, or given up."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._idle.wait()
        except TimeoutError:
            log.error("call_record_not_drained", turns=len(self._turns), pages=len(self._pages))

    async def _write(self, write: Callable[[T], None], what: T) -> None:
        for wait in (*RETRY_S, None):
            try:
                await asyncio.to_thread(write, what)
            except Exception as error:  # noqa: BLE001 - the boundary of one write: the call goes on without it
                log.warning("call_record_write_failed", error=type(error).__name__)
                if wait is None:
                    self.unsaved += 1
                    return
                await asyncio.sleep(wait)
            else:
                return
