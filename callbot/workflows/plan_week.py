"""Write down who is due this week."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from callbot.schedule.due_contact import DueState
from callbot.schedule.week import monday_of, plan
from callbot.schedule.window import SEOUL, Window, narrowed, read_window
from callbot.store.database import Store
from callbot.store.due_rows import Schedule, active_schedules, insert_due, slots_known
from callbot.store.policy_rows import Programme, all_programmes
from callbot.store.tick_rows import last_finished, tick_finished

TICK = "plan_week"
MOST_WEEKS_BACK = 4
BATCH = 2000


@dataclass(frozen=True)
class Planned:
    """What a planning tick wrote."""

    new: int
    weeks: int


def plan_week(store: Store, now: datetime, holidays: Container[date] = frozenset()) -> Planned:
    """Plan the week of `now`, and every week since the last planning that was missed. Safe to repeat.

    A slot whose hours are over already is written too, if the person was known then: it ends as `failed_by_us` and a
    human hears of it. Leaving it out would be the silent loss that the ledger exists to prevent.
    """
    with store.read() as connection:
        last = last_finished(connection, TICK)
        programmes = all_programmes(connection)
        schedules = list(active_schedules(connection))
    new = 0
    weeks = weeks_to_plan(now, last)
    for monday in weeks:
        rows = _rows(schedules, programmes, monday=monday, holidays=holidays, now=now)
        new += _write(store, rows, monday)
    with store.write() as connection:
        tick_finished(connection, TICK, now)
    return Planned(new, len(weeks))


def weeks_to_plan(now: datetime, last: datetime | None) -> list[date]:
    """Mondays, oldest first: this week's, and those since the last planning."""
    this = monday_of(now.astimezone(SEOUL).date())
    first = this if last is None else monday_of(last.astimezone(SEOUL).date())
    first = max(first, this - timedelta(weeks=MOST_WEEKS_BACK))
    count = max((this - first).days // 7, 0)
    return [this - timedelta(weeks=back) for back in range(count, -1, -1)]


def _rows(
    schedules: list[Schedule],
    programmes: dict[int, Programme],
    *,
    monday: date,
    holidays: Container[date],
    now: datetime,
) -> Iterator[dict[str, Any]]:
    ladders = {programme.id: programme.ladder.model_dump(mode="json") for programme in programmes.values()}
    for schedule in schedules:
        programme = programmes.get(schedule.programme_id)
        if programme is None:
            continue
        window = _window(programme, schedule)
        for due in plan(schedule.rhythm, window, monday, holidays, programme.holiday_rule):
            if due.expires_at <= schedule.known_since or window is None:
                continue
            yield {
                "person_id": schedule.person_id,
                "schedule_id": schedule.id,
                "slot": due.slot,
                "state": DueState.PLANNED,
                "planned_at": due.planned_at,
                "next_attempt_at": due.planned_at,
                "expires_at": due.expires_at,
                "window_from": f"{window.opens:%H:%M}",
                "window_until": f"{window.closes:%H:%M}",
                "ladder": ladders[programme.id],
                "script_name": programme.script_name,
                "created_at": now,
            }


def _window(programme: Programme, schedule: Schedule) -> Window | None:
    if schedule.window_from is None and schedule.window_until is None:
        return programme.window
    person = read_window(schedule.window_from, schedule.window_until)
    # A personal window that cannot be read, or has nothing in common with the programme's, is closed: nobody is called at
    # a wrong hour. `check_invariants` lists such schedules, so that the person is not forgotten either.
    return None if person is None else narrowed(programme.window, person)


def _write(store: Store, rows: Iterator[dict[str, Any]], monday: date) -> int:
    start = datetime.combine(monday, time(), SEOUL)
    with store.read() as connection:
        known = slots_known(connection, start, start + timedelta(days=7))
    fresh = [row for row in rows if (row["person_id"], row["slot"]) not in known]
    new = 0
    for first in range(0, len(fresh), BATCH):
        with store.write() as connection:
            new += insert_due(connection, fresh[first : first + BATCH])
    return new
