"""A case until a human has found something out: deadlines, gaps, declines, other hands, nights; on both databases."""

from datetime import date, datetime, timedelta

import pytest
from ledger_fixtures import TUESDAY, Town
from sqlalchemy import select

from callbot.escalate.case import CaseKind, CaseOutcome
from callbot.escalate.policy import read_policy
from callbot.escalate.roster import Shift, ShiftKind
from callbot.people.team import Role
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.schedule.window import SEOUL
from callbot.store.health_rows import facts
from callbot.store.invariants import violations
from callbot.store.paging_rows import use_policy
from callbot.store.policy_rows import add_worker, publish_policy
from callbot.store.roster_rows import add_shift
from callbot.store.tables import case_events, cases, pages
from callbot.store.tables_escalate import case_workers
from callbot.understand.meaning import Level
from callbot.workflows.handle_case import acknowledge, climb, close_case, decline, reassign
from callbot.workflows.keep_watch import check_duty, remind_follow_ups
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def opened(
    town: Town, level: Level = Level.EMERGENCY, now: datetime = TUESDAY, kind: CaseKind = CaseKind.DISTRESS
) -> int:
    return open_case(town.store, Matter(town.person_ids[0], kind, level, Wording("x"), "y", f"c/{now}"), now).case_id


def rows(town: Town, table) -> list:  # type: ignore[no-untyped-def,type-arg]
    with town.store.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def paged(town: Town) -> list[tuple[int | None, float]]:
    return [(page.worker_id, (page.created_at - TUESDAY) / MINUTE) for page in rows(town, pages)]


def run(town: Town, until: float, since: float = 0) -> None:
    """The climb tick, every minute."""
    for minute in range(int(since), int(until) + 1):
        climb(town.store, TUESDAY + minute * MINUTE)


def test_critical_never_falls_silent(town: Town) -> None:
    """Nobody answers: caseworker, lead, duty room and supervisor at 0, 5, 10, 15 minutes, and from 20 on all of it again.

    This town has neither duty room nor supervisor: the lead hears in their place, and nobody is missing.
    """
    opened(town)
    run(town, 26)
    worker, lead = town.caseworker_id, town.lead_id
    assert paged(town) == [
        (worker, 0), (lead, 5), (lead, 10), (lead, 15), (worker, 20), (lead, 25),
    ]  # fmt: skip
    with town.store.read() as connection:
        assert facts(connection) == ()
        assert violations(connection, TUESDAY + 26 * MINUTE) == []


def test_missed_climbs_after_thirty_minutes(town: Town) -> None:
    """To the lead, once."""
    opened(town, Level.WATCH, kind=CaseKind.MISSED)
    run(town, 120)
    assert paged(town) == [(town.caseworker_id, 0), (town.lead_id, 30)]


@pytest.mark.parametrize(
    ("kind", "level", "hours"),
    [(CaseKind.DISTRESS, Level.EMERGENCY, 2), (CaseKind.DISTRESS, Level.HIGH, 8), (CaseKind.MISSED, Level.WATCH, 24)],
)
def test_acknowledged_is_not_resolved(town: Town, kind: CaseKind, level: Level, hours: int) -> None:
    """Without an outcome by its deadline the case is open again, is paged from the first step, and its history says so."""
    case_id = opened(town, level, kind=kind)
    acknowledge(town.store, case_id, None, TUESDAY)
    assert rows(town, cases)[0].next_step_at == TUESDAY + hours * HOUR
    assert climb(town.store, TUESDAY + hours * HOUR - MINUTE) == 0
    assert climb(town.store, TUESDAY + hours * HOUR) == 1
    [case] = rows(town, cases)
    assert (case.state, case.step, case.round) == ("triggered", 1, 1)
    assert [event.what for event in rows(town, case_events)] == ["opened", "acknowledged", "came_back"]
    assert len(rows(town, pages)) >= 2


def test_what_comes_back_again_and_again_comes_at_longer_intervals(town: Town) -> None:
    """An emergency that is taken each time and never gets an outcome: after 2, 4, 8 and again 8 hours, and it never stops."""
    case_id, now = opened(town), TUESDAY
    for hours in (2, 4, 8, 8):
        acknowledge(town.store, case_id, None, now)
        due = rows(town, cases)[0].next_step_at
        assert due - now == hours * HOUR
        now = due
        assert climb(town.store, now) == 1
        assert rows(town, cases)[0].state == "triggered"


def test_declining_what_one_had_taken(town: Town) -> None:
    """It is open again and the next step is paged at once."""
    case_id = opened(town)
    acknowledge(town.store, case_id, None, TUESDAY + MINUTE)
    decline(town.store, case_id, None, TUESDAY + 3 * MINUTE)
    assert paged(town) == [(town.caseworker_id, 0), (town.lead_id, 3)]
    assert rows(town, cases)[0].state == "triggered"
    assert [event.what for event in rows(town, case_events)] == ["opened", "acknowledged", "declined"]


