"""Whatever the rhythms: everybody gets exactly the contacts that their rhythm says, once, whenever and however often it is planned."""

import shutil
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixtures import build_town, emptied, fresh_sqlite
from sqlalchemy import select, update

from callbot.adapters.korean_holidays import korean_holidays
from callbot.schedule.festivals import RoundDay, rounds
from callbot.schedule.week import HolidayRule, Rhythm, monday_of, plan
from callbot.schedule.window import SEOUL, Window
from callbot.store.database import Store
from callbot.store.due_rows import personal_window
from callbot.store.tables import due_contacts, persons, programmes, schedules
from callbot.workflows.plan_week import plan_week

HOLIDAYS = korean_holidays([2026, 2027])
FIRST = datetime(2027, 1, 18, 0, 0, tzinfo=UTC)
"""Three weeks before 설날 2027; the weeks that are planned reach over it."""
WEEKS = 5
PEOPLE = 4

SCHEDULES = st.fixed_dictionaries(
    {
        "weekdays": st.lists(st.integers(1, 7), min_size=1, max_size=3, unique=True),
        "every_weeks": st.integers(1, 3),
        "every_days": st.one_of(st.none(), st.integers(1, 12)),
        "preferred_time": st.sampled_from(["00:00", "08:59", "10:00", "17:59", "23:30"]),
        "starts_on": st.one_of(st.none(), st.dates(date(2027, 1, 1), date(2027, 2, 20))),
        "ends_on": st.one_of(st.none(), st.dates(date(2027, 2, 1), date(2027, 3, 20))),
        "hours": st.sampled_from([(None, None), ("13:00", "17:00"), ("19:00", "20:00"), ("9시", "10시")]),
    }
)
TOWNS = {
    "rows": st.lists(SCHEDULES, min_size=PEOPLE, max_size=PEOPLE),
    "rule": st.sampled_from(list(HolidayRule)),
    "extra": st.sets(st.sampled_from(list(RoundDay))),
    "ticks": st.lists(st.integers(0, 6), min_size=1, max_size=3),
}


def check(store: Store, rows: list[dict[str, Any]], rule: HolidayRule, extra: set[RoundDay], ticks: list[int]) -> None:
    """Plan five weeks, several times each, and compare with what each person's rhythm says."""
    town = build_town(store, PEOPLE, now=FIRST - timedelta(days=90))
    with store.write() as connection:
        connection.execute(update(programmes).values(holiday_rule=rule, holiday_rounds=sorted(extra)))
        connection.execute(update(persons).values(created_at=FIRST - timedelta(days=90)))
        for person_id, row in zip(town.person_ids, rows, strict=True):
            values = {name: value for name, value in row.items() if name != "hours"}
            opens, closes = row["hours"]
            where = schedules.c.person_id == person_id
            connection.execute(update(schedules).where(where).values(**values, window_from=opens, window_until=closes))
    for week in range(WEEKS):
        for day in ticks:
            plan_week(store, FIRST + timedelta(weeks=week, days=day), HOLIDAYS)
    expected = set()
    for person_id, row in zip(town.person_ids, rows, strict=True):
        expected |= {(person_id, due.slot, due.planned_at) for due in _dues(row, rule, extra)}
    with store.read() as connection:
        it = due_contacts.c
        found = [tuple(each) for each in connection.execute(select(it.person_id, it.slot, it.planned_at))]
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert all(time(9) <= at.astimezone(SEOUL).time() < time(18) for _, _, at in found)


def _dues(row: dict[str, Any], rule: HolidayRule, extra: set[RoundDay]) -> list[Any]:
    rhythm = Rhythm(
        tuple(row["weekdays"]),
        row["every_weeks"],
        row["every_days"],
        time.fromisoformat(row["preferred_time"]),
        row["starts_on"],
        row["ends_on"],
    )
    window = personal_window(Window(), *row["hours"])
    mondays = [monday_of(FIRST.date()) + timedelta(weeks=week) for week in range(WEEKS)]
    festive = rounds(HOLIDAYS, extra)
    return [due for monday in mondays for due in plan(rhythm, window, monday, HOLIDAYS, rule, rounds=festive)]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(**TOWNS)
def test_on_sqlite(
    sqlite_template: Path, rows: list[dict[str, Any]], rule: HolidayRule, extra: set[RoundDay], ticks: list[int]
) -> None:
    """Late, early, twice: the same contacts."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-planning-"))
    store = fresh_sqlite(sqlite_template, directory)
    try:
        check(store, rows, rule, extra, ticks)
    finally:
        store.close()
        shutil.rmtree(directory)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(**TOWNS)
def test_on_postgresql(
    postgres_store: Store, rows: list[dict[str, Any]], rule: HolidayRule, extra: set[RoundDay], ticks: list[int]
) -> None:
    """The same there."""
    check(emptied(postgres_store), rows, rule, extra, ticks)
