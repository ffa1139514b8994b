"""Edit when somebody is called. What is planned and not tried yet follows at once; what has begun is left to its ladder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from callbot.schedule.due_contact import Disposition
from callbot.schedule.festivals import rounds
from callbot.schedule.week import Due, monday_of, plan
from callbot.schedule.window import SEOUL, Window
from callbot.store.audit_rows import add_audit
from callbot.store.calendar_rows import calendar
from callbot.store.database import Store
from callbot.store.due_rows import insert_due, locked_due, personal_window
from callbot.store.policy_rows import programme_of_person
from callbot.store.schedule_rows import (
    ScheduleRow,
    move_due,
    planned_rows,
    schedule_for_planning,
    schedule_of,
    write_schedule,
)
from callbot.store.tables_schedule import hour_decisions
from callbot.store.writing import insert
from callbot.workflows.hold_person import suspend
from callbot.workflows.plan_week import due_row
from callbot.workflows.settle import finish_due


@dataclass(frozen=True)
class Replanned:
    """What became of this week's planned contacts."""

    moved: int = 0
    new: int = 0
    dropped: int = 0
    """Ended as suspended: the new rhythm has no such contact this week."""


def change_schedule(
    store: Store, person_id: int, new: ScheduleRow, now: datetime, holidays: Mapping[date, str], *, by: str
) -> Replanned:
    """Write the schedule with its bounds, and plan the rest of this week anew."""
    with store.write() as connection:
        old = schedule_of(connection, person_id)
        write_schedule(connection, person_id, replace(new, id=old.id))
        detail = f"{old} -> {new}"
        add_audit(connection, now, by, "change_schedule", subject="person", subject_id=person_id, detail=detail)
        suspend(connection, person_id, now)
        return replan(connection, person_id, now, holidays)


def decide_hour(
    store: Store, person_id: int, hour: int, now: datetime, holidays: Mapping[date, str], *, accepted: bool, by: str
) -> Replanned:
    """A worker's word on a proposed hour: taken over, or not proposed again for a while."""
    with store.write() as connection:
        row = {"person_id": person_id, "hour": hour, "accepted": accepted, "at": now, "by": by}
        insert(connection, hour_decisions, row)
        action = "accept_hour" if accepted else "decline_hour"
        add_audit(connection, now, by, action, subject="person", subject_id=person_id, detail=f"{hour}시")
        if not accepted:
            return Replanned()
        new = replace(schedule_of(connection, person_id), preferred_time=f"{hour:02}:00")
        write_schedule(connection, person_id, new)
        return replan(connection, person_id, now, holidays)


def replan(connection: Connection, person_id: int, now: datetime, holidays: Mapping[date, str]) -> Replanned:
    """This week's contacts that nobody has tried yet, by the schedule as it stands now. A contact whose new day is already
    past keeps its old one: nobody is left out of a week by an edit."""
    schedule = schedule_for_planning(connection, person_id)
    known = {row.slot: row for row in planned_rows(connection, person_id)}
    if schedule is None:
        return Replanned(dropped=_drop(connection, known.values(), now))
    programme = programme_of_person(connection, person_id)
    window = personal_window(programme.window, schedule.window_from, schedule.window_until)
    free = calendar(connection, holidays)
    monday = monday_of(now.astimezone(SEOUL).date())
    extra = rounds(free, programme.holiday_rounds)
    rule, days = programme.holiday_rule, programme.ladder.days
    wanted = {due.slot: due for due in plan(schedule.rhythm, window, monday, free, rule, rounds=extra, days=days)}
    moved = 0
    for slot, due in wanted.items():
        if slot in known and window is not None and due.planned_at > now and due.planned_at != known[slot].planned_at:
            move_due(connection, known[slot].id, **_times(due), **_hours(window))
            moved += 1
    ladder = programme.ladder.model_dump(mode="json")
    fresh = [
        due_row(schedule, due, window, programme, ladder, now)
        for slot, due in wanted.items()
        if slot not in known and due.planned_at > now and window is not None
    ]
    sunday = datetime.combine(monday.fromordinal(monday.toordinal() + 7), datetime.min.time(), SEOUL)
    gone = [row for slot, row in known.items() if slot not in wanted and now < row.planned_at < sunday]
    gone = [row for row in gone if not row.slot.endswith("+")]
    return Replanned(moved, insert_due(connection, fresh), _drop(connection, gone, now))


def _drop(connection: Connection, rows: Any, now: datetime) -> int:
    count = 0
    for row in rows:
        finish_due(connection, locked_due(connection, row.id), Disposition.SUSPENDED, "schedule_changed", now)
        count += 1
    return count


def _times(due: Due) -> dict[str, datetime]:
    return {"planned_at": due.planned_at, "next_attempt_at": due.planned_at, "expires_at": due.expires_at}


def _hours(window: Window) -> dict[str, str]:
    return {"window_from": f"{window.opens:%H:%M}", "window_until": f"{window.closes:%H:%M}"}
