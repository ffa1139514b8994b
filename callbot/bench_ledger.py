"""`callbot bench ledger`: planning, an idle tick, claiming and memory, on a ledger of a metropolis."""

import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from callbot.adapters.korean_holidays import korean_holidays
from callbot.bench_report import percentile
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.enrolment import Enrolment
from callbot.people.team import Role
from callbot.schedule.window import SEOUL
from callbot.simulate.weeks.weeks import memory_mb
from callbot.store.attempt_rows import leases
from callbot.store.database import Store
from callbot.store.enrolment_rows import NewPerson, insert_people
from callbot.store.invariants import violations
from callbot.store.migrate import migrate
from callbot.store.next_moments import next_moments
from callbot.store.policy_rows import add_programme, add_worker
from callbot.store.tables import due_contacts, persons
from callbot.workflows.finish_call import finish_attempt
from callbot.workflows.handle_case import climb
from callbot.workflows.import_people import consents_on_the_form
from callbot.workflows.place_due import ClaimedAttempt, DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.recover import expire_due, recover
from callbot.workflows.send_pages import DIRECT, questions, take_work

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=SEOUL)
BATCH = 5000
IDLE_TICKS = 100
CLAIMS = 2000
OWNER = "bench"
Tell = Callable[[str], None]


class NotEmpty(ValueError):
    """The database named is not empty: a bench writes invented people."""


def measure(people: int, due: int, database: str = "", tell: Tell = lambda _: None) -> dict[str, Any]:
    """On the database named (empty), or on an SQLite file that is thrown away. Disk syncs are as in the service.

    `due`: so many due contacts go the whole way (claim, dial, no answer, retry or case) while memory is watched.
    """
    folder = Path(tempfile.mkdtemp(prefix="callbot-bench-"))
    store = migrate(database or f"sqlite:///{folder}/callbot.db", folder / "keys.json", datetime.now(UTC)).store
    try:
        with store.read() as connection:
            if connection.scalar(select(func.count()).select_from(persons)):
                raise NotEmpty("이 데이터베이스에는 이미 사람이 있습니다. 비어 있는 데이터베이스를 지정해 주세요.")
        return {"people": people, "database": store.engine.dialect.name, **_figures(store, people, due, tell)}
    finally:
        store.close()
        shutil.rmtree(folder, ignore_errors=True)


def _figures(store: Store, people: int, due: int, tell: Tell) -> dict[str, Any]:
    tell(f"{people} people")
    enrolling, _, _ = _timed(lambda: _enrol(store, people))
    tell("planning")
    holidays = korean_holidays({2025, 2026, 2027})
    planning, planning_cpu, planned = _timed(lambda: plan_week(store, MONDAY, holidays).new)
    again, _, _ = _timed(lambda: plan_week(store, MONDAY, holidays).new)
    tell("idle ticks")
    night = MONDAY + timedelta(hours=3)
    ticks = [_timed(lambda: _tick(store, night)) for _ in range(IDLE_TICKS)]
    idle = [1000 * seconds for seconds, _, _ in ticks]
    tell("claims")
    claiming, claiming_cpu, claimed = _timed(
        lambda: place_due(store, MONDAY + timedelta(hours=12), CLAIMS, OWNER, trunk=True)
    )
    tell("memory")
    with store.read() as connection:
        looking, _, broken = _timed(lambda: violations(connection, night, night - timedelta(days=9)))
    return {
        "enrolling_s": round(enrolling, 1),
        "planning": {
            "due": planned,
            "seconds": round(planning, 1),
            "cpu_s": round(planning_cpu, 1),
            "again_s": round(again, 1),
        },
        "idle_tick": {
            "n": len(idle),
            "p50_ms": round(percentile(idle, 50), 2),
            "p95_ms": round(percentile(idle, 95), 2),
            "max_ms": round(max(idle), 2),
            "cpu_ms": round(1000 * sum(cpu for _, cpu, _ in ticks) / len(ticks), 2),
        },
        "claiming": {
            "n": len(claimed),
            "per_s": round(len(claimed) / claiming, 1),
            "per_cpu_s": round(len(claimed) / claiming_cpu, 1),
        },
        "invariants_s": round(looking, 2),
        "violations": len(broken),
        "whole_way": _whole_way(store, claimed, due, tell),
    }


