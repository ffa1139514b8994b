"""An outbox full of pages, providers that misbehave by a seed, and senders that die: for the proofs of the outbox."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ledger_fixtures import TUESDAY, Town, build_town
from sqlalchemy import func, select

from callbot.adapters.solapi import Solapi
from callbot.escalate.case import CaseKind
from callbot.escalate.delivery import PATIENCE
from callbot.escalate.page import PageText
from callbot.escalate.page_state import PageState
from callbot.escalate.policy import Severity
from callbot.hooks import HooksServer
from callbot.people.team import Role
from callbot.sending import Outbox
from callbot.simulate.sms_server import API_KEY, API_SECRET, HOOK_SECRET, SENDER, Accepted, Fault, SmsServer
from callbot.store.database import Store
from callbot.store.page_rows import insert_page
from callbot.store.policy_rows import add_worker
from callbot.store.tables import pages, workers
from callbot.store.tables_sending import hand_overs
from callbot.understand.meaning import Level
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording

WORKERS = 60
OPEN = (PageState.PENDING, PageState.CLAIMED, PageState.UNKNOWN)


def fill(
    store: Store, number: int, severity: Severity = Severity.ROUTINE, prefix: str = "x", people: Town | None = None
) -> int:
    """So many pages about one case, on top of what is there. Id of the case."""
    with store.read() as connection:
        case_id = connection.scalar(select(func.min(pages.c.case_id)))
    if case_id is None:
        town = people or build_town(store)
        matter = Matter(town.person_ids[0], CaseKind.DISTRESS, Level.HIGH, Wording("통증"), "까닭", cause="world")
        case_id = open_case(store, matter, TUESDAY).case_id
        with store.write() as connection:
            for index in range(WORKERS):
                add_worker(
                    connection, store.keys, name=f"담당{index}", role=Role.CASEWORKER, phone=f"+8210000091{index:02}"
                )
    with store.read() as connection:
        team = list(connection.scalars(select(workers.c.id).order_by(workers.c.id)))
    for begin in range(0, number, 500):
        with store.write() as connection:
            for index in range(begin, min(begin + 500, number)):
                row = {
                    "case_id": case_id, "worker_id": team[index % len(team)], "step": 0, "template": "routine", "channel": "sms",
                    "severity": severity, "created_at": TUESDAY, "dedup_key": f"{prefix}/{severity}/{index}",
                }  # fmt: skip
                insert_page(connection, row, PageText(f"[동구]확인 김O자(82) 번호{index}", 30))
    return case_id


@dataclass
class Clock:
    """Ledger time that runs faster than the wall: a minute of patience in seconds."""

    speed: float = 1.0
    start: float = field(default_factory=time.time)

    def __call__(self) -> datetime:
        return TUESDAY + timedelta(seconds=(time.time() - self.start) * self.speed)


def faults_by_seed(seed: int, *, slow_s: float) -> Callable[[str], Fault]:
    """What a provider does to a page is decided by the seed and the page; a second hand-over is treated kindly."""

    def fault(reference: str) -> Fault:
        page, number = reference.split("-")[:2]
        if number != "1":
            return Fault()
        roll = random.Random(f"{seed}/{page}").random()
        for share, kind in (
            (0.05, Fault(status=500)),
            (0.03, Fault(status=500, accept=False)),
            (0.03, Fault(status=0)),
            (0.02, Fault(wait_s=slow_s)),
            (0.03, Fault(garbage=True)),
            (0.02, Fault(accept=False, status=429)),
            (0.10, Fault(receipts=3)),
            (0.10, Fault(receipt_first=True)),
            (0.02, Fault(delivered=False)),
        ):
            if roll < share:
                return kind
            roll -= share
        return Fault()

    return fault


def two_providers(first: SmsServer, second: SmsServer, *, timeout_s: float) -> list[Solapi]:
    """The same adapter twice, under two names."""
    made = [
        Solapi(API_KEY, API_SECRET, SENDER, base_url=server.url, webhook_secret=HOOK_SECRET, timeout_s=timeout_s)
        for server in (first, second)
    ]
    made[1].name = "second"
    return made


async def run_until_done(
    store: Store,
    providers: list[Solapi],
    now: Callable[[], datetime],
    *,
    hook_port: int = 0,
    hooks_at: Callable[[int], None] = lambda _port: None,
    stop: Callable[[], bool] = lambda: False,
    longest_s: float = 240.0,
) -> bool:
    """An outbox at work until nothing is pending, claimed or in doubt (True), or `stop` says so: it is then abandoned as
    a killed process leaves it, in the middle of whatever it was doing (False)."""
    outbox = Outbox(store, providers, now, owner=f"world-{random.getrandbits(32):08x}")
    hooks = HooksServer(outbox)
    await hooks.start("127.0.0.1", hook_port)
    hooks_at(hooks.port)
    ended, done = time.monotonic() + longest_s, False
    duties = (outbox.send_critical, outbox.send_others, outbox.clear_doubts, outbox.follow_up)
    ticks = [asyncio.create_task(_again_and_again(duty)) for duty in duties]
    try:
        while not done and not stop():
            assert time.monotonic() < ended, f"not finished after {longest_s} s: {states(store)}"
            for tick in ticks:
                if tick.done():
                    tick.result()  # a database that went away ends this sender
            await asyncio.sleep(0.1)
            done = (
                not outbox.critical.tasks and not outbox.others.tasks and not sum(map(states(store).get, OPEN, [0] * 3))
            )
        return done
    finally:
        for tick in ticks:
            tick.cancel()
        if not done:
            for task in (*outbox.critical.tasks, *outbox.others.tasks):
                task.cancel()
        await hooks.stop()
        await asyncio.gather(*ticks, return_exceptions=True)
        await outbox.close()


async def _again_and_again(duty: Callable[[], Awaitable[object]]) -> None:
    """Each a worker of its own, as in the service."""
    while True:
        await duty()
        await asyncio.sleep(0.05)


def states(store: Store) -> Counter[str]:
    """How many pages are in which state."""
    with store.read() as connection:
        rows = connection.execute(select(pages.c.state, func.count()).group_by(pages.c.state))
        return Counter({row[0]: row[1] for row in rows})


def _forces(one: Any, following: Any) -> bool:
    """Whether this hand-over gave reason for the next: in doubt, reported as failed, or without a receipt for a minute."""
    in_doubt = one.state in {PageState.UNKNOWN, PageState.FAILED} or one.asked > 0
    return in_doubt or following.handed_at - (one.answered_at or one.handed_at) >= PATIENCE


@dataclass(frozen=True)
class Verdict:
    """What became of everything."""

    pages: int
    lost: list[str]
    """Never accepted by anybody."""
    twice_at_one: list[str]
    """Accepted twice by the same provider: must never be."""
    at_both: list[str]
    """Accepted by both: allowed only where the first left us in doubt, or reported that it could not deliver."""
    unforced: list[str]
    handed: Counter[str]


def judge(store: Store, *servers: SmsServer) -> Verdict:
    """Compare what the servers accepted with what the ledger had to say."""
    with store.read() as connection:
        ids = list(connection.scalars(select(pages.c.id)))
        rows = connection.execute(select(hand_overs).order_by(hand_overs.c.id)).all()
    taken: list[dict[str, list[Accepted]]] = [server.taken() for server in servers]
    names = [f"p{page_id}" for page_id in ids]
    everywhere = {name: [len(by.get(name, [])) for by in taken] for name in names}
    by_page: dict[str, list[Any]] = {}
    for row in rows:
        by_page.setdefault(f"p{row.page_id}", []).append(row)
    forced = {name for name, overs in by_page.items() if any(map(_forces, overs, overs[1:]))}
    both = [name for name, counts in everywhere.items() if sum(map(bool, counts)) > 1]
    return Verdict(
        pages=len(ids),
        lost=[name for name, counts in everywhere.items() if not any(counts)],
        twice_at_one=[name for name, counts in everywhere.items() if max(counts) > 1],
        at_both=both,
        unforced=[name for name in both if name not in forced],
        handed=Counter(f"{row.provider}/{row.state}" for row in rows),
    )
