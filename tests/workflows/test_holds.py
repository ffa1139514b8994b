"""Holds with a beginning and an end: suspended while they last, a reminder before they end, calls again afterwards."""

from datetime import datetime, timedelta

import pytest
from ledger_calls import at, dial
from ledger_fixtures import TUESDAY, Town, build_town
from schedule_world import dues
from sqlalchemy import select

from callbot.people.hold import HoldReason
from callbot.store.database import Store
from callbot.store.people_rows import held
from callbot.store.schedule_rows import schedule_of
from callbot.store.tables import audit, cases, holds
from callbot.workflows.hold_person import extend_hold, hold_person, lift_hold
from callbot.workflows.place_due import place_due
from callbot.workflows.plan_week import plan_week
from callbot.workflows.resume_calls import end_holds, remind_of_holds

DAY = timedelta(days=1)


@pytest.fixture
def town(store: Store) -> Town:
    """Enrolled a month ago, so that consent was in force before this week."""
    return build_town(store, now=TUESDAY - timedelta(days=30))


def put(town: Town, now: datetime, **more: object) -> int:
    return hold_person(town.store, town.person_ids[0], HoldReason.HOSPITAL, now, by="jieun", **more)  # type: ignore[arg-type]


def rows(town: Town, *columns: object) -> list[tuple[object, ...]]:
    with town.store.read() as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]  # type: ignore[arg-type]


def test_what_lies_behind_the_hold_stays(town: Town) -> None:
    """Home again before the planned call: nothing is suspended, and the call is made."""
    plan_week(town.store, TUESDAY - DAY)
    assert put(town, TUESDAY - DAY, until=TUESDAY - timedelta(hours=1)) == 0
    assert len(place_due(town.store, TUESDAY, 1, "one")) == 1


def test_a_hold_that_begins_later_is_not_in_force_yet(town: Town) -> None:
    """From Wednesday on: Tuesday's call is made, next week's is suspended at its time."""
    plan_week(town.store, TUESDAY)
    assert put(town, TUESDAY - DAY, starts_at=TUESDAY + DAY) == 0
    assert dial(town).order.number == 1
    with town.store.read() as connection:
        assert not held(connection, town.person_ids[0], TUESDAY)
        assert held(connection, town.person_ids[0], TUESDAY + DAY)


def test_calls_go_on_by_themselves_when_it_ends(town: Town) -> None:
    """Suspended on Tuesday, home on Wednesday night: Thursday morning at nine there is a contact in its place, once."""
    plan_week(town.store, TUESDAY - DAY)
    midnight = TUESDAY + timedelta(days=1, hours=14)  # Thursday, 0:00 in Seoul
    assert put(town, TUESDAY - DAY, until=midnight) == 1
    assert end_holds(town.store, midnight - timedelta(minutes=1)) == 0
    assert end_holds(town.store, midnight + timedelta(minutes=1)) == 1
    assert end_holds(town.store, midnight + timedelta(minutes=2)) == 0
    found = dues(town.store, midnight, ("slot", "state", "planned_at"))
    nine = midnight + timedelta(hours=9)
    assert found == [("2026-W48-1", "ended", TUESDAY), ("2026-W48-1+", "planned", nine)]
    assert len(place_due(town.store, nine, 1, "one")) == 1
    assert rows(town, holds.c.lifted_at) == [(midnight,)]


def test_lifting_early_does_the_same(town: Town) -> None:
    """By hand on the person's page; not where another contact is still to come this week, and not at the weekend."""
    plan_week(town.store, TUESDAY)
    put(town, TUESDAY)
    assert lift_hold(town.store, town.person_ids[0], at(60), by="jieun") == 1
    assert [slot for slot, *_ in dues(town.store)] == ["2026-W48-1", "2026-W48-1+"]
    assert lift_hold(town.store, town.person_ids[0], at(61), by="jieun") == 0
    put(town, at(62))
    lift_hold(town.store, town.person_ids[0], at(63), by="jieun")
    assert len(dues(town.store)) == 2  # its place was filled once
    assert [action for (action,) in rows(town, audit.c.action)] == ["hold", "lift_hold", "hold", "lift_hold"]


