"""Who is meant: across midnight, on holidays, in place of those on leave; and what is wrong with a roster before it matters."""

from datetime import date, datetime, timedelta

import pytest

from callbot.escalate.hours import Hours, hours_at, next_change
from callbot.escalate.roster import (
    Fault,
    Meant,
    Pattern,
    Roster,
    Shift,
    ShiftKind,
    gaps,
    on_duty,
    overlaps,
    who_is_meant,
)
from callbot.escalate.roster_import import CalendarEntry, RosterFault, of_calendar, read_csv
from callbot.people.team import Role, Worker
from callbot.schedule.window import SEOUL

ANNA, BORA, CARO, LEAD, DUTY, DUTY2, BOSS, GONE = range(1, 9)
TEAM = (
    Worker(ANNA, Role.CASEWORKER), Worker(BORA, Role.CASEWORKER), Worker(CARO, Role.CASEWORKER), Worker(LEAD, Role.LEAD),
    Worker(DUTY, Role.DUTY), Worker(DUTY2, Role.DUTY), Worker(BOSS, Role.SUPERVISOR), Worker(GONE, Role.CASEWORKER, active=False),
)  # fmt: skip
HOLIDAYS = frozenset({date(2026, 12, 25)})


def at(text: str) -> datetime:
    """`24 10:00`: that day of November 2026 (a Tuesday is the 24th), in Seoul."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SEOUL)


def shift(
    worker: int, kind: ShiftKind, starts: str, ends: str, role: Role | None = None, covers: int | None = None
) -> Shift:
    return Shift(worker, kind, at(starts), at(ends), role, covers)


def duty(worker: int, starts: str, ends: str, role: Role = Role.DUTY) -> Shift:
    return shift(worker, ShiftKind.DUTY, starts, ends, role)


def leave(worker: int, starts: str = "24 09:00", ends: str = "24 18:00") -> Shift:
    return shift(worker, ShiftKind.LEAVE, starts, ends)


def stand_in(worker: int, covers: int, starts: str = "24 09:00", ends: str = "24 18:00") -> Shift:
    return shift(worker, ShiftKind.STAND_IN, starts, ends, None, covers)


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        ("24 08:59", Hours.NIGHT), ("24 09:00", Hours.WEEKDAY), ("24 17:59", Hours.WEEKDAY), ("24 18:00", Hours.NIGHT),
        ("25 00:00", Hours.NIGHT), ("28 09:00", Hours.WEEKEND), ("29 17:59", Hours.WEEKEND), ("29 18:00", Hours.NIGHT),
    ],
)  # fmt: skip
def test_hours(moment: str, hours: Hours) -> None:
    """09 to 18 is the day, whatever it is; the rest is night."""
    assert hours_at(at(moment)) is hours


def test_a_holiday_is_a_holiday_also_on_a_weekend() -> None:
    """And its evening is a night."""
    christmas = datetime(2026, 12, 25, 10, 0, tzinfo=SEOUL)
    assert hours_at(christmas, HOLIDAYS) is Hours.HOLIDAY
    assert hours_at(christmas, frozenset({date(2026, 12, 26)})) is Hours.WEEKDAY
    assert hours_at(christmas + timedelta(days=1), frozenset({date(2026, 12, 26)})) is Hours.HOLIDAY
    assert hours_at(christmas.replace(hour=18), HOLIDAYS) is Hours.NIGHT
    assert next_change(at("24 18:00")) == at("25 09:00")
    assert next_change(at("24 08:00")) == at("24 09:00")


@pytest.mark.parametrize(
    ("moment", "meant"),
    [
        ("24 17:59", ()), ("24 18:00", (DUTY,)), ("24 23:59", (DUTY,)), ("25 00:00", (DUTY,)), ("25 08:59", (DUTY,)),
        ("25 09:00", (DUTY2,)), ("26 08:59", (DUTY2,)), ("26 09:00", ()),
    ],
)  # fmt: skip
def test_a_night_goes_over_midnight(moment: str, meant: tuple[int, ...]) -> None:
    """To the minute, the end not included."""
    roster = Roster(TEAM, shifts=(duty(DUTY, "24 18:00", "25 09:00"), duty(DUTY2, "25 09:00", "26 09:00")))
    assert on_duty(roster, Role.DUTY, at(moment), hours_at(at(moment))) == meant


@pytest.mark.parametrize(
    ("shifts", "meant"),
    [
        ((), (ANNA,)),
        ((leave(ANNA),), (BORA, CARO)),
        ((leave(ANNA), stand_in(BORA, ANNA)), (BORA,)),
        ((leave(ANNA), stand_in(BORA, ANNA), leave(BORA), stand_in(CARO, BORA)), (CARO,)),
        ((leave(ANNA), stand_in(BORA, ANNA), leave(BORA)), (CARO,)),
        ((leave(ANNA), stand_in(LEAD, ANNA)), (LEAD,)),
        ((leave(ANNA), stand_in(BORA, ANNA), leave(BORA), stand_in(ANNA, BORA)), (CARO,)),  # a circle
        ((leave(ANNA), stand_in(GONE, ANNA)), (BORA, CARO)),  # who has left stands for nobody
        ((stand_in(BORA, ANNA),), (BORA,)),  # 대직 without a leave entered
        ((stand_in(BORA, ANNA, "24 09:00", "24 09:30"),), (ANNA,)),  # over already
        ((leave(ANNA), stand_in(BORA, ANNA), stand_in(CARO, ANNA, "24 09:30")), (CARO,)),  # the newest wins
    ],
)
def test_whose_case_it_is(shifts: tuple[Shift, ...], meant: tuple[int, ...]) -> None:
    """The person's own caseworker, or whoever stands in, link by link; else the colleagues; never somebody on leave."""
    roster = Roster(TEAM, shifts=shifts)
    assert who_is_meant(roster, Role.CASEWORKER, at("24 10:00"), assigned=ANNA) == Meant(meant, Role.CASEWORKER)


