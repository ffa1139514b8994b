"""Planning and edits: once a slot, at once where nothing was tried yet, holidays and rounds by programme."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from ledger_calls import at, dial
from ledger_fixtures import TUESDAY, Town, build_town
from schedule_world import bounds, dues
from sqlalchemy import insert, select, update

from callbot.adapters.korean_holidays import korean_holidays
from callbot.dial.attempt_end import AttemptEnd
from callbot.schedule.learned_hours import Proposal
from callbot.schedule.window import SEOUL
from callbot.store.calendar_rows import OwnHoliday, calendar, forget_own_day, set_own_day
from callbot.store.console_scope import EVERYTHING
from callbot.store.database import Store
from callbot.store.learned_rows import proposals
from callbot.store.schedule_rows import ScheduleRow, schedule_of
from callbot.store.tables import attempts, audit, due_contacts, persons, programmes
from callbot.workflows.change_schedule import Replanned, change_schedule, decide_hour
from callbot.workflows.plan_week import plan_week

HOLIDAYS = korean_holidays(range(2026, 2029))
DAY = timedelta(days=1)
MONDAY = TUESDAY - DAY


@pytest.fixture
def town(store: Store) -> Town:
    """Enrolled a month ago, so that consent was in force before this week."""
    return build_town(store, now=TUESDAY - timedelta(days=30))


def change(town: Town, now: datetime, **new: object) -> Replanned:
    with town.store.read() as connection:
        old = schedule_of(connection, town.person_ids[0])
    return change_schedule(
        town.store,
        town.person_ids[0],
        replace(old, **new),
        now,
        HOLIDAYS,
        by="jieun",  # type: ignore[arg-type]
    )


def times(town: Town) -> list[tuple[str, str]]:
    found = dues(town.store, MONDAY, ("slot", "planned_at", "state"))
    return [(slot, f"{planned.astimezone(SEOUL):%a %H:%M}") for slot, planned, state in found if state != "ended"]


def test_an_edit_moves_what_nobody_has_tried(town: Town) -> None:
    """From Tuesday to Thursday afternoon: the same slot, so the person is called once this week."""
    plan_week(town.store, MONDAY)
    assert change(town, MONDAY, weekdays=(4,), preferred_time="14:30") == Replanned(moved=1)
    assert times(town) == [("2026-W48-1", "Thu 14:30")]
    plan_week(town.store, MONDAY, HOLIDAYS)
    assert times(town) == [("2026-W48-1", "Thu 14:30")]


def test_twice_weekly_and_back(town: Town) -> None:
    """A second day is planned at once; taken away again, its contact ends quietly."""
    plan_week(town.store, MONDAY)
    assert change(town, MONDAY, weekdays=(2, 5)) == Replanned(new=1)
    assert times(town) == [("2026-W48-1", "Tue 10:00"), ("2026-W48-2", "Fri 10:00")]
    assert change(town, MONDAY, weekdays=(2,)) == Replanned(dropped=1)
    assert dues(town.store)[1] == ("2026-W48-2", "ended", "suspended", "schedule_changed")


def test_a_new_day_that_is_past_keeps_the_old_one_this_week(town: Town) -> None:
    """On Tuesday morning moved from Tuesday to Monday: called today all the same, next week on Monday."""
    plan_week(town.store, MONDAY)
    assert change(town, TUESDAY - timedelta(minutes=30), weekdays=(1,)) == Replanned()
    assert times(town) == [("2026-W48-1", "Tue 10:00")]
    plan_week(town.store, TUESDAY + 7 * DAY)
    with town.store.read() as connection:
        [planned] = connection.scalars(
            select(due_contacts.c.planned_at).where(due_contacts.c.slot == "2026-W49-1")
        ).all()
    assert planned.astimezone(SEOUL).date() == date(2026, 11, 30)


def test_what_has_begun_is_left_to_its_ladder(town: Town) -> None:
    """One attempt was made: an edit in between moves nothing and rings nobody twice."""
    dial(town).fail(AttemptEnd.NO_ANSWER, at(1))
    assert change(town, at(5), weekdays=(5,)) == Replanned()
    assert len(dues(town.store)) == 1


def test_an_end_date_ends_what_is_planned(town: Town) -> None:
    """Left the programme yesterday: nothing is planned or called any more."""
    plan_week(town.store, MONDAY)
    change(town, MONDAY, ends_on=date(2026, 11, 22))
    assert dues(town.store)[0][1:3] == ("ended", "suspended")


def test_every_edit_is_audited(town: Town) -> None:
    """Who, whom, and what it was before."""
    change(town, MONDAY, preferred_time="11:00")
    with town.store.read() as connection:
        row = connection.execute(select(audit)).one()
    assert (row.actor, row.action, row.subject, row.subject_id) == ("jieun", "change_schedule", "person", 1)
    assert "10:00" in row.detail.split(" -> ")[0]
    assert "11:00" in row.detail.split(" -> ")[1]


def seollal(town: Town, **programme: object) -> list[str]:
    """Days of the two weeks around 설날 2027 (Sunday 7 February; Monday and Tuesday are free)."""
    before = datetime(2027, 2, 1, 0, 0, tzinfo=UTC)
    with town.store.write() as connection:
        connection.execute(update(programmes).values(**programme))
        connection.execute(update(persons).values(created_at=before - 30 * DAY))
    plan_week(town.store, before, HOLIDAYS)
    plan_week(town.store, before + 7 * DAY, HOLIDAYS)
    plan_week(town.store, before + 7 * DAY, HOLIDAYS)
    found = dues(town.store, before, ("slot", "planned_at"))
    return [f"{slot} {planned.astimezone(SEOUL):%m-%d}" for slot, planned in found]


@pytest.mark.parametrize(
    ("programme", "days"),
    [
        ({"holiday_rule": "shift"}, ["2027-W05-1 02-02", "2027-W06-1 02-10"]),
        ({"holiday_rule": "skip"}, ["2027-W05-1 02-02"]),
        ({"holiday_rule": "call"}, ["2027-W05-1 02-02", "2027-W06-1 02-09"]),
        (
            {"holiday_rounds": ["before", "on", "after"]},
            ["2027-W05-1 02-02", "2027-seollal-before 02-05", "2027-seollal-on 02-07", "2027-W06-1 02-10"],
        ),
        ({"holiday_rule": "skip", "holiday_rounds": ["after"]}, ["2027-W05-1 02-02", "2027-seollal-after 02-10"]),
    ],
)
def test_holidays_by_programme(town: Town, programme: dict[str, object], days: list[str]) -> None:
    """Skipped, shifted, called anyway; more contacts around 설날, none on a day that has one; planning twice adds nothing."""
    assert seollal(town, **programme) == days


def test_days_of_ones_own(town: Town) -> None:
    """A temporary holiday shifts like any other; a holiday that is worked here is called."""
    with town.store.write() as connection:
        set_own_day(connection, OwnHoliday(date(2026, 11, 24), "임시공휴일", free=True))
        set_own_day(connection, OwnHoliday(date(2026, 12, 25), "근무", free=False))
        found = calendar(connection, HOLIDAYS)
    assert found[date(2026, 11, 24)] == "임시공휴일"
    assert date(2026, 12, 25) not in found
    plan_week(town.store, TUESDAY, HOLIDAYS)
    assert times(town) == [("2026-W48-1", "Wed 10:00")]
    with town.store.write() as connection:
        assert forget_own_day(connection, date(2026, 11, 24)) == 1
        assert date(2026, 11, 24) not in calendar(connection, HOLIDAYS)


def test_person_and_schedule_have_their_own_first_day(town: Town) -> None:
    """Every second week is counted from the schedule's day; nothing before the person's."""
    change(town, MONDAY, every_weeks=2, counted_from=date(2026, 11, 17))
    bounds(town, starts_on=date(2026, 12, 1))
    for weeks in range(4):
        plan_week(town.store, MONDAY + weeks * 7 * DAY)
    assert [slot for slot, *_ in dues(town.store)] == ["2026-W49-1", "2026-W51-1"]


def history(town: Town, hour: int, ends: list[str]) -> None:
    """Attempts at this hour in Seoul, one a week."""
    for week, end in enumerate(ends):
        when = (TUESDAY - (week + 1) * 7 * DAY).replace(hour=hour - 9)
        with town.store.write() as connection:
            row = {
                "person_id": town.person_ids[0], "slot": f"old-{hour}-{week}", "state": "ended", "disposition": "contacted",
                "planned_at": when, "expires_at": when, "window_from": "09:00", "window_until": "18:00",
                "ladder": {"name": "x", "rungs": []}, "created_at": when, "ended_at": when, "attempts_used": 1,
            }  # fmt: skip
            due_id = connection.execute(insert(due_contacts).values(row).returning(due_contacts.c.id)).scalar_one()
            attempt = {"number": 1, "key": f"{hour}-{week}", "state": "ended", "end": end, "dialling_at": when}
            connection.execute(insert(attempts).values(attempt | {"due_contact_id": due_id}))


def test_a_better_hour_is_proposed_and_taken_only_by_a_worker(town: Town) -> None:
    """Answers at three, not at ten: proposed with its figures; accepted it is the schedule and this week's contact."""
    history(town, 10, ["no_answer"] * 9 + ["person"])
    history(town, 15, ["person"] * 7)
    history(town, 16, ["system_failure"] * 5)
    plan_week(town.store, MONDAY)
    with town.store.read() as connection:
        [found] = proposals(connection, EVERYTHING, TUESDAY)
    assert (found.now, found.proposal) == ("10:00", Proposal(15, 7, 7, 10, 1, 10))
    with town.store.read() as connection:
        assert schedule_of(connection, town.person_ids[0]).preferred_time == "10:00"
    decide_hour(town.store, town.person_ids[0], 15, MONDAY, HOLIDAYS, accepted=True, by="jieun")
    with town.store.read() as connection:
        assert schedule_of(connection, town.person_ids[0]).preferred_time == "15:00"
        planned = connection.scalar(select(due_contacts.c.planned_at).where(due_contacts.c.slot == "2026-W48-1"))
        assert proposals(connection, EVERYTHING, TUESDAY) == []
    assert planned == TUESDAY + timedelta(hours=5)


def test_a_declined_hour_is_not_proposed_again_for_a_while(town: Town) -> None:
    """Ninety days; nothing is changed."""
    history(town, 10, ["no_answer"] * 9 + ["person"])
    history(town, 15, ["person"] * 7)
    decide_hour(town.store, town.person_ids[0], 15, TUESDAY, HOLIDAYS, accepted=False, by="jieun")
    with town.store.read() as connection:
        assert proposals(connection, EVERYTHING, TUESDAY + 80 * DAY) == []
        assert len(proposals(connection, EVERYTHING, TUESDAY + 91 * DAY)) == 1
        assert schedule_of(connection, town.person_ids[0]) == ScheduleRow(1)
