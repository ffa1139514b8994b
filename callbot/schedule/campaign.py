"""Purpose campaigns (heat, cold, flood, vaccine): whom, in which order, and how long it takes.

A campaign contact never doubles a due contact of the same day: the regular contact has the day, the campaign's moves to the
person's next free day before its deadline, and where there is none the regular call stands for it (ADR 0027).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from callbot.schedule.ladder import RetryCause, RetryLadder
from callbot.schedule.window import SEOUL, Window


class Purpose(StrEnum):
    """What a campaign is for."""

    HEAT = "heat"
    COLD = "cold"
    FLOOD = "flood"
    VACCINE = "vaccine"
    OTHER = "other"


PURPOSE_KO: dict[Purpose, str] = {
    Purpose.HEAT: "폭염",
    Purpose.COLD: "한파",
    Purpose.FLOOD: "호우·침수",
    Purpose.VACCINE: "예방접종 안내",
    Purpose.OTHER: "기타",
}


class CampaignState(StrEnum):
    """Where a campaign stands. Done is not a state: it is when all of its contacts have ended."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"


class CampaignFilter(BaseModel):
    """Whom. Every condition that is set must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    age_from: int | None = Field(None, ge=0, le=130)
    age_to: int | None = Field(None, ge=0, le=130)
    tags: tuple[str, ...] = ()
    """At least one of these."""
    recent_rank: int = Field(0, ge=0, le=3)
    """The worst level of the last `recent_days` is at least this: 1 watch, 2 high, 3 emergency."""
    recent_days: int = Field(90, ge=1, le=365)
    no_contact_days: int | None = Field(None, ge=1, le=365)
    """The person's own voice was not heard for so long (or never)."""


@dataclass(frozen=True)
class Candidate:
    """One person as a filter and the order see them."""

    person_id: int
    age: int | None = None
    tags: frozenset[str] = frozenset()
    recent_rank: int = 0
    open_rank: int = 0
    """The worst open case."""
    missed_in_a_row: int = 0
    last_contact: datetime | None = None


def wanted(candidate: Candidate, by: CampaignFilter, now: datetime) -> bool:
    """Every condition holds. Whose age is not known is taken along where an age is asked for: better one call too many."""
    age = candidate.age
    if age is not None and not (by.age_from or 0) <= age <= (130 if by.age_to is None else by.age_to):
        return False
    if by.tags and not candidate.tags & set(by.tags):
        return False
    if candidate.recent_rank < by.recent_rank:
        return False
    return by.no_contact_days is None or days_silent(candidate, now) >= by.no_contact_days


def days_silent(candidate: Candidate, now: datetime) -> float:
    """Days since the person's own voice was heard; never: infinite."""
    return math.inf if candidate.last_contact is None else (now - candidate.last_contact) / timedelta(days=1)


def worst_first(candidates: Iterable[Candidate], by: CampaignFilter, now: datetime) -> list[Candidate]:
    """Those wanted. First an open case and what was heard of late, then missed contacts, tags, silence, age."""

    def urgency(one: Candidate) -> tuple[float, ...]:
        return (
            -max(one.open_rank, one.recent_rank),
            -min(one.missed_in_a_row, 3),
            -len(one.tags & set(by.tags)),
            -days_silent(one, now),
            -(one.age or 0),
            one.person_id,
        )

    return sorted((one for one in candidates if wanted(one, by, now)), key=urgency)


@dataclass(frozen=True)
class Line:
    """What the telephone gives: measured on the ledger where it can be."""

    channels: int
    call_s: float = 150.0
    """Mean length of an answered call."""
    answer_rate: float = 0.86
    """Of attempts. Daegu 2022: 86 % (facts/korea.md)."""
    ring_s: float = 30.0
    """An attempt that nobody answers holds a channel for so long."""
    gap_s: float = 5.0
    """Between two calls on a channel: claiming, rendering, the first tone."""


@dataclass(frozen=True)
class Forecast:
    """How long a campaign takes, before it is started."""

    people: int
    attempts: float
    """Expected, of all people."""
    per_hour: float
    """People dealt with in an hour of calling."""
    first_round_at: datetime | None
    """Everybody was called once."""
    done_at: datetime | None
    """The last retry of the last person; None: never, the window is closed."""
    reached: float
    unreached: float
    """Expected cases `미응답`."""
    late: int
    """People whose first call would come after the deadline."""
    channels_needed: int
    """To call everybody once before the deadline; 0: impossible, no hour of calling is left."""


