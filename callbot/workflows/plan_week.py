"""Write down who is due this week."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from callbot.schedule.due_contact import DueState
from callbot.schedule.festivals import Round, rounds
from callbot.schedule.week import Due, Rhythm, monday_of, plan
from callbot.schedule.window import SEOUL, Window
from callbot.store.calendar_rows import calendar
from callbot.store.database import Store
from callbot.store.due_rows import Schedule, active_schedules, insert_due, personal_window, slots_known
from callbot.store.policy_rows import Programme, all_programmes
from callbot.store.tick_rows import last_finished, tick_finished

TICK = "plan_week"
MOST_WEEKS_BACK = 4
BATCH = 2000
NO_HOLIDAYS: Mapping[date, str] = MappingProxyType({})


@dataclass(frozen=True)
class Planned:
    """What a planning tick wrote."""

    new: int
    weeks: int


def plan_week(store: Store, now: datetime, holidays: Mapping[date, str] = NO_HOLIDAYS) -> Planned:
    """Plan the week of `now`, and every week since the last planning that was missed. Safe to repeat.

    `holidays`: date -> Korean name; the installation's own days are added to them and taken from them.

    A slot whose hours are over already is written too, if the person was known then: it ends as `failed_by_us` and a
    human hears of it. Leaving it out would be the silent loss that the ledger exists to prevent.
    """
    with store.read() as connection:
        last = last_finished(connection, TICK)
        programmes = all_programmes(connection)
        schedules = list(active_schedules(connection))
        known = calendar(connection, holidays)
    new = 0
    weeks = weeks_to_plan(now, last)
    for monday in weeks:
        rows = _rows(schedules, programmes, monday=monday, holidays=known, now=now)
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


@dataclass(frozen=True)
class _Habit:
    """What decides about days: the same for many people, so it is worked out once each."""

    programme_id: int
    rhythm: Rhythm
    window_from: str | None
    window_until: str | None


def _rows(
    schedules: list[Schedule],
    programmes: dict[int, Programme],
    *,
    monday: date,
    holidays: Mapping[date, str],
    now: datetime,
) -> Iterator[dict[str, Any]]:
    ladders = {programme.id: programme.ladder.model_dump(mode="json") for programme in programmes.values()}
    extra = {programme.id: rounds(holidays, programme.holiday_rounds) for programme in programmes.values()}
    planned: dict[_Habit, tuple[Window | None, tuple[Due, ...]]] = {}
    for schedule in schedules:
        programme = programmes.get(schedule.programme_id)
        if programme is None:
            continue
        habit = _Habit(programme.id, schedule.rhythm, schedule.window_from, schedule.window_until)
        if habit not in planned:
            window = personal_window(programme.window, schedule.window_from, schedule.window_until)
            planned[habit] = window, _dues(programme, habit, window, monday, holidays, extra[programme.id])
        window, dues = planned[habit]
        for due in dues:
            if due.expires_at <= schedule.known_since or window is None:
                continue
            yield due_row(schedule, due, window, programme, ladders[programme.id], now)


def _dues(
    programme: Programme,
    habit: _Habit,
    window: Window | None,
    monday: date,
    holidays: Mapping[date, str],
    extra: Sequence[Round],
) -> tuple[Due, ...]:
    rule, days = programme.holiday_rule, programme.ladder.days
    return plan(habit.rhythm, window, monday, holidays, rule, rounds=extra, days=days)


def due_row(
    schedule: Schedule, due: Due, window: Window, programme: Programme, ladder: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """A due contact as it is written."""
    return {
        "person_id": schedule.person_id,
        "schedule_id": schedule.id,
        "slot": due.slot,
        "state": DueState.PLANNED,
        "planned_at": due.planned_at,
        "next_attempt_at": due.planned_at,
        "expires_at": due.expires_at,
        "window_from": f"{window.opens:%H:%M}",
        "window_until": f"{window.closes:%H:%M}",
        "ladder": ladder,
        "script_name": programme.script_name,
        "created_at": now,
    }


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
