"""Who is meant for a role at a moment: standing patterns, single shifts, leave, and whoever stands in.

- `Pattern`: this worker stands for the role at these hours, week after week.
- `Shift` of kind `duty`: stands for the role from a moment to another (당직). `leave`: is not there. `stand_in` (대직): does
  what `covers` would have done, also their own cases.

A role that an office does not have at all (no 당직실) is stood for by whoever of its leads, duty room and supervisors is on
duty: nobody is missing there, and no alarm stands for ever.

A role for which the programme keeps no roster at all is always on duty: a small office needs none. Once there is a pattern
or a duty shift for it, the roster decides, and a moment that nobody covers is a gap: everybody of the next role is meant,
and the watch is told.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from callbot.escalate.hours import Hours, hours_at, next_change
from callbot.people.team import CLIMB, Role, Worker


class ShiftKind(StrEnum):
    """What a shift says about its worker."""

    DUTY = "duty"
    LEAVE = "leave"
    STAND_IN = "stand_in"


SHIFT_KO: dict[ShiftKind, str] = {ShiftKind.DUTY: "당직", ShiftKind.LEAVE: "휴가", ShiftKind.STAND_IN: "대직"}


@dataclass(frozen=True)
class Pattern:
    """Standing duty."""

    worker_id: int
    role: Role
    hours: frozenset[Hours]


@dataclass(frozen=True)
class Shift:
    """From `starts` up to, not including, `ends`."""

    worker_id: int
    kind: ShiftKind
    starts: datetime
    ends: datetime
    role: Role | None = None
    """Of a duty: the role stood for."""
    covers: int | None = None
    """Of a stand-in: for whom."""
    id: int = 0

    def at(self, moment: datetime) -> bool:
        """In force."""
        return self.starts <= moment < self.ends


@dataclass(frozen=True)
class Roster:
    """Everything known about one programme's team."""

    team: tuple[Worker, ...]
    patterns: tuple[Pattern, ...] = ()
    shifts: tuple[Shift, ...] = ()
    """Those that matter for the time asked about."""
    kept: frozenset[Role] = frozenset()
    """Roles with duty shifts at any time: a role whose last shift is over has a gap, not an empty roster."""

    def kept_for(self, role: Role) -> bool:
        """Somebody writes a roster for this role."""
        duty = any(shift.kind is ShiftKind.DUTY and shift.role is role for shift in self.shifts)
        return duty or role in self.kept or any(pattern.role is role for pattern in self.patterns)


@dataclass(frozen=True)
class Meant:
    """Whom to page."""

    worker_ids: tuple[int, ...]
    """Empty: the team has nobody at all."""
    role: Role
    """Whose place they take: higher than asked for where nobody of that role was on duty."""
    nobody_on_duty: bool = False
    """An error: said in the case's history, on the console, and by the watch."""


def who_is_meant(
    roster: Roster, role: Role, at: datetime, *, assigned: int | None = None, holidays: Container[date] = frozenset()
) -> Meant:
    """Whom a step means. `assigned`: the person's own caseworker, for `caseworker`."""
    hours = hours_at(at, holidays)
    if role is Role.CASEWORKER and assigned is not None:
        own = _own(roster, assigned, at)
        if own is not None and _on_duty(roster, own, role, hours, at):
            return Meant((own,), role)
    found = _standing(roster, role, at, hours)
    if found:
        return Meant(found, role)
    for instead, found in _instead(roster, role, at, hours):
        return Meant(found, instead)
    for higher in CLIMB[CLIMB.index(role) + 1 :]:
        everybody = _present(roster, _of_role(roster, higher), at)
        if everybody:
            return Meant(everybody, higher, nobody_on_duty=True)
    active = tuple(worker.id for worker in roster.team if worker.active)
    # Somebody on leave who hears of it is better than nobody who does.
    return Meant(_present(roster, active, at) or active, role, nobody_on_duty=True)


def on_duty(roster: Roster, role: Role, at: datetime, hours: Hours) -> tuple[int, ...]:
    """Everybody who stands for the role now, stand-ins in place of those on leave; without doubles, by id. Of a role that the
    office does not have: whoever stands for it instead."""
    instead = (found for _, found in _instead(roster, role, at, hours))
    return _standing(roster, role, at, hours) or next(instead, ())


def _instead(roster: Roster, role: Role, at: datetime, hours: Hours) -> Iterator[tuple[Role, tuple[int, ...]]]:
    """For a role that nobody ever had here: the next higher one with somebody on duty, else the next lower one."""
    if roster.kept_for(role) or _of_role(roster, role):
        return
    place = CLIMB.index(role)
    for other in (*CLIMB[place + 1 :], *reversed(CLIMB[1:place])):
        found = _standing(roster, other, at, hours)
        if found:
            yield other, found


def _standing(roster: Roster, role: Role, at: datetime, hours: Hours) -> tuple[int, ...]:
    meant: set[int] = set()
    for worker_id in _of_role(roster, role) + _on_shift(roster, role, at):
        if not _on_duty(roster, worker_id, role, hours, at):
            continue
        present = _own(roster, worker_id, at)
        if present is not None:
            meant.add(present)
    return tuple(sorted(meant))