def line_s_per_person(line: Line, ladder: RetryLadder) -> tuple[float, float, float]:
    """(expected attempts, expected seconds of a channel, probability of being reached) of one person."""
    miss, most = 1 - line.answer_rate, ladder.most_attempts
    attempts = sum(miss**n for n in range(most))
    each = line.answer_rate * line.call_s + miss * line.ring_s + line.gap_s
    return attempts, attempts * each, 1 - miss**most


def forecast(
    people: int, line: Line, ladder: RetryLadder, window: Window | None, *, start: datetime, deadline: datetime
) -> Forecast:
    """Expected values; nothing is random. Retries are spread among the first calls, as they are when it runs."""
    attempts, seconds, reached = line_s_per_person(line, ladder)
    pace_s = seconds / line.channels
    first_round = later(window, start, people * pace_s)
    tail = sum(rung.delay(RetryCause.NO_ANSWER).total_seconds() for rung in ladder.rungs if rung.calls)
    room_s = open_seconds(window, start, deadline)
    in_time = math.floor(room_s / pace_s + 1e-9)
    return Forecast(
        people=people,
        attempts=people * attempts,
        per_hour=3600 / pace_s,
        first_round_at=first_round,
        done_at=None if first_round is None else later(window, first_round, tail if people else 0),
        reached=people * reached,
        unreached=people * (1 - reached),
        late=max(people - in_time, 0),
        channels_needed=math.ceil(people * seconds / room_s - 1e-9) if room_s else 0,
    )


def planned_times(
    people: int, line: Line, ladder: RetryLadder, window: Window | None, *, start: datetime, deadline: datetime
) -> Iterator[datetime]:
    """When each is to be called first, worst first: the pace of the forecast, so that regular contacts keep their turn.

    Whoever would come after the deadline is put at its last minute of calling: called if the line is faster than thought,
    else ended with a case, never left out.
    """
    _, seconds, _ = line_s_per_person(line, ladder)
    at: datetime | None = later(window, start, 0)
    last = _last_minute(window, start, deadline)
    for _ in range(people):
        if at is None or last is None:
            return
        yield min(at, last)
        at = later(window, at, seconds / line.channels)


def _last_minute(window: Window | None, start: datetime, deadline: datetime) -> datetime | None:
    """The latest moment of calling before the deadline; None: there is none."""
    closing = last_closing(window, start, deadline)
    hours = window.on(closing.astimezone(SEOUL).date()) if window is not None and closing is not None else None
    return None if closing is None or hours is None else max(closing - timedelta(minutes=1), hours[0], start)


def last_closing(window: Window | None, start: datetime, deadline: datetime) -> datetime | None:
    """When the last hour of calling before the deadline is over; None: there is none between the two instants."""
    day = deadline.astimezone(SEOUL).date()
    first = start.astimezone(SEOUL).date()
    while window is not None and day >= first:
        hours = window.on(day)
        if hours is not None and hours[0] < deadline and hours[1] > start:
            return min(hours[1], deadline)
        day -= timedelta(days=1)
    return None


def later(window: Window | None, start: datetime, seconds: float) -> datetime | None:
    """`start` plus so many seconds of calling hours; None: the window never opens."""
    at = window.next_open(start) if window is not None else None
    left = timedelta(seconds=seconds)
    while at is not None and window is not None:
        hours = window.on(at.astimezone(SEOUL).date())
        if hours is None:
            return None
        if at + left < hours[1]:
            return at + left
        left -= hours[1] - at
        at = window.next_open(hours[1])
    return None


def open_seconds(window: Window | None, start: datetime, end: datetime) -> float:
    """Seconds of calling hours between two instants."""
    if window is None or end <= start:
        return 0.0
    total = timedelta()
    day, last = start.astimezone(SEOUL).date(), end.astimezone(SEOUL).date()
    while day <= last:
        hours = window.on(day)
        if hours is not None:
            total += max(min(hours[1], end) - max(hours[0], start), timedelta())
        day += timedelta(days=1)
    return total.total_seconds()
