"""The next moment of a case's escalation policy: page it, and write down when the one after it is due."""

from datetime import datetime

from sqlalchemy import Connection

from callbot.escalate.hours import hours_at
from callbot.escalate.policy import LATE, severity_of
from callbot.store.case_rows import Case, change_case
from callbot.store.policy_rows import Programme
from callbot.store.roster_rows import holidays_near
from callbot.workflows.page_workers import Wording, page_beat

CAUSE = "round"


def first_step(connection: Connection, case: Case, programme: Programme, wording: Wording, now: datetime) -> int:
    """Page the first step of a case that was opened, raised or came back; how many pages."""
    return _page(connection, case, programme, wording, 0, f"{CAUSE}/{case.round}", now, now)


def next_step(
    connection: Connection, case: Case, programme: Programme, wording: Wording, now: datetime, due: datetime | None
) -> int:
    """Page the step that follows; `due`: when it should have been (None: now, somebody declined)."""
    base = due if due is not None and now - due <= LATE else now
    cause = f"{CAUSE}/{case.round}/v{case.version}"
    return _page(connection, case, programme, wording, case.step, cause, now, base, declined=due is None)


def page_again(
    connection: Connection, case: Case, programme: Programme, wording: Wording, cause: str, now: datetime
) -> int:
    """New evidence at the same level: page the first step once more; the steps go on as they were."""
    severity = severity_of(case.kind, case.level)
    hours = hours_at(now, holidays_near(connection, now))
    beat = case.policy.beats(severity, hours)[0]
    return page_beat(connection, case, programme, wording, beat, hours=hours, cause=cause, now=now)


def _page(
    connection: Connection,
    case: Case,
    programme: Programme,
    wording: Wording,
    done: int,
    cause: str,
    now: datetime,
    base: datetime,
    *,
    declined: bool = False,
) -> int:
    severity = severity_of(case.kind, case.level)
    hours = hours_at(now, holidays_near(connection, now))
    number, beat = case.policy.beat_now(severity, done, hours)
    above = case.policy.beyond(severity, hours) if declined and number < done else None
    if above is not None:  # no step is left: not back to those who have heard of it, but to whoever stands above them
        number, beat = done, above
    pages = page_beat(connection, case, programme, wording, beat, hours=hours, cause=cause, now=now)
    change_case(connection, case, step=number + 1, next_step_at=case.policy.following(severity, number, base, hours))
    return pages


MOST_PATIENCE = 4
"""Times the policy's deadline: of an emergency eight hours, so that every shift hears of it once."""


def outcome_due(case: Case, now: datetime, came_back: int) -> datetime:
    """When a case that is taken now comes back without an outcome, having come back so often before.

    Whoever takes it again has looked at it again: each time the deadline is twice as long (an emergency: 2, 4, 8, 8 ... hours).
    It never stops coming back, and it comes back as what it is: with its own severity, from the first step, climbing. A page
    that came at the same pace all night would teach its readers to press 1 without looking."""
    patience = min(1 << came_back, MOST_PATIENCE)
    return now + case.policy.deadline(severity_of(case.kind, case.level)) * patience
