"""A hold is over: calls go on by themselves, and who was away is not left until next week."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from callbot.escalate.case import CaseKind
from callbot.people.hold import HOLD_KO
from callbot.schedule.due_contact import Disposition, DueState
from callbot.schedule.ladder import next_call_at
from callbot.schedule.week import monday_of
from callbot.schedule.window import SEOUL
from callbot.store.audit_rows import add_audit
from callbot.store.database import Store
from callbot.store.due_rows import insert_due, locked_due
from callbot.store.hold_rows import HoldRow, ending_before, mark_lifted, mark_reminded, run_out
from callbot.store.tables import due_contacts
from callbot.understand.meaning import Level
from callbot.workflows.open_case import Matter, join_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.settle import must_not_be_called

REMIND_BEFORE = timedelta(hours=36)
"""So that the reminder of a hold that ends at midnight comes in the working hours of the day before."""
LOOKED_AT_EVERY = timedelta(days=30)
"""A hold without an end is asked about again after so long."""
WORKING_HOURS = range(9, 18)
FRIDAY = 5


def look_after_holds(store: Store, now: datetime) -> int:
    """Tick: both of the following."""
    return end_holds(store, now) + remind_of_holds(store, now)


def end_holds(store: Store, now: datetime) -> int:
    """Tick: holds whose time is over are marked so, and their persons are called again. How many."""
    with store.write() as connection:
        ended = run_out(connection, now)
        for hold in ended:
            mark_lifted(connection, hold.id, hold.until or now)
            add_audit(connection, now, "tick", "hold_ended", subject="person", subject_id=hold.person_id)
            resume(connection, hold.person_id, now)
    return len(ended)


def remind_of_holds(store: Store, now: datetime) -> int:
    """Tick: a case to the caseworker for every hold that ends soon, or has no end and was not looked at for long. Only in
    working hours: nobody is paged at night about a date. How many."""
    if now.astimezone(SEOUL).hour not in WORKING_HOURS:
        return 0
    with store.write() as connection:
        holds = ending_before(connection, now, now + REMIND_BEFORE, now - LOOKED_AT_EVERY)
        for hold in holds:
            mark_reminded(connection, hold.id, now)
            join_case(connection, _matter(hold), now)
    return len(holds)


def _matter(hold: HoldRow) -> Matter:
    why = HOLD_KO[hold.reason]
    if hold.until is None:
        since = hold.starts_at.astimezone(SEOUL)
        words, summary = (
            "통화 쉼 점검",
            (f"통화 쉼({why})이 {since:%Y년 %-m월 %-d일}부터 기한 없이 이어지고 있습니다. 계속할지 확인해 주세요."),
        )
    else:
        end = hold.until.astimezone(SEOUL)
        words, summary = (
            "통화 쉼 곧 끝남",
            (f"통화 쉼({why})이 {end:%-m월 %-d일 %H:%M}에 끝나 다시 전화를 시작합니다. 더 쉬어야 하면 연장해 주세요."),
        )
    return Matter(
        person_id=hold.person_id,
        kind=CaseKind.REVIEW,
        level=Level.WATCH,
        wording=Wording(words),
        summary=summary,
        cause=f"hold/{hold.id}/{hold.until:%Y%m%d}" if hold.until else f"hold/{hold.id}/open",
    )


def resume(connection: Connection, person_id: int, now: datetime) -> bool:
    """Plan a contact in the place of this week's last one that fell into the hold, unless another is still to come. True:
    one was planned."""
    if must_not_be_called(connection, person_id, now):
        return False
    today = now.astimezone(SEOUL).date()
    it = due_contacts.c
    mine = select(due_contacts).where(it.person_id == person_id, it.schedule_id.is_not(None))
    if connection.execute(mine.where(it.state != DueState.ENDED)).first() is not None:
        return False
    start = datetime.combine(monday_of(today), datetime.min.time(), SEOUL)
    missed = connection.execute(
        mine.where(it.disposition == Disposition.SUSPENDED, it.planned_at >= start, it.attempts_used == 0)
        .order_by(it.planned_at.desc())
        .limit(1)
    ).first()
    if missed is None or missed.slot.endswith("+"):
        return False
    window = locked_due(connection, missed.id).window
    at = next_call_at(now, now + timedelta(days=3), window)
    if at is None or window is None or at.astimezone(SEOUL).isoweekday() > FRIDAY:
        return False
    hours = window.on(at.astimezone(SEOUL).date())
    if hours is None:
        return False
    kept = ("person_id", "schedule_id", "window_from", "window_until", "ladder", "script_name")
    row = {name: getattr(missed, name) for name in kept}
    times = {"planned_at": at, "next_attempt_at": at, "expires_at": hours[1], "created_at": now}
    return insert_due(connection, [row | times | {"slot": f"{missed.slot}+", "state": DueState.PLANNED}]) == 1