def _enrol(store: Store, people: int) -> None:
    with store.write() as connection:
        programme = add_programme(connection, "안부전화", "광주광역시 동구청", "062-000-0000")
        for number, role in enumerate((Role.CASEWORKER, Role.LEAD, Role.DUTY)):
            add_worker(
                connection,
                store.keys,
                name=f"{role}",
                role=role,
                phone=f"+8210{98000000 + number}",
                programme_id=programme,
            )
    for first in range(0, people, BATCH):
        # Nobody is known in an empty ledger: `import_people` would look everybody up one by one first.
        new = [NewPerson(_somebody(number), 1) for number in range(first, min(first + BATCH, people))]
        with store.write() as connection:
            insert_people(
                connection,
                store.keys,
                new,
                programme_id=programme,
                consents_given=consents_on_the_form,
                now=MONDAY,
                by="bench",
            )


def _somebody(number: int) -> Enrolment:
    return Enrolment(
        name=f"모의{number % 97}",
        numbers=(f"+8210{20000000 + number}",),
        reference=f"bench-{number}",
        birth_year=1940 + number % 30,
        weekdays=(number % 5 + 1,),
        preferred_time=f"{9 + number % 8:02}:{number % 60:02}",
        consent=True,
        worker=str(Role.CASEWORKER),
    )


def _tick(store: Store, now: datetime) -> None:
    """Everything that a service asks the ledger every second or so, with nothing to do."""
    next_moments(store)
    place_due(store, now, 10, OWNER, trunk=True)
    expire_due(store, now)
    with store.read() as connection:
        held = leases(connection)
    recover(store, now, frozenset(), unrenewed=held)
    climb(store, now)
    take_work(store, DIRECT, now)
    questions(store, now)


def _whole_way(store: Store, claimed: list[ClaimedAttempt], due: int, tell: Tell) -> dict[str, Any]:
    """Claim, dial, no answer, the ladder to its end and its case, for so many due contacts; memory at a tenth, half, all."""
    now, memory, began, attempts = MONDAY + timedelta(hours=12), {}, time.monotonic(), 0
    cpu = time.process_time()
    marks = [(due * part // 10, part) for part in (1, 5, 10)]
    ended = 0
    while ended < due:
        for one in claimed:
            order = start_dialling(store, one, now, trunk=True)
            attempts += 1
            if isinstance(order, DialOrder):
                finish_attempt(store, order.attempt_id, order.token, AttemptEnd.NO_ANSWER, now + timedelta(seconds=30))
        now = _next_moment(store, now)
        claimed = place_due(store, now, CLAIMS, OWNER, trunk=True)
        ended = _ended(store)
        while marks and ended >= marks[0][0]:
            memory[str(ended)] = memory_mb()
            marks.pop(0)
        if not claimed:
            now += timedelta(hours=1)
            expire_due(store, now)
            plan_week(store, now)
        tell(f"{ended} of {due} due contacts")
    seconds = time.monotonic() - began
    return {
        "due": ended,
        "attempts": attempts,
        "seconds": round(seconds, 1),
        "attempts_per_s": round(attempts / seconds, 1),
        "attempts_per_cpu_s": round(attempts / (time.process_time() - cpu), 1),
        "memory_mb": memory,
    }


def _next_moment(store: Store, now: datetime) -> datetime:
    moment = next_moments(store).place
    return max(now, moment) if moment is not None else now + timedelta(hours=1)


def _ended(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).where(due_contacts.c.ended_at.is_not(None))) or 0


def _timed(job: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock, seconds of this process's CPU, result."""
    began, cpu = time.perf_counter(), time.process_time()
    result = job()
    return time.perf_counter() - began, time.process_time() - cpu, result
