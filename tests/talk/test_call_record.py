"""A call is saved while it goes on, and the conversation never waits for the database."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from structlog.testing import capture_logs

from callbot.converse.transcript import Turn
from callbot.store.attempt_rows import StaleToken
from callbot.talk.call_record import CallRecord
from callbot.understand.meaning import Category, Level, Signal

PAIN = (Signal(Category.MEDICAL, Level.EMERGENCY, "rule", "가슴이 아파", "가슴 통증", "morphology", "1", turn=0),)


class Ledger:
    """A database: slow, failing for a while, or both."""

    def __init__(self, *, failing: int = 0, error: type[Exception] = OSError, slow_s: float = 0.0) -> None:
        self.written: list[object] = []
        self._failing = failing
        self._error = error
        self._slow_s = slow_s
        self._lock = threading.Lock()

    def save(self, what: object) -> None:
        time.sleep(self._slow_s)
        with self._lock:
            self._failing -= 1
            if self._failing >= 0:
                raise self._error("가슴이 아파")  # an error may quote the person
            self.written.append(what)


def turn(index: int) -> Turn:
    """One of many."""
    return Turn(index, "person", f"말 {index}")


def record(turns: Ledger, pages: Ledger, say: Callable[[CallRecord], Awaitable[None]]) -> CallRecord:
    """A call's record with its writer running."""

    async def run() -> CallRecord:
        kept = CallRecord(turns.save, pages.save, retry_s=(0.01, 0.05, 0.2))
        writing = asyncio.create_task(kept.run())
        await say(kept)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        return kept

    return asyncio.run(run())


def test_in_order() -> None:
    """Turns are written in the order they happened, a corrected one after its first version."""
    ledger = Ledger(slow_s=0.002)

    async def say(kept: CallRecord) -> None:
        for index in (0, 1, 2, 1, 3):
            kept.turn(turn(index))
        await kept.drain()

    kept = record(ledger, Ledger(), say)
    assert ledger.written == [turn(index) for index in (0, 1, 2, 1, 3)]
    assert kept.unsaved == 0


def test_nobody_waits() -> None:
    """A database that takes a tenth of a second a write holds up nothing."""
    turns = Ledger(slow_s=0.1)

    async def say(kept: CallRecord) -> None:
        began = time.monotonic()
        for index in range(5):
            kept.turn(turn(index))
        kept.page(PAIN)
        assert time.monotonic() - began < 0.02
        await kept.drain()

    record(turns, Ledger(), say)
    assert len(turns.written) == 5


def test_a_page_waits_for_no_turn() -> None:
    """While turns cannot be written at all, a page is committed at once."""
    turns, pages = Ledger(failing=1000), Ledger()

    async def say(kept: CallRecord) -> None:
        for index in range(5):
            kept.turn(turn(index))
        await asyncio.sleep(0.03)
        kept.page(PAIN)
        began = time.monotonic()
        while not pages.written:  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.001)
        assert time.monotonic() - began < 0.1

    record(turns, pages, say)
    assert pages.written == [PAIN]
    assert turns.written == []


def test_a_database_that_comes_back() -> None:
    """What failed is tried again, in order, until it is written; the log holds no word of the call."""
    turns, pages = Ledger(failing=2), Ledger(failing=3)

    async def say(kept: CallRecord) -> None:
        kept.turn(turn(0))
        kept.turn(turn(1))
        kept.page(PAIN)
        await kept.drain()

    with capture_logs() as logs:
        kept = record(turns, pages, say)
    assert turns.written == [turn(0), turn(1)]
    assert pages.written == [PAIN]
    assert kept.unsaved == 0
    assert len(logs) == 5
    assert "가슴" not in str(logs)


def test_a_database_that_stays_away() -> None:
    """Given up after the last try and counted; what follows is still written."""
    turns = Ledger(failing=4)

    async def say(kept: CallRecord) -> None:
        kept.turn(turn(0))
        kept.turn(turn(1))
        await kept.drain()

    kept = record(turns, Ledger(), say)
    assert kept.unsaved == 1
    assert turns.written == [turn(1)]


def test_an_attempt_that_was_taken_over() -> None:
    """Somebody else holds the attempt now: no retry."""
    turns = Ledger(failing=1, error=StaleToken)

    async def say(kept: CallRecord) -> None:
        began = time.monotonic()
        kept.turn(turn(0))
        await kept.drain()
        assert time.monotonic() - began < 0.1

    assert record(turns, Ledger(), say).unsaved == 1


def test_draining_ends() -> None:
    """A database that hangs does not hold the end of a call for ever; it is said how much was left."""
    turns = Ledger(slow_s=0.5)

    async def say(kept: CallRecord) -> None:
        kept.turn(turn(0))
        kept.turn(turn(1))
        began = time.monotonic()
        await kept.drain(at_most_s=0.1)
        assert time.monotonic() - began < 0.3

    with capture_logs() as logs:
        record(turns, Ledger(), say)
    assert logs[0]["event"] == "call_record_not_drained"
    assert logs[0]["turns"] == 2


def test_shown_at_once() -> None:
    """A terminal sees turns and pages as they happen, before they are written."""
    seen: list[object] = []

    async def run() -> None:
        kept = CallRecord(lambda _: None, lambda _: None, seen.append)
        kept.turn(turn(0))
        kept.page(PAIN)
        assert seen == [turn(0), PAIN]

    asyncio.run(run())
