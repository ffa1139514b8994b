"""What is not paged at once: routine waits for a digest, and a storm of missed people becomes one page about its cause."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from callbot.escalate.case import CaseKind
from callbot.escalate.hours import is_working_day
from callbot.escalate.policy import Severity
from callbot.schedule.window import SEOUL

CAUSE_KO: dict[str, str] = {
    "trunk": "전화 회선 장애",
    "service": "시스템 장애",
    "many": "미응답 급증",
}
"""What a storm's page says. `trunk`, `service`: known from the health facts or from our own failed attempts."""


@dataclass(frozen=True)
class Paging:
    """A programme's settings."""

    digest_times: tuple[time, ...] = (time(9, 30), time(16, 30))
    storm_count: int = 5
    storm_minutes: int = 15
    page_budget: int = 15
    """Pages a worker and day above which the console warns."""
    long_pages: bool = False
    """A page may be an LMS (up to 2,000 bytes) where it does not fit into 90; else the link is left out."""
    notify_day_before: bool = False
    notify_missed: bool = False


def next_digest(now: datetime, times: Sequence[time], holidays: Container[date] = frozenset()) -> datetime:
    """When what happens now is told: the next digest time on a working day."""
    local = now.astimezone(SEOUL)
    for days in range(15):
        day = local.date() + timedelta(days=days)
        if not is_working_day(day, holidays):
            continue
        for clock in sorted(times) or (time(9, 30),):
            moment = datetime.combine(day, clock, SEOUL)
            if moment > now:
                return moment
    return now + timedelta(days=1)  # two weeks of holidays: rather tell than wait


def may_bundle(kind: CaseKind, severity: Severity) -> bool:
    """Only missed people; critical is never bundled or throttled, and what somebody said is told one by one."""
    return kind is CaseKind.MISSED and severity is not Severity.CRITICAL


def storm_cause(facts: Sequence[str], *, our_fault: bool, recent: int, paging: Paging) -> str | None:
    """Why missed people are bundled now; None: they are not.

    `facts`: names of health facts in force. `our_fault`: this case is one that we could not call. `recent`: cases of the
    programme that were missed within `storm_minutes`, this one included.
    """
    if any(name.startswith("trunk_down") for name in facts):
        return "trunk"
    if our_fault and (recent >= OURS_COUNT or any(name.startswith("service_down") for name in facts)):
        return "service"
    return "many" if recent >= paging.storm_count else None


OURS_COUNT = 2
"""Two people whom we failed to call are no chance."""


def storm_over(last_at: datetime, now: datetime, paging: Paging) -> bool:
    """Nothing new for the length of its window."""
    return now - last_at > timedelta(minutes=paging.storm_minutes)