def test_everybody_of_the_role_on_leave() -> None:
    """It is an error, and the page goes to everybody of the next role who is there."""
    away = tuple(leave(worker) for worker in (ANNA, BORA, CARO))
    meant = who_is_meant(Roster(TEAM, shifts=away), Role.CASEWORKER, at("24 10:00"), assigned=ANNA)
    assert meant == Meant((LEAD,), Role.LEAD, nobody_on_duty=True)
    meant = who_is_meant(Roster(TEAM, shifts=(*away, leave(LEAD))), Role.CASEWORKER, at("24 10:00"))
    assert meant == Meant((DUTY, DUTY2), Role.DUTY, nobody_on_duty=True)


def test_a_gap_goes_to_the_next_role() -> None:
    """The duty room's roster ends at nine: everybody of the supervisors, and it is said."""
    roster = Roster(TEAM, shifts=(duty(DUTY, "23 18:00", "24 09:00"),))
    assert who_is_meant(roster, Role.DUTY, at("24 08:59")) == Meant((DUTY,), Role.DUTY)
    assert who_is_meant(roster, Role.DUTY, at("24 09:00")) == Meant((BOSS,), Role.SUPERVISOR, nobody_on_duty=True)


def test_above_the_highest_is_everybody() -> None:
    """The supervisor on leave: all who are there; all on leave: all the same, because silence is worse; no team at all: nobody."""
    small = Roster((Worker(ANNA, Role.CASEWORKER), Worker(LEAD, Role.LEAD)))
    headless = Roster((*small.team, Worker(BOSS, Role.SUPERVISOR)), shifts=(leave(BOSS),))
    assert who_is_meant(headless, Role.SUPERVISOR, at("24 10:00")) == Meant((ANNA, LEAD), Role.SUPERVISOR, True)
    away = Roster(small.team, shifts=(leave(ANNA), leave(LEAD)))
    assert who_is_meant(away, Role.CASEWORKER, at("24 10:00"), assigned=ANNA).worker_ids == (ANNA, LEAD)
    assert who_is_meant(away, Role.CASEWORKER, at("24 10:00")).nobody_on_duty
    assert who_is_meant(Roster(()), Role.CASEWORKER, at("24 10:00")) == Meant((), Role.CASEWORKER, nobody_on_duty=True)