def test_at_the_weekend_it_waits_for_the_next_week(town: Town) -> None:
    """Lifted on Saturday: Tuesday's own contact is near enough."""
    plan_week(town.store, TUESDAY)
    put(town, TUESDAY)
    lift_hold(town.store, town.person_ids[0], TUESDAY + 4 * DAY)
    assert len(dues(town.store)) == 1


@pytest.mark.parametrize(
    ("hours", "reminded"),
    [(-40, 0), (-35, 1), (-1, 1), (2, 0)],
)
def test_a_reminder_before_it_ends(town: Town, hours: int, reminded: int) -> None:
    """From 36 hours before the end on, once, as a case to the caseworker that names the day."""
    end = TUESDAY + timedelta(hours=40)
    put(town, TUESDAY - timedelta(hours=10), until=end)
    now = end + timedelta(hours=hours)
    while not 0 <= now.hour < 9:  # working hours in Seoul
        now += timedelta(hours=1)
    if now >= end:
        now, reminded = end + timedelta(hours=9), 0
    assert remind_of_holds(town.store, now) == reminded
    assert remind_of_holds(town.store, now) == 0
    assert rows(town, cases.c.kind, cases.c.level) == [("review", "watch")] * reminded
    if reminded:
        assert "입원" in str(rows(town, cases.c.summary)[0][0])
        assert "11월 26일 02:00에 끝나" in str(rows(town, cases.c.summary)[0][0])


def test_nobody_is_paged_about_a_date_at_night(town: Town) -> None:
    """The reminder waits for nine o'clock."""
    put(town, TUESDAY, until=TUESDAY + timedelta(hours=30))
    assert remind_of_holds(town.store, TUESDAY + timedelta(hours=10)) == 0
    assert remind_of_holds(town.store, TUESDAY + timedelta(hours=23)) == 1


def test_a_hold_without_an_end_is_not_forgotten(town: Town) -> None:
    """Asked about every thirty days; the dead and those who do not want calls are not."""
    for reason, count in ((HoldReason.TRAVEL, 1), (HoldReason.DEAD, 0), (HoldReason.DO_NOT_CALL, 0)):
        hold_person(town.store, town.person_ids[0], reason, TUESDAY)
        assert remind_of_holds(town.store, TUESDAY + 29 * DAY) == 0
        assert remind_of_holds(town.store, TUESDAY + 31 * DAY) == count
        assert remind_of_holds(town.store, TUESDAY + 32 * DAY) == 0
        assert remind_of_holds(town.store, TUESDAY + 62 * DAY) == count
        lift_hold(town.store, town.person_ids[0], TUESDAY + 63 * DAY)


def test_extending_moves_the_end_and_the_reminder(town: Town) -> None:
    """The caseworker answers the reminder: two more weeks, and a new reminder then."""
    put(town, TUESDAY, until=TUESDAY + DAY)
    assert remind_of_holds(town.store, TUESDAY) == 1
    later = TUESDAY + 14 * DAY
    assert extend_hold(town.store, town.person_ids[0], later, TUESDAY, by="jieun") == 1
    assert end_holds(town.store, TUESDAY + 2 * DAY) == 0
    assert remind_of_holds(town.store, TUESDAY + 2 * DAY) == 0
    assert remind_of_holds(town.store, later - DAY) == 1
    assert end_holds(town.store, later) == 1


def test_a_hold_changes_nothing_in_the_schedule(town: Town) -> None:
    """Auto-resume needs no setting to be put back."""
    with town.store.read() as connection:
        before = schedule_of(connection, town.person_ids[0])
    plan_week(town.store, TUESDAY)
    put(town, TUESDAY, until=TUESDAY + 6 * DAY)
    end_holds(town.store, TUESDAY + 6 * DAY)
    with town.store.read() as connection:
        assert schedule_of(connection, town.person_ids[0]) == before
    plan_week(town.store, TUESDAY + 7 * DAY)
    assert len(place_due(town.store, TUESDAY + 7 * DAY, 1, "one")) == 1
