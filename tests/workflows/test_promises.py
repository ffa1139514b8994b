"""Whatever happens, in whatever order, and wherever the process is killed: nobody is lost and nobody is rung twice."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ledger_fixtures import TUESDAY, build_town, emptied, fresh_sqlite

from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.converse.transcript import Turn
from callbot.dial.attempt_end import AttemptEnd
from callbot.escalate.case import CaseOutcome, CaseState
from callbot.people.hold import HoldReason
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.store.attempt_rows import StaleToken
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.tables import attempts, cases, due_contacts
from callbot.understand.meaning import Category, Level, Reported, Signal
from callbot.workflows.answer_call import note_answered, note_ringing, record_turn
from callbot.workflows.finish_call import finish_attempt, finish_call
from callbot.workflows.handle_case import acknowledge, climb, close_case
from callbot.workflows.hold_person import hold_person, lift_hold, withdraw_consent
from callbot.workflows.place_due import DialOrder, place_due, start_dialling
from callbot.workflows.plan_week import plan_week
from callbot.workflows.raise_signals import raise_signals
from callbot.workflows.recover import expire_due, recover

PEOPLE = 3
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""No shrinking: on a busy machine it takes minutes; the failing day is printed, and `make prove` shrinks."""
END_OF_DAY = TUESDAY + timedelta(hours=8, minutes=30)


class Killed(BaseException):
    """kill -9: not an Exception, so nothing may handle it."""


class Process:
    """One owner's memory, lost when it is killed. Remembers outside itself what a telephone network would know."""

    def __init__(self, store: Store, person_ids: tuple[int, ...]) -> None:
        self.store, self.person_ids = store, person_ids
        self.now = TUESDAY
        self.rung: list[str] = []
        """Keys in the order of Originate: the network's own record."""
        self.orders: list[DialOrder] = []
        self.calls: dict[int, int] = {}
        self.fuse: int | None = None
        """Statements until the kill; None: it lives."""
        sa.event.listen(store.engine, "before_cursor_execute", self._count)

    def _count(self, *_: Any) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.fuse = None
                raise Killed

    def close(self) -> None:
        sa.event.remove(self.store.engine, "before_cursor_execute", self._count)

    def act(self, what: str, pick: int, minutes: int, fuse: int | None) -> None:
        self.now += timedelta(minutes=minutes)
        self.fuse = fuse
        try:
            with suppress(StaleToken, ImpossibleTransition, LookupError):
                ACTS[what](self, pick)
        except Killed:
            self.orders, self.calls = [], {}
        self.fuse = None

    def order(self, pick: int) -> DialOrder:
        if not self.orders:
            raise LookupError
        return self.orders[pick % len(self.orders)]

    def drop(self, order: DialOrder) -> None:
        self.orders.remove(order)


def _dial(it: Process, pick: int) -> None:
    for claimed in place_due(it.store, it.now, 1 + pick % 2, "one"):
        order = start_dialling(it.store, claimed, it.now)
        if isinstance(order, DialOrder):
            it.rung.append(order.key)  # Originate
            it.orders.append(order)


def _answer(it: Process, pick: int) -> None:
    order = it.order(pick)
    note_ringing(it.store, order.attempt_id, order.token, it.now)
    it.calls[order.attempt_id] = note_answered(it.store, order.attempt_id, order.token, it.now)


def _talk(it: Process, pick: int) -> None:
    order = it.order(pick)
    turn = Turn(pick % 4, "person", "네" if pick % 3 else "", rejected=None if pick % 3 else "no_speech")
    record_turn(it.store, it.calls[order.attempt_id], order.token, turn, it.now)


def _alarm(it: Process, pick: int) -> None:
    order = it.order(pick)
    level = [Level.WATCH, Level.HIGH, Level.EMERGENCY][pick % 3]
    category = list(Category)[pick % 4]
    found = Signal(
        category, level, f"{category}.x", "말", "까닭", "morphology", "1", turn=pick % 3, unconfirmed=pick % 2 == 0
    )
    raise_signals(it.store, it.calls[order.attempt_id], [found], it.now)


def _finish(it: Process, pick: int) -> None:
    order = it.order(pick)
    result = list(ContactResult)[pick % len(ContactResult)]
    outcome = Outcome(list(WhoAnswered)[pick % 3], result, reported=Reported.MOVED if pick % 2 else None)
    finish_call(it.store, order.attempt_id, order.token, outcome, it.now)
    it.drop(order)