@pytest.mark.parametrize(
    ("has", "instead"),
    [((LEAD, BOSS), (BOSS,)), ((LEAD,), (LEAD,)), ((), None)],
    ids=["supervisor", "lead", "caseworkers only"],
)
def test_a_small_office_has_no_duty_room(has: tuple[int, ...], instead: tuple[int, ...] | None) -> None:
    """A role that the office never had is no gap: its supervisor stands for it, else its lead. Caseworkers alone: an alarm."""
    roles = {ANNA: Role.CASEWORKER, LEAD: Role.LEAD, BOSS: Role.SUPERVISOR}
    office = Roster(tuple(Worker(one, roles[one]) for one in (ANNA, *has)))
    meant = who_is_meant(office, Role.DUTY, at("24 19:00"))
    assert meant.nobody_on_duty == (instead is None)
    assert meant.worker_ids == (instead or (ANNA,))
    assert bool(on_duty(office, Role.DUTY, at("24 19:00"), Hours.NIGHT)) == (instead is not None)
    if instead is not None:  # and where that one is away, it is one
        away = Roster(office.team, shifts=tuple(leave(one, "24 00:00", "25 00:00") for one in has))
        assert who_is_meant(away, Role.DUTY, at("24 19:00")).nobody_on_duty


def test_patterns_say_at_which_hours() -> None:
    """A caseworker on weekdays, a lead who is also the weekend's duty room."""
    roster = Roster(
        TEAM,
        (
            Pattern(ANNA, Role.CASEWORKER, frozenset({Hours.WEEKDAY})),
            Pattern(LEAD, Role.DUTY, frozenset({Hours.WEEKEND, Hours.HOLIDAY})),
            Pattern(DUTY, Role.DUTY, frozenset({Hours.NIGHT})),
        ),
    )
    assert who_is_meant(roster, Role.CASEWORKER, at("24 10:00"), assigned=ANNA).worker_ids == (ANNA,)
    assert who_is_meant(roster, Role.CASEWORKER, at("24 10:00"), assigned=BORA).worker_ids == (ANNA,)
    assert who_is_meant(roster, Role.CASEWORKER, at("24 19:00"), assigned=ANNA).nobody_on_duty
    assert who_is_meant(roster, Role.DUTY, at("28 10:00")).worker_ids == (LEAD,)
    assert who_is_meant(roster, Role.DUTY, at("28 19:00")).worker_ids == (DUTY,)
    christmas = datetime(2026, 12, 25, 10, 0, tzinfo=SEOUL)
    assert who_is_meant(roster, Role.DUTY, christmas, holidays=HOLIDAYS).worker_ids == (LEAD,)
    assert who_is_meant(roster, Role.DUTY, christmas).nobody_on_duty


def test_a_stand_in_takes_the_duty_too() -> None:
    """Bora stands in for Anna, who is on duty by pattern: also at Anna's hours, also for her own cases."""
    roster = Roster(
        TEAM, (Pattern(ANNA, Role.CASEWORKER, frozenset({Hours.WEEKDAY})),), (leave(ANNA), stand_in(BORA, ANNA))
    )
    assert who_is_meant(roster, Role.CASEWORKER, at("24 10:00"), assigned=ANNA).worker_ids == (BORA,)
    assert on_duty(roster, Role.CASEWORKER, at("24 10:00"), Hours.WEEKDAY) == (BORA,)


def test_a_role_whose_shifts_are_all_over_has_a_gap() -> None:
    """`kept`: somebody wrote a roster once, so an empty one is a fault and not a small office."""
    roster = Roster(TEAM, kept=frozenset({Role.DUTY}))
    assert who_is_meant(roster, Role.DUTY, at("24 10:00")).nobody_on_duty
    assert not who_is_meant(Roster(TEAM), Role.DUTY, at("24 10:00")).nobody_on_duty