def _of_role(roster: Roster, role: Role) -> tuple[int, ...]:
    named = {pattern.worker_id for pattern in roster.patterns if pattern.role is role}
    active = [worker for worker in roster.team if worker.active]
    return tuple(worker.id for worker in active if worker.role is role or worker.id in named)


def _on_shift(roster: Roster, role: Role, at: datetime) -> tuple[int, ...]:
    active = {worker.id for worker in roster.team if worker.active}
    return tuple(
        shift.worker_id
        for shift in roster.shifts
        if shift.kind is ShiftKind.DUTY and shift.role is role and shift.at(at) and shift.worker_id in active
    )


def _on_duty(roster: Roster, worker_id: int, role: Role, hours: Hours, at: datetime) -> bool:
    """By pattern or shift; always, where no roster is kept for the role, or (a caseworker's own case) where somebody
    stands in for a colleague who is."""
    if not roster.kept_for(role):
        return True
    covered = {
        shift.covers
        for shift in roster.shifts
        if shift.kind is ShiftKind.STAND_IN and shift.at(at) and shift.worker_id == worker_id
    }
    standing = {worker_id, *covered}
    by_pattern = any(
        pattern.role is role and pattern.worker_id in standing and hours in pattern.hours for pattern in roster.patterns
    )
    return by_pattern or any(number in standing for number in _on_shift(roster, role, at))


def _own(roster: Roster, worker_id: int, at: datetime) -> int | None:
    """The worker, or whoever stands in for them now, link by link; None: on leave and nobody stands in."""
    active = {worker.id for worker in roster.team if worker.active}
    seen: set[int] = set()
    while worker_id not in seen:
        seen.add(worker_id)
        stand_in = _stand_in(roster, worker_id, at)
        if stand_in is not None and stand_in in active:
            worker_id = stand_in
            continue
        return worker_id if worker_id in active and not on_leave(roster, worker_id, at) else None
    return None  # they stand in for one another in a circle, and all are away


def _stand_in(roster: Roster, worker_id: int, at: datetime) -> int | None:
    """The newest entry wins."""
    found = [
        shift
        for shift in roster.shifts
        if shift.kind is ShiftKind.STAND_IN and shift.covers == worker_id and shift.at(at)
    ]
    return max(found, key=lambda shift: (shift.starts, shift.id)).worker_id if found else None


def on_leave(roster: Roster, worker_id: int, at: datetime) -> bool:
    """Away at this moment."""
    return any(
        shift.kind is ShiftKind.LEAVE and shift.worker_id == worker_id and shift.at(at) for shift in roster.shifts
    )


def _present(roster: Roster, worker_ids: Iterable[int], at: datetime) -> tuple[int, ...]:
    found = {_own(roster, worker_id, at) for worker_id in worker_ids}
    return tuple(sorted(worker_id for worker_id in found if worker_id is not None))


@dataclass(frozen=True)
class Fault:
    """Something wrong with a roster in the days to come."""

    starts: datetime
    ends: datetime
    role: Role
    worker_ids: tuple[int, ...] = ()
    """Empty: a gap, nobody is on duty. Else: whose shifts overlap."""


def gaps(
    roster: Roster,
    roles: Sequence[Role],
    since: datetime,
    until: datetime,
    holidays: Container[date] = frozenset(),
    *,
    needed: Callable[[Role, Hours], bool] = lambda _role, _hours: True,
) -> tuple[Fault, ...]:
    """Stretches of `since` to `until` in which nobody stands for a role, at hours that need it."""
    found: list[Fault] = []
    edges = sorted({since, *(edge for edge in _edges(roster, since, until) if since < edge < until)})
    for role in roles:
        for start, end in zip(edges, [*edges[1:], until], strict=True):
            hours = hours_at(start, holidays)
            if not needed(role, hours) or on_duty(roster, role, start, hours):
                continue
            if found and found[-1].role is role and found[-1].ends == start:
                found[-1] = Fault(found[-1].starts, end, role)
            else:
                found.append(Fault(start, end, role))
    return tuple(found)


def _edges(roster: Roster, since: datetime, until: datetime) -> Iterable[datetime]:
    moment = since
    while moment < until:
        moment = next_change(moment)
        yield moment
        local = moment.replace(hour=0, minute=0)
        if local > since:
            yield local + timedelta(days=1)
    for shift in roster.shifts:
        yield shift.starts
        yield shift.ends


def overlaps(roster: Roster) -> tuple[Fault, ...]:
    """Shifts that contradict one another: on duty and on leave at once, or twice on duty for one role."""
    found: list[Fault] = []
    ordered = sorted(roster.shifts, key=lambda shift: (shift.starts, shift.id))
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.starts >= one.ends:
                continue
            role = one.role or other.role
            duties = one.kind is other.kind is ShiftKind.DUTY and one.role is other.role
            away = one.worker_id == other.worker_id and {one.kind, other.kind} in (
                {ShiftKind.DUTY, ShiftKind.LEAVE},
                {ShiftKind.STAND_IN, ShiftKind.LEAVE},
            )
            if duties or away:
                ends = min(one.ends, other.ends)
                workers = tuple(dict.fromkeys((one.worker_id, other.worker_id)))
                found.append(Fault(other.starts, ends, role or Role.CASEWORKER, workers))
    return tuple(found)