def test_declining_where_no_step_is_left(town: Town) -> None:
    """A request is told only to the caseworker; 못 맡음 is told at once to whoever stands above, not to the same one again.
    The highest has nobody above: critical begins anew."""
    case_id = opened(town, Level.WATCH, kind=CaseKind.REQUEST)
    assert rows(town, pages) == []
    decline(town.store, case_id, None, TUESDAY + MINUTE)
    assert paged(town) == [(town.lead_id, 1)]
    with town.store.write() as connection:
        boss = add_worker(
            connection, town.store.keys, name="관리자", role=Role.SUPERVISOR, programme_id=town.programme_id
        )
    policy = read_policy({"name": "x", "steps": {"critical": [{"to": "lead"}, {"to": "supervisor", "after": "5m"}]}})
    with town.store.write() as connection:
        use_policy(connection, town.programme_id, publish_policy(connection, policy, TUESDAY))
    critical = opened(town, kind=CaseKind.DISTRESS)
    for minute in (1, 2, 3):
        decline(town.store, critical, None, TUESDAY + minute * MINUTE)
    assert paged(town)[1:] == [(town.lead_id, 0), (boss, 1), (town.lead_id, 2), (boss, 3)]


def test_a_late_tick_does_not_page_everybody_at_once(town: Town) -> None:
    """We were down for an hour: the lead is paged at once, the step after it still has its five minutes."""
    opened(town)
    assert climb(town.store, TUESDAY + HOUR) == 1
    assert climb(town.store, TUESDAY + HOUR + 4 * MINUTE) == 0
    assert climb(town.store, TUESDAY + HOUR + 5 * MINUTE) == 1


def test_reassigned(town: Town) -> None:
    """Another worker is paged as the case's own; the steps begin anew; a closed case is nobody's any more."""
    with town.store.write() as connection:
        other = add_worker(
            connection, town.store.keys, name="문세라", role=Role.CASEWORKER, programme_id=town.programme_id
        )
    case_id = opened(town)
    run(town, 5)
    reassign(town.store, case_id, other, TUESDAY + 6 * MINUTE, account_id=None)
    assert paged(town)[-1] == (other, 6)
    assert rows(town, case_events)[-1].detail == "문세라"
    climb(town.store, TUESDAY + 11 * MINUTE)
    assert paged(town)[-1] == (town.lead_id, 11)
    close_case(town.store, case_id, CaseOutcome.VISITED, "", TUESDAY + 12 * MINUTE)
    with pytest.raises(ImpossibleTransition):
        reassign(town.store, case_id, other, TUESDAY + 13 * MINUTE, account_id=None)


def test_closed_on_behalf(town: Town) -> None:
    """A supervisor writes down what a caseworker did: both are named."""
    case_id = opened(town)
    close_case(town.store, case_id, CaseOutcome.VISITED, "만나 뵘", TUESDAY, on_behalf_of=town.caseworker_id)
    assert rows(town, cases)[0].note == "만나 뵘 (한담당 대신 기록)"
    assert rows(town, case_workers)[-1].worker_id == town.caseworker_id


def test_at_night_the_duty_room_hears_first(town: Town) -> None:
    """Tuesday 19:00: the duty room, not the caseworker; the policy is the one of the hours at that moment."""
    with town.store.write() as connection:
        duty = add_worker(connection, town.store.keys, name="당직실", role=Role.DUTY, programme_id=town.programme_id)
    evening = datetime(2026, 11, 24, 19, 0, tzinfo=SEOUL)
    opened(town, now=evening)
    climb(town.store, evening + 5 * MINUTE)
    assert [page.worker_id for page in rows(town, pages)] == [duty, town.lead_id]


def test_a_case_that_grows_old_overnight_follows_the_nights_policy(town: Town) -> None:
    """Opened at 17:55: step 2 at 18:00 is the lead of the night's policy."""
    before = datetime(2026, 11, 24, 17, 55, tzinfo=SEOUL)
    opened(town, now=before)
    climb(town.store, before + 5 * MINUTE)
    assert [page.worker_id for page in rows(town, pages)] == [town.caseworker_id, town.lead_id]