def test_gaps_are_found_ahead() -> None:
    """From 09:00 to 18:00 nobody is in the duty room, and where nobody is needed there is no gap."""
    roster = Roster(TEAM, shifts=(duty(DUTY, "23 18:00", "24 09:00"), duty(DUTY, "24 18:00", "25 09:00")))
    found = gaps(roster, [Role.DUTY, Role.LEAD], at("24 00:00"), at("25 00:00"))
    assert found == (Fault(at("24 09:00"), at("24 18:00"), Role.DUTY),)
    off_hours = gaps(roster, [Role.DUTY], at("24 00:00"), at("25 00:00"), needed=lambda _, hours: hours is Hours.NIGHT)
    assert off_hours == ()


def test_a_gap_by_leave() -> None:
    """The only lead is away for a day and nobody stands in."""
    roster = Roster(TEAM, shifts=(leave(LEAD, "24 12:00", "25 12:00"),))
    assert gaps(roster, [Role.LEAD], at("24 00:00"), at("26 00:00")) == (
        Fault(at("24 12:00"), at("25 12:00"), Role.LEAD),
    )


def test_overlaps() -> None:
    """Two on duty for one role at once, and on duty while on leave; one after the other is fine."""
    fine = (duty(DUTY, "24 09:00", "24 18:00"), duty(DUTY2, "24 18:00", "25 09:00"))
    assert overlaps(Roster(TEAM, shifts=fine)) == ()
    doubled = (*fine, duty(DUTY2, "24 17:00", "24 18:00"))
    assert [(fault.starts, fault.worker_ids) for fault in overlaps(Roster(TEAM, shifts=doubled))] == [
        (at("24 17:00"), (DUTY, DUTY2))
    ]
    away = (duty(DUTY, "24 09:00", "24 18:00"), leave(DUTY, "24 10:00", "24 11:00"))
    assert overlaps(Roster(TEAM, shifts=away)) == (Fault(at("24 10:00"), at("24 11:00"), Role.DUTY, (DUTY,)),)


def test_a_day_off_in_a_table_is_a_whole_day() -> None:
    """The last day is included; a time is a time; the role of a duty is the duty room unless named."""
    head = "이름,종류,역할,시작,끝,대신\n"
    rows = read_csv(
        f"{head}가,휴가,,2026-11-24,2026-11-25,\n나,당직,,2026-11-24 18:00,2026-11-25 09:00,\n다,연가,,2026-11-24,2026-11-24,\n"
    )
    assert [(row.starts, row.ends, row.role) for row in rows] == [
        (at("24 00:00"), at("26 00:00"), None), (at("24 18:00"), at("25 09:00"), Role.DUTY), (at("24 00:00"), at("25 00:00"), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("가,숙직,,2026-11-24,2026-11-25,", "2줄 종류 ‘숙직’"), ("가,당직,시장,2026-11-24,2026-11-25,", "2줄 역할 ‘시장’"),
        ("가,휴가,,2026-11-25,2026-11-23,", "2줄 끝이 시작보다"), ("가,휴가,,2025-11-24,2026-11-24,", "석 달"),
        (",휴가,,2026-11-24,2026-11-24,", "이름이 비어"), ("가,대직,,2026-11-24,2026-11-24,", "누구 대신"),
        ("가,대직,,2026-11-24,2026-11-24,가", "자기 자신"),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_is_named(row: str, words: str) -> None:
    """With its line and field, in Korean."""
    with pytest.raises(RosterFault, match=words):
        read_csv(f"이름,종류,역할,시작,끝,대신\n{row}\n")


def test_titles_of_a_calendar() -> None:
    """A date is the whole day in Seoul, its end not included, as calendars have it."""
    entry = CalendarEntry("u", "[복지과] 대직: 나은수(가영희)", date(2026, 11, 24), date(2026, 11, 26))
    [draft] = of_calendar([entry])
    assert (draft.name, draft.covers, draft.kind, draft.ends) == (
        "나은수",
        "가영희",
        ShiftKind.STAND_IN,
        at("26 00:00"),
    )
