"""The outbox under faults from a seed: real servers, real sockets, senders that die. The 10,000 are in tests/prove."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from outbox_world import Clock, faults_by_seed, fill, judge, run_until_done, states, two_providers

from callbot.escalate.policy import Severity
from callbot.simulate.sms_server import SmsServer
from callbot.store.database import Store


@pytest.fixture
def servers() -> Iterator[tuple[SmsServer, SmsServer]]:
    first, second = SmsServer().start(), SmsServer().start()
    yield first, second
    first.stop()
    second.stop()


def abandon_at(moments: list[float]) -> Callable[[], bool]:
    """True once, when the next of these moments has passed."""
    began = time.monotonic()

    def due() -> bool:
        if moments and time.monotonic() - began > moments[0]:
            moments.pop(0)
            return True
        return False

    return due


# A killed sender leaves coroutines behind, as a killed process would leave memory.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("seed", [1])
def test_nothing_lost_nothing_doubled(sqlite_store: Store, servers: tuple[SmsServer, SmsServer], seed: int) -> None:
    """150 pages through 500s after accepting, cut connections, garbage, reports that come thrice or first, a provider that is
    down for a while, and a sender that dies four times in the middle: each accepted, by no provider twice."""
    first, second = servers
    fill(sqlite_store, 140)
    fill(sqlite_store, 10, Severity.CRITICAL)
    first.faults = faults_by_seed(seed, slow_s=3.0)
    clock, dice = Clock(speed=20.0), random.Random(seed)

    def hooks_at(port: int) -> None:
        first.hook_url = f"http://127.0.0.1:{port}/hooks/solapi"
        second.hook_url = f"http://127.0.0.1:{port}/hooks/second"

    def outage() -> None:
        time.sleep(0.5)
        first.stop()
        time.sleep(1.0)
        first.start()

    outage_thread = threading.Thread(target=outage)
    outage_thread.start()
    stop = abandon_at(sorted(dice.uniform(0.2, 2.5) for _ in range(4)))
    for _ in range(20):
        providers = two_providers(first, second, timeout_s=1.5)
        if asyncio.run(run_until_done(sqlite_store, providers, clock, hooks_at=hooks_at, stop=stop)):
            break
    outage_thread.join()
    verdict = judge(sqlite_store, first, second)
    assert (verdict.pages, verdict.lost, verdict.twice_at_one, verdict.unforced) == (151, [], [], [])
    assert set(states(sqlite_store)) <= {"sent", "delivered"}
    assert first.refused == second.refused == []
