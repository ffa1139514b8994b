"""Who is rung into a crisis call, what they hear, and what the case's history says of it."""

from datetime import timedelta

import pytest
from ledger_calls import dial, signal
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import select, update

from callbot.escalate.roster import Shift, ShiftKind
from callbot.people.team import Role
from callbot.store.policy_rows import add_worker
from callbot.store.roster_rows import add_shift
from callbot.store.tables import case_events, cases, programmes
from callbot.store.tables_escalate import case_workers
from callbot.understand.meaning import Category, Level
from callbot.workflows.bring_in import (
    DECLINED,
    JOINED,
    NOBODY,
    PERSON_GONE,
    RUNG,
    SPOKE,
    Summons,
    note_transfer,
    whom_to_ring,
)
from callbot.workflows.raise_signals import raise_signals


def in_crisis(town: Town) -> int:
    """A call in which somebody has just said something grave."""
    call_id = dial(town).answer(TUESDAY).call_id
    raise_signals(town.store, call_id, (signal(Category.SUICIDE, Level.EMERGENCY),), TUESDAY)
    return call_id


def summons(town: Town) -> Summons:
    found = whom_to_ring(town.store, in_crisis(town), TUESDAY)
    assert found is not None
    return found


def test_the_policys_order_is_the_order_of_ringing(town: Town) -> None:
    """The person's own caseworker first, then whom the next steps mean; each once; nobody without a telephone."""
    with town.store.write() as connection:
        add_worker(connection, town.store.keys, name="관리자", role=Role.SUPERVISOR, programme_id=town.programme_id)
    phones = [worker.phone for worker in summons(town).workers]
    assert phones == ["+821000009001", "+821000009002"]


def test_who_is_on_leave_is_not_rung(town: Town) -> None:
    """Leave in the roster is minded, as for pages."""
    day = timedelta(days=1)
    leave = Shift(town.caseworker_id, ShiftKind.LEAVE, TUESDAY - day, TUESDAY + day)
    with town.store.write() as connection:
        add_shift(connection, town.programme_id, leave, TUESDAY)
    assert [worker.worker_id for worker in summons(town).workers] == [town.lead_id]


def test_without_a_crisis_nobody_is_rung(town: Town) -> None:
    """No case, nobody to bring in."""
    assert whom_to_ring(town.store, dial(town).answer(TUESDAY).call_id, TUESDAY) is None


@pytest.mark.parametrize("clinical", [True, False])
def test_the_summary_is_masked_as_the_programme_says(town: Town, clinical: bool) -> None:
    """Never the name; the category only where clinical words may leave the office."""
    with town.store.write() as connection:
        connection.execute(update(programmes).values(clinical_words_in_sms=clinical))
    spoken = " ".join(summons(town).summary)
    assert "모 님" in spoken
    assert "자살" in spoken if clinical else "자살" not in spoken


def history(town: Town) -> list[str]:
    with town.store.read() as connection:
        return list(connection.scalars(select(case_events.c.what).order_by(case_events.c.id)))


def state(town: Town) -> str:
    with town.store.read() as connection:
        return str(connection.scalar(select(cases.c.state)))


def test_whoever_comes_in_has_taken_the_case(town: Town) -> None:
    """Rung, declined, the next joins: all in the history; acknowledged by the one who joined, through the transfer."""
    found = summons(town)
    first, second = (worker.worker_id for worker in found.workers)
    for what, worker in ((RUNG, first), (DECLINED, first), (RUNG, second)):
        note_transfer(town.store, found, what, TUESDAY, worker_id=worker)
    assert state(town) == "triggered"
    note_transfer(town.store, found, JOINED, TUESDAY, worker_id=second)
    note_transfer(town.store, found, SPOKE, TUESDAY, worker_id=second)
    assert state(town) == "acknowledged"
    assert history(town)[-6:] == [RUNG, DECLINED, RUNG, JOINED, "acknowledged", SPOKE]
    with town.store.read() as connection:
        row = connection.execute(select(case_workers)).one()
    assert (row.worker_id, row.via) == (second, "transfer")


def test_nobody_leaves_the_pages_climbing(town: Town) -> None:
    """The case waits for somebody, with its next step due as before."""
    found = summons(town)
    with town.store.read() as connection:
        due = connection.scalar(select(cases.c.next_step_at))
    note_transfer(town.store, found, NOBODY, TUESDAY)
    with town.store.read() as connection:
        assert connection.scalar(select(cases.c.next_step_at)) == due
    assert state(town) == "triggered"


def test_who_wanted_to_come_in_too_late_has_the_case(town: Town) -> None:
    """The person hung up while the worker's finger was on the key: the worker is told to call them, and has the case."""
    found = summons(town)
    note_transfer(town.store, found, PERSON_GONE, TUESDAY, worker_id=found.workers[0].worker_id)
    assert state(town) == "acknowledged"
