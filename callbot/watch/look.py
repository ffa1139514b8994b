"""One look at the ledger, read-only but for the watch's own heartbeat and alarms."""

import time
from datetime import datetime

from callbot.dial.breaker import BreakerState
from callbot.schedule.due_contact import Disposition, DueState
from callbot.store.database import Store
from callbot.store.health_rows import beats, clear_fact, facts, raise_fact, write_beat
from callbot.store.invariants import violations
from callbot.store.trunk_rows import breakers
from callbot.store.watch_rows import (
    UnheardRow,
    dialling_now,
    logins_for_the_list,
    outbox_now,
    unheard_today,
    whom_to_page,
)
from callbot.watch.alarms import PAGES_OF_WATCH, Alarm
from callbot.watch.missing import NotCalled, worst_first
from callbot.watch.sealed_copy import ListReader, Today
from callbot.watch.sights import Sights, Trunk

INVARIANTS_EVERY_S = 60.0
NAME = "watch"


class Looker:
    """Asks the database everything, in one read transaction a round."""

    def __init__(self, store: Store, watching_since: datetime, district: str, clock_offset_s: float, pid: int) -> None:
        self._store = store
        self._watching_since = watching_since
        self._district = district
        self._offset_s = clock_offset_s
        self._pid = pid
        self._violations: tuple[tuple[str, int], ...] = ()
        self._checked_at: float | None = None

    def look(self, now: datetime) -> tuple[Sights, Today]:
        """What is seen, and the copy to keep. Raises SQLAlchemy's errors where the database does not answer."""
        with self._store.read() as connection:
            sights = Sights(
                now=now,
                watching_since=self._watching_since,
                heartbeats=beats(connection),
                facts=tuple((fact.name, fact.since, fact.detail) for fact in facts(connection)),
                dialling=dialling_now(connection, now),
                queue=outbox_now(connection, now),
                trunks=tuple(
                    Trunk(name, str(breaker.state), breaker.since)
                    for name, breaker in breakers(connection).items()
                    if breaker.state is not BreakerState.CLOSED
                ),
                violations=self._broken(now),
            )
            today = Today(
                made_at=now,
                people=worst_first(not_called(row) for row in unheard_today(connection, now)),
                numbers=tuple(one.e164 for one in whom_to_page(connection)),
                readers=tuple(
                    ListReader(one.login, one.password_hash, one.programme_id)
                    for one in logins_for_the_list(connection)
                ),
                district=self._district,
                clock_offset_s=self._offset_s,
            )
        return sights, today

    def _broken(self, now: datetime) -> tuple[tuple[str, int], ...]:
        """Every promise of the ledger, once a minute: it costs more than the rest."""
        at = time.monotonic()
        if self._checked_at is None or at - self._checked_at >= INVARIANTS_EVERY_S:
            with self._store.read() as connection:
                found = [broken.name for broken in violations(connection, now)]
            self._violations = tuple((name, found.count(name)) for name in sorted(set(found)))
            self._checked_at = at
        return self._violations

    def report(self, alarms: tuple[Alarm, ...], now: datetime) -> None:
        """Alive, and what is wrong: the console shows both."""
        with self._store.write() as connection:
            write_beat(
                connection,
                NAME,
                pid=self._pid,
                started_at=self._watching_since,
                now=now,
                figures={"alarms": len(alarms)},
            )
            known = {fact.name for fact in facts(connection) if fact.name.startswith(PAGES_OF_WATCH)}
            present = {PAGES_OF_WATCH + alarm.name: alarm for alarm in alarms if not alarm.name.startswith("fact:")}
            for name in known - present.keys():
                clear_fact(connection, name)
            for name, alarm in present.items():
                raise_fact(connection, name, now, alarm.words)


WHY_ENDED = {
    Disposition.NOT_REACHED: "연결 안 됨",
    Disposition.FAILED_BY_US: "시스템 장애로 못 검",
    Disposition.CONTACTED_DEGRADED: "버튼으로만 확인",
}


def not_called(row: UnheardRow) -> NotCalled:
    """In words for whoever phones by hand."""
    if row.disposition is not None:
        why = WHY_ENDED.get(row.disposition, str(row.disposition))
    elif row.state is None:
        why = "오늘 일정 없음"
    elif row.calling:
        why = "전화하는 중"
    elif row.state is DueState.PLANNED and not row.tried:
        why = "아직 전화하지 않음"
    else:
        why = f"{row.tried}번 걸었으나 통화 못 함"
    return NotCalled(
        person_id=row.person_id,
        programme_id=row.programme_id,
        name=row.name,
        numbers=row.numbers,
        address=row.address,
        last_contact=row.last_contact,
        why=f"긴급·위험 신호 확인 전, {why}" if row.urgent else why,
        worker=row.worker,
        urgent=row.urgent,
    )
