"""The outbox part of `callbot bench page`: pages a second, and how long a critical page takes with 10,000 routine ones before it.

A ledger of its own on SQLite, synced to the disk at every commit as in service; the virtual SMS provider over real HTTP on loopback, in a
process of its own, answering after 30 ms.
"""

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from callbot.adapters.solapi import Solapi
from callbot.bench_report import spread
from callbot.escalate.case import CaseKind
from callbot.escalate.page import PageText
from callbot.escalate.page_state import PageState
from callbot.escalate.policy import Severity
from callbot.people.enrolment import Enrolment
from callbot.people.team import Role
from callbot.sending import Outbox
from callbot.simulate.sms_server import API_KEY, API_SECRET, SENDER, Fault, SmsServer
from callbot.store.database import Store
from callbot.store.migrate import migrate
from callbot.store.page_rows import insert_page
from callbot.store.policy_rows import add_programme, add_worker
from callbot.store.tables import pages
from callbot.understand.meaning import Level
from callbot.workflows.import_people import import_people
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording

ANSWER_S = 0.03
QUEUED, CRITICAL = 10_000, 30
DRAIN_S = 20.0
"""Not all of the queue is waited for: the rate is known long before."""
TUESDAY = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def measure(tell: Callable[[str], None], *, queued: int = QUEUED, critical: int = CRITICAL) -> dict[str, Any]:
    """Figures."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    url = ours.recv()
    try:
        with tempfile.TemporaryDirectory(prefix="callbot-bench-", dir="/tmp") as directory:
            store = migrate(f"sqlite:///{directory}/callbot.db", Path(directory) / "keys.json", TUESDAY).store
            try:
                tell(f"{queued} routine pages are written")
                fill(store, queued)
                return asyncio.run(_measure(store, url, ours, critical, tell))
            finally:
                store.close()
    finally:
        ours.send("stop")
        server.join(10)


def _serve(pipe: "Connection[Any, Any]") -> None:
    server = SmsServer(faults=lambda _reference: Fault(wait_s=ANSWER_S)).start()
    pipe.send(server.url)
    while (asked := pipe.recv()) != "stop":
        if asked == "taken":
            pipe.send([(one.reference, one.at) for one in server.accepted])
    server.stop()


def fill(store: Store, number: int) -> tuple[int, int]:
    """So many routine pages about one case; (case, worker)."""
    with store.write() as connection:
        programme = add_programme(connection, "측정", "광주광역시 동구청", "062-000-0000")
        worker = add_worker(
            connection, store.keys, name="한담당", role=Role.CASEWORKER, phone="+821000009001", programme_id=programme
        )
    people = [Enrolment(name="김순자", numbers=("+821000000001",), weekdays=(2,), consent=True, worker="한담당")]
    person = import_people(store, people, TUESDAY, programme).person_ids[0]
    matter = Matter(person, CaseKind.DISTRESS, Level.HIGH, Wording("통증"), "측정", cause="bench")
    case_id = open_case(store, matter, TUESDAY).case_id
    for begin in range(0, number, 1000):
        with store.write() as connection:
            for index in range(begin, min(begin + 1000, number)):
                write_page(store, connection, case_id, worker, Severity.ROUTINE, index)
    return case_id, worker


def write_page(store: Store, connection: Any, case_id: int, worker: int, severity: Severity, index: int) -> int:
    """Into the outbox."""
    del store
    row = {
        "case_id": case_id, "worker_id": worker, "step": 0, "template": "routine", "channel": "sms",
        "severity": severity, "created_at": TUESDAY, "dedup_key": f"bench/{severity}/{index}",
    }  # fmt: skip
    page_id = insert_page(connection, row, PageText(f"[동구안부]확인 김O자(82) 측정 {index}", 40))
    if page_id is None:
        raise RuntimeError("written before")
    return page_id


async def _measure(store: Store, url: str, pipe: Any, critical: int, tell: Callable[[str], None]) -> dict[str, Any]:
    began = time.time()
    provider = Solapi(API_KEY, API_SECRET, SENDER, base_url=url)
    provider.polled = False
    outbox = Outbox(store, [provider], lambda: TUESDAY + timedelta(seconds=time.time() - began))
    work = asyncio.create_task(_work(outbox))
    committed: dict[str, float] = {}
    left_before = await asyncio.to_thread(_left, store)
    for index in range(critical):
        await asyncio.sleep(0.4)
        page_id, at = await asyncio.to_thread(_write_critical, store, index)
        committed[f"p{page_id}"] = at
        await outbox.send_critical()  # as the service does: a commit wakes its worker
    left_after = await asyncio.to_thread(_left, store)
    tell(f"{critical} critical pages written, {left_after} routine pages still waiting")
    until = time.monotonic() + DRAIN_S
    while time.monotonic() < until and await asyncio.to_thread(_left, store) > 0:  # noqa: ASYNC110 - a database is asked
        await asyncio.sleep(0.5)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await outbox.close()
    pipe.send("taken")
    taken: list[tuple[str, float]] = pipe.recv()
    moments: list[float] = [moment for _, moment in taken]
    waits = [moment - committed[name] for reference, moment in taken if (name := reference.split("-")[0]) in committed]
    return {
        "queued": {"before": left_before, "when_the_last_critical_came": left_after},
        "critical_from_commit": spread([round(wait, 3) for wait in waits]),
        "pages": len(taken),
        "pages_per_s": round((len(taken) - 1) / (max(moments) - min(moments)), 1),
        "twice": len(taken) - len({reference.split("-")[0] for reference, _ in taken}),
    }


async def _work(outbox: Outbox) -> None:
    while True:
        await outbox.send_others()
        await asyncio.sleep(0.05)


def _write_critical(store: Store, index: int) -> tuple[int, float]:
    with store.write() as connection:
        case_id, worker = connection.execute(select(pages.c.case_id, pages.c.worker_id).limit(1)).one()
        page_id = write_page(store, connection, case_id, worker, Severity.CRITICAL, index)
    return page_id, time.time()


def _left(store: Store) -> int:
    with store.read() as connection:
        return (
            connection.scalar(select(func.count()).where(pages.c.state.in_([PageState.PENDING, PageState.CLAIMED])))
            or 0
        )
