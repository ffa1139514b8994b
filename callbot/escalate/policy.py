"""Escalation policy: who is paged about a case, when, until somebody takes it. Data, snapshotted onto the case."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from callbot.escalate.case import CaseKind
from callbot.people.team import Role
from callbot.schedule.ladder import duration_s
from callbot.understand.meaning import Level


class Severity(StrEnum):
    """How a page is handled: critical is never bundled or throttled."""

    CRITICAL = "critical"
    HIGH = "high"
    MISSED = "missed"
    ROUTINE = "routine"


SEVERITY_ORDER = (Severity.CRITICAL, Severity.HIGH, Severity.MISSED, Severity.ROUTINE)
"""Sent in this order."""


class PolicyError(ValueError):
    """A policy cannot be used; the message names the step and the mend, in Korean."""


class Step(BaseModel):
    """Page this role, `after` seconds from the case's opening (or its last raise)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Role
    after: float = Field(0, ge=0)
    channel: str = "sms"

    @field_validator("after", mode="before")
    @classmethod
    def _read_duration(cls, value: Any) -> Any:
        return duration_s(value)


class EscalationPolicy(BaseModel):
    """Steps by severity. A severity without steps pages nobody beyond the first caseworker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    steps: dict[Severity, tuple[Step, ...]]

    def steps_for(self, severity: Severity) -> tuple[Step, ...]:
        """In order; never empty: somebody always hears of a case."""
        return self.steps.get(severity) or (Step(to=Role.CASEWORKER),)

    def step_due(self, severity: Severity, steps_done: int, since: datetime) -> tuple[Step, datetime] | None:
        """The next step and when it is due; None: all were taken."""
        steps = self.steps_for(severity)
        if steps_done >= len(steps):
            return None
        step = steps[steps_done]
        return step, since + timedelta(seconds=step.after)


DEFAULT = EscalationPolicy(
    name="기본",
    steps={
        Severity.CRITICAL: (
            Step(to=Role.CASEWORKER),
            Step(to=Role.LEAD, after=300),
            Step(to=Role.DUTY, after=600),
            Step(to=Role.SUPERVISOR, after=900),
        ),
        Severity.HIGH: (Step(to=Role.CASEWORKER), Step(to=Role.LEAD, after=1800), Step(to=Role.SUPERVISOR, after=5400)),
        Severity.MISSED: (Step(to=Role.CASEWORKER), Step(to=Role.LEAD, after=1800)),
        Severity.ROUTINE: (Step(to=Role.CASEWORKER),),
    },
)
"""Critical climbs after 5 minutes without acknowledgement, missed after 30 (issue 6)."""


def severity_of(kind: CaseKind, level: Level) -> Severity:
    """How urgently a case of this kind and level is paged."""
    if level is Level.EMERGENCY:
        return Severity.CRITICAL
    if level is Level.HIGH:
        return Severity.HIGH
    return Severity.MISSED if kind is CaseKind.MISSED else Severity.ROUTINE


def read_policy(raw: dict[str, Any]) -> EscalationPolicy:
    """From JSON or YAML. Raises PolicyError."""
    try:
        return EscalationPolicy.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyError(f"호출 정책 {place}: {first['msg']} (값: {first.get('input')!r})") from error
