"""The roster as a week of cells: who stands for which role in every half of a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from callbot.console.times import SEOUL
from callbot.escalate.hours import DAY_BEGINS, DAY_ENDS, Hours, hours_at
from callbot.escalate.policy import EscalationPolicy
from callbot.escalate.roster import Fault, Roster, gaps, on_duty, overlaps
from callbot.people.team import Role
from callbot.store.console_case_list import worker_names
from callbot.store.policy_rows import programme_of
from callbot.store.roster_rows import holidays_between, named_days, roster_of

AHEAD = timedelta(days=28)
"""How far gaps are looked for."""
MOST_FAULTS = 12


@dataclass(frozen=True)
class Cell:
    """Who stands for a role in one half of a day."""

    needed: bool
    """The policy of these hours means this role."""
    names: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    """A column of the week."""

    day: date
    holiday: str
    cells: dict[tuple[str, str], Cell]
    """By role and `day` or `night`."""


@dataclass(frozen=True)
class Week:
    """Everything that the page shows of it."""

    days: tuple[Day, ...]
    roles: tuple[Role, ...]
    gaps: tuple[Fault, ...]
    overlaps: tuple[Fault, ...]


def week(connection: Connection, programme_id: int, monday: date, now: datetime) -> Week:
    """The week of that Monday, and what is wrong in the four weeks to come."""
    first = datetime.combine(monday, datetime.min.time(), SEOUL)
    until = max(first + timedelta(days=8), now + AHEAD)
    roster = roster_of(connection, programme_id, min(first, now), until)
    last = until.astimezone(SEOUL).date()
    holidays = holidays_between(connection, min(monday, now.astimezone(SEOUL).date()), last)
    policy = programme_of(connection, programme_id).policy
    roles = tuple(role for role in Role if any(policy.means(role, hours) for hours in Hours))
    named = named_days(connection, monday, monday + timedelta(days=6))
    names = worker_names(connection)
    days = tuple(
        _day(roster, policy, roles, monday + timedelta(days=number), holidays, named, names) for number in range(7)
    )
    wrong = gaps(roster, roles, now, now + AHEAD, holidays, needed=policy.means)
    doubles = tuple(fault for fault in overlaps(roster) if fault.ends > now)
    return Week(days, roles, wrong, doubles[:MOST_FAULTS])


def _day(
    roster: Roster,
    policy: EscalationPolicy,
    roles: tuple[Role, ...],
    day: date,
    holidays: frozenset[date],
    named: dict[date, str],
    names: dict[int | None, str],
) -> Day:
    cells = {}
    for half, clock in (("day", DAY_BEGINS), ("night", DAY_ENDS)):
        moment = datetime.combine(day, clock, SEOUL)
        hours = hours_at(moment, holidays)
        for role in roles:
            who = tuple(names.get(worker, "?") for worker in on_duty(roster, role, moment, hours))
            cells[str(role), half] = Cell(policy.means(role, hours), who)
    return Day(day, named.get(day, "") if day in holidays else "", cells)
