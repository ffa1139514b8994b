"""Workers are woken by work and by the clock; a failing round is not the end of a duty."""

import asyncio
from collections.abc import Awaitable, Callable

from callbot.ticks import Ticks, Worker


def duty(log: list[str], name: str, fail: int = 0) -> Callable[[], Awaitable[object]]:
    """A job that writes its name, and fails in its first `fail` rounds."""
    rounds = iter(range(1000))

    async def job() -> None:
        log.append(name)
        if next(rounds) < fail:
            raise OSError("the database is away")

    return job


def test_everybody_looks_once_at_the_start_and_when_woken() -> None:
    """Work is found without waiting for the clock; who is not meant sleeps on."""

    async def main() -> list[str]:
        log: list[str] = []
        ticks = Ticks([Worker("place", 3600, duty(log, "place")), Worker("plan", 3600, duty(log, "plan"))])
        ticks.start()
        await asyncio.sleep(0.05)
        ticks.wake("place")
        await asyncio.sleep(0.05)
        await ticks.stop()
        ticks.wake("place")
        await asyncio.sleep(0.05)
        return log

    assert asyncio.run(main()) == ["place", "plan", "place"]


def test_the_clock_is_the_backstop() -> None:
    """Nobody wakes it, and it looks all the same."""

    async def main() -> int:
        log: list[str] = []
        ticks = Ticks([Worker("pages", 0.1, duty(log, "pages"))])
        ticks.start()
        await asyncio.sleep(0.55)
        await ticks.stop()
        return len(log)

    assert asyncio.run(main()) >= 3


def test_a_failing_round_is_tried_again() -> None:
    """A database that is away for a moment ends no duty."""

    async def main() -> int:
        log: list[str] = []
        ticks = Ticks([Worker("expire", 0.05, duty(log, "expire", fail=2))])
        ticks.start()
        await asyncio.sleep(0.5)
        await ticks.stop()
        return len(log)

    assert asyncio.run(main()) > 3
