"""10,000 pages through faulty providers, kill -9 of the sender, and a database that crashes: none lost, none doubled."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from outbox_world import Clock, faults_by_seed, fill, judge, states

from callbot.escalate.policy import Severity
from callbot.simulate.sms_server import SmsServer
from callbot.store.database import Store

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]
SEED = int(os.environ.get("CALLBOT_PROVE_SEED", "20261125"))
PAGES = int(os.environ.get("CALLBOT_PROVE_PAGES", "10000"))
SPEED = 5.0
"""Ledger seconds a second: a lease of a minute takes twelve."""


@pytest.fixture
def servers() -> Iterator[tuple[SmsServer, SmsServer]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first = SmsServer(hook_url=f"http://127.0.0.1:{port}/hooks/solapi", faults=faults_by_seed(SEED, slow_s=5.0)).start()
    second = SmsServer(hook_url=f"http://127.0.0.1:{port}/hooks/second").start()
    yield first, second
    first.stop()
    second.stop()


def proved(
    store: Store, keys: Path, servers: tuple[SmsServer, SmsServer], number: int, disturb: Callable[[], None]
) -> dict[str, object]:
    """Kill the sender every few seconds until one of them has finished; disturb the database and the provider meanwhile."""
    first, second = servers
    fill(store, number - number // 100)
    fill(store, number // 100, Severity.CRITICAL)
    dice, clock = random.Random(SEED), Clock(SPEED)
    given = {
        "url": store.engine.url.render_as_string(hide_password=False), "keys": str(keys), "speed": str(SPEED),
        "start": str(clock.start), "servers": f"{first.url} {second.url}", "port": first.hook_url.split(":")[2].split("/")[0],
    }  # fmt: skip
    began, kills, code, crashes, over = time.monotonic(), 0, None, [0], threading.Event()

    def crash_again_and_again() -> None:
        while not over.wait(15.0):
            disturb()
            crashes[0] += 1

    crashing = threading.Thread(target=crash_again_and_again)
    crashing.start()
    while code != 0:
        script = Path(__file__).parents[1] / "outbox_process.py"
        sender = subprocess.Popen([sys.executable, str(script), json.dumps(given)], stdout=subprocess.DEVNULL)
        try:
            code = sender.wait(dice.uniform(12, 40))
        except subprocess.TimeoutExpired:
            sender.send_signal(signal.SIGKILL)
            code = sender.wait()
            kills += 1
        if kills % 4 == 1:
            first.stop()
            time.sleep(1.0)
            first.start()
        assert time.monotonic() - began < 3000, states(store)
    over.set()
    crashing.join()
    verdict = judge(store, first, second)
    figures = {
        "seed": SEED, "pages": verdict.pages, "kills": kills, "disturbed": crashes[0], "seconds": round(time.monotonic() - began),
        "accepted": len(first.accepted) + len(second.accepted), "lost": len(verdict.lost),
        "twice_at_one_provider": len(verdict.twice_at_one), "at_both_forced": len(verdict.at_both) - len(verdict.unforced),
        "at_both_unforced": len(verdict.unforced), "questions": first.asked + second.asked,
        "reports": first.reports_sent + second.reports_sent, "states": dict(states(store)), "handed": dict(verdict.handed),
    }  # fmt: skip
    print(json.dumps(figures))
    out = Path(os.environ.get("CALLBOT_PROVE_OUT", ".run/prove"))
    out.mkdir(parents=True, exist_ok=True)
    (out / f"outbox-{store.engine.dialect.name}.json").write_text(json.dumps(figures) + "\n")
    assert (verdict.lost, verdict.twice_at_one, verdict.unforced) == ([], [], [])
    assert set(states(store)) <= {"sent", "delivered"}
    assert first.refused == second.refused == []
    return figures


def test_ten_thousand_pages(sqlite_store: Store, tmp_path: Path, servers: tuple[SmsServer, SmsServer]) -> None:
    """On SQLite."""
    proved(sqlite_store, tmp_path / "ledger" / "keys.json", servers, PAGES, lambda: None)


def test_a_database_that_crashes(
    postgres_store: Store, tmp_path_factory: pytest.TempPathFactory, servers: tuple[SmsServer, SmsServer]
) -> None:
    """A tenth of them on PostgreSQL, whose backends are killed so that it recovers from its log, again and again."""
    from ledger_fixtures import emptied

    store = emptied(postgres_store)

    def crash() -> None:
        try:
            with store.engine.connect() as connection:
                pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
                os.kill(int(pid or 0), signal.SIGKILL)
        except sa.exc.DBAPIError:
            pass
        for _ in range(100):
            try:
                with store.engine.connect():
                    return
            except sa.exc.DBAPIError:
                time.sleep(0.2)

    [keys] = tmp_path_factory.getbasetemp().glob("pgkeys[0-9]*/keys.json")
    proved(store, keys, servers, max(PAGES // 10, 100), crash)