def _fail(it: Process, pick: int) -> None:
    order = it.order(pick)
    finish_attempt(it.store, order.attempt_id, order.token, list(AttemptEnd)[pick % len(AttemptEnd)], it.now)
    it.drop(order)


def _handle(it: Process, pick: int) -> None:
    with it.store.read() as connection:
        found = connection.scalars(sa.select(cases.c.id).where(cases.c.state != CaseState.CLOSED)).all()
    if found and pick % 2:
        acknowledge(it.store, found[pick % len(found)], None, it.now)
    elif found:
        close_case(it.store, found[pick % len(found)], CaseOutcome.VISITED, "다녀옴", it.now)


ACTS: dict[str, Callable[[Process, int], object]] = {
    "dial": _dial,
    "answer": _answer,
    "talk": _talk,
    "alarm": _alarm,
    "finish": _finish,
    "fail": _fail,
    "handle": _handle,
    "plan": lambda it, _: plan_week(it.store, it.now),
    "climb": lambda it, _: climb(it.store, it.now),
    "hold": lambda it, pick: hold_person(it.store, it.person_ids[pick % PEOPLE], HoldReason.TRAVEL, it.now),
    "lift": lambda it, pick: lift_hold(it.store, it.person_ids[pick % PEOPLE], it.now),
    "withdraw": lambda it, pick: withdraw_consent(it.store, it.person_ids[pick % PEOPLE], it.now),
    "recover": lambda it, _: recover(it.store, it.now, frozenset(order.key for order in it.orders), "one"),
    "expire": lambda it, _: expire_due(it.store, it.now),
}

USUAL = ["dial", "dial", "dial", "answer", "answer", "talk", "talk", "alarm", "finish", "finish", "fail", "recover"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(USUAL + sorted(ACTS)),
        st.integers(0, 60),
        st.integers(0, 45),
        st.one_of(st.none(), st.integers(0, 25)),
    ),
    min_size=5,
    max_size=30,
)


def run_day(store: Store, steps: list[tuple[str, int, int, int | None]]) -> None:
    """A day of these steps, then what a restart and the evening's ticks do; then every promise must hold."""
    process = Process(store, build_town(store, PEOPLE).person_ids)
    try:
        plan_week(store, TUESDAY)
        for step in steps:
            process.act(*step)
        check(store, process.now, process, strict=False)
        evening = max(END_OF_DAY, process.now + timedelta(minutes=10))
        recover(store, evening, frozenset(), "one")
        expire_due(store, evening)
        check(store, evening, process)
        with store.read() as connection:
            of_today = sa.select(due_contacts.c.state).where(due_contacts.c.planned_at <= evening)
            states = connection.scalars(of_today).all()
        # More than one each where a hold was lifted on the same day: the contact that it ended is planned anew.
        assert len(states) >= PEOPLE
        assert set(states) == {"ended"}
    finally:
        process.close()


def check(store: Store, now: datetime, process: Process, *, strict: bool = True) -> None:
    """No broken promise, and the network rang every key at most once and never without the ledger knowing."""
    with store.read() as connection:
        # Only ticks that have run can be held to their time: the evening's look is the strict one.
        late = set() if strict else {"no_attempt_hangs", "every_due_contact_ends_in_time"}
        broken = [each for each in violations(connection, now) if each.name not in late]
        dialled = set(connection.scalars(sa.select(attempts.c.key).where(attempts.c.dialling_at.is_not(None))))
    assert broken == []
    assert len(process.rung) == len(set(process.rung))
    assert set(process.rung) <= dialled


@settings(max_examples=25, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_sqlite_keeps_every_promise(sqlite_template: Path, steps: list[tuple[str, int, int, int | None]]) -> None:
    """Random days on SQLite, killed between any two statements."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-promises-"))
    store = fresh_sqlite(sqlite_template, directory)
    try:
        run_day(store, steps)
    finally:
        store.close()
        shutil.rmtree(directory)


@settings(max_examples=15, deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_postgresql_keeps_every_promise(postgres_store: Store, steps: list[tuple[str, int, int, int | None]]) -> None:
    """The same on PostgreSQL."""
    run_day(emptied(postgres_store), steps)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_a_thousand_days(sqlite_template: Path, steps: list[tuple[str, int, int, int | None]]) -> None:
    """The long proof."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-promises-"))
    store = fresh_sqlite(sqlite_template, directory)
    try:
        run_day(store, steps)
    finally:
        store.close()
        shutil.rmtree(directory)