def test_whoever_is_on_leave_is_not_paged(town: Town) -> None:
    """The stand-in gets the case; with no stand-in the colleagues do; with nobody left the next role, and it is said."""
    with town.store.write() as connection:
        other = add_worker(
            connection, town.store.keys, name="문세라", role=Role.CASEWORKER, programme_id=town.programme_id
        )
        away = Shift(town.caseworker_id, ShiftKind.LEAVE, TUESDAY - HOUR, TUESDAY + 8 * HOUR)
        add_shift(connection, town.programme_id, away, TUESDAY)
    opened(town)
    assert [page.worker_id for page in rows(town, pages)] == [other]
    with town.store.write() as connection:
        add_shift(connection, town.programme_id, Shift(other, ShiftKind.LEAVE, TUESDAY, TUESDAY + HOUR), TUESDAY)
    opened(town, Level.HIGH, kind=CaseKind.REPORT)
    assert [page.worker_id for page in rows(town, pages)] == [other, town.lead_id]
    assert rows(town, case_events)[-1].what == "nobody_on_duty"
    with town.store.write() as connection:
        stand_in = Shift(town.lead_id, ShiftKind.STAND_IN, TUESDAY, TUESDAY + HOUR, covers=town.caseworker_id)
        add_shift(connection, town.programme_id, stand_in, TUESDAY)
    opened(town, Level.WATCH, kind=CaseKind.MISSED)
    assert rows(town, pages)[-1].worker_id == town.lead_id
    assert [event.what for event in rows(town, case_events)].count("nobody_on_duty") == 1


def test_the_policy_is_a_snapshot(town: Town) -> None:
    """A case keeps the steps it was opened with; the next one takes the new version."""
    opened(town)
    policy = read_policy({"name": "짧게", "steps": {"critical": [{"to": "lead"}]}, "again": {"critical": 60}})
    with town.store.write() as connection:
        use_policy(connection, town.programme_id, publish_policy(connection, policy, TUESDAY))
    climb(town.store, TUESDAY + 5 * MINUTE)
    assert paged(town) == [(town.caseworker_id, 0), (town.lead_id, 5)]
    close_case(town.store, 1, CaseOutcome.VISITED, "", TUESDAY + 6 * MINUTE)
    opened(town, now=TUESDAY + 7 * MINUTE)
    climb(town.store, TUESDAY + 8 * MINUTE)
    assert paged(town)[2:] == [(town.lead_id, 7), (town.lead_id, 8)]


def test_repeats_page_the_same_people_once_more(town: Town) -> None:
    """A step may ring three times before the next one is due."""
    steps = [{"to": "caseworker", "repeats": 2, "every": "1m"}, {"to": "lead", "after": "5m"}]
    policy = read_policy({"name": "세 번", "steps": {"critical": steps}})
    with town.store.write() as connection:
        use_policy(connection, town.programme_id, publish_policy(connection, policy, TUESDAY))
    opened(town)
    run(town, 5)
    assert paged(town) == [(town.caseworker_id, 0), (town.caseworker_id, 1), (town.caseworker_id, 2), (town.lead_id, 5)]


def test_a_day_to_look_again(town: Town) -> None:
    """The follow-up date brings one reminder, at nine, to the case's caseworker; the case stays closed."""
    case_id = opened(town)
    close_case(town.store, case_id, CaseOutcome.HOSPITALISED, "입원", TUESDAY, follow_up_on=date(2026, 11, 27))
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=SEOUL)
    assert [remind_follow_ups(town.store, friday - MINUTE), remind_follow_ups(town.store, friday)] == [0, 1]
    assert remind_follow_ups(town.store, friday + MINUTE) == 0
    assert "다시 볼 날" in rows(town, pages)[-1].body
    assert rows(town, cases)[0].state == "closed"


def test_the_watch_is_told_while_nobody_is_on_duty(town: Town) -> None:
    """Raised before anything happens, and cleared when somebody is there again."""
    name = f"nobody_on_duty:{town.programme_id}"

    def wrong() -> list[str]:
        with town.store.read() as connection:
            return [fact.name for fact in facts(connection)]

    assert check_duty(town.store, TUESDAY) == 0  # a small office without a duty room: its lead stands for it
    assert wrong() == []
    leave = Shift(town.lead_id, ShiftKind.LEAVE, TUESDAY, TUESDAY + HOUR)
    with town.store.write() as connection:
        add_shift(connection, town.programme_id, leave, TUESDAY)
    assert check_duty(town.store, TUESDAY) == 1
    assert wrong() == [name]
    with town.store.write() as connection:
        for role in (Role.DUTY, Role.SUPERVISOR):
            add_worker(connection, town.store.keys, name=role, role=role, programme_id=town.programme_id)
    assert check_duty(town.store, TUESDAY + HOUR) == 0
    assert wrong() == []
    with town.store.write() as connection:
        last = Shift(3, ShiftKind.DUTY, TUESDAY - HOUR, TUESDAY + HOUR, Role.DUTY)
        add_shift(connection, town.programme_id, last, TUESDAY)
    assert check_duty(town.store, TUESDAY + HOUR + MINUTE) == 1
