"""Escalation policy: who is paged about a case, when, until somebody takes it. Data, snapshotted onto the case.

    name: 기본
    steps:                                  # at any hour ...
      critical: [{to: caseworker}, {to: lead, after: 5m}, {to: duty, after: 10m, channel: voice, repeats: 1, every: 2m}]
    hours:                                  # ... but at these
      night: {critical: [{to: duty}, {to: lead, after: 5m}]}
    deadlines: {critical: 2h}               # acknowledged without an outcome for so long: triggered again
    again: {critical: 5m}                   # after the last step of an unanswered case the steps begin anew

`after` counts from the case's opening (or its last raise). A case keeps its step number when the hours change: at 18:00
step 3 of the day is followed by step 4 of the night.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from callbot.escalate.case import CaseKind
from callbot.escalate.hours import Hours
from callbot.people.team import CLIMB, Role
from callbot.schedule.ladder import duration_s
from callbot.understand.meaning import Level

LATE = timedelta(seconds=60)
"""A climb later than this (we were down) counts the following gap from now, so that not everybody is paged at once."""
MOST_STEPS = 8


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
    channel: Literal["sms", "voice"] = "sms"
    repeats: int = Field(0, ge=0, le=5)
    """How often the same people are paged once more, `every` seconds apart, before the next step."""
    every: float = Field(120, ge=10)

    @field_validator("after", "every", mode="before")
    @classmethod
    def _read_duration(cls, value: Any) -> Any:
        return duration_s(value)


@dataclass(frozen=True)
class Beat:
    """One moment of a policy: a step, or one of its repeats."""

    step: int
    """Index of the step."""
    to: Role
    channel: str
    at: float
    """Seconds from the beginning."""


Steps = tuple[Step, ...]


class EscalationPolicy(BaseModel):
    """Steps by severity and by hours. A severity without steps pages nobody beyond the first caseworker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    steps: dict[Severity, Steps]
    hours: dict[Hours, dict[Severity, Steps]] = Field(default_factory=dict)
    deadlines: dict[Severity, float] = Field(default_factory=dict)
    """Seconds from acknowledgement within which an outcome is owed; what is not named: DEADLINES."""
    again: dict[Severity, float] = Field(default_factory=dict)
    """Seconds from the last step until the steps begin anew. Critical always does (AGAIN)."""

    @field_validator("deadlines", "again", mode="before")
    @classmethod
    def _read_durations(cls, value: Any) -> Any:
        return {key: duration_s(text) for key, text in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _times_rise(self) -> Self:
        for table in (self.steps, *self.hours.values()):
            for severity, steps in table.items():
                if len(steps) > MOST_STEPS:
                    raise ValueError(f"{severity}: 단계가 {len(steps)}개입니다. {MOST_STEPS}개까지 쓸 수 있습니다.")
                _check_rising(severity, steps)
        return self

    def steps_for(self, severity: Severity, hours: Hours = Hours.WEEKDAY) -> Steps:
        """In order; never empty: somebody always hears of a case."""
        return self.hours.get(hours, {}).get(severity) or self.steps.get(severity) or (Step(to=Role.CASEWORKER),)

    def means(self, role: Role, hours: Hours) -> bool:
        """Some step of these hours is for this role. Routine is told in office hours, whenever it happens."""
        paged = [severity for severity in Severity if severity is not Severity.ROUTINE or hours is Hours.WEEKDAY]
        return any(step.to is role for severity in paged for step in self.steps_for(severity, hours))

    def beats(self, severity: Severity, hours: Hours = Hours.WEEKDAY) -> tuple[Beat, ...]:
        """Steps with their repeats, in order of time."""
        return tuple(
            Beat(place, step.to, step.channel, step.after + number * step.every)
            for place, step in enumerate(self.steps_for(severity, hours))
            for number in range(step.repeats + 1)
        )

    def beat_now(self, severity: Severity, done: int, hours: Hours = Hours.WEEKDAY) -> tuple[int, Beat]:
        """(number, beat) to page when `done` beats were paged already; past the end they begin anew at 0."""
        beats = self.beats(severity, hours)
        number = done if done < len(beats) else 0
        return number, beats[number]

    def beyond(self, severity: Severity, hours: Hours = Hours.WEEKDAY) -> Beat | None:
        """Whoever stands above the last step: for somebody who declines where no step is left. None: nobody does."""
        steps = self.steps_for(severity, hours)
        higher = CLIMB[CLIMB.index(steps[-1].to) + 1 :]
        return Beat(len(steps), higher[0], steps[-1].channel, 0.0) if higher else None

    def following(self, severity: Severity, number: int, paged_at: datetime, hours: Hours) -> datetime | None:
        """When the beat after `number` is due, if that one was paged at `paged_at`; None: there is none."""
        beats = self.beats(severity, hours)
        if number + 1 < len(beats):
            return paged_at + timedelta(seconds=beats[number + 1].at - beats[number].at)
        wait = self.again_after(severity)
        return None if wait is None else paged_at + wait

    def again_after(self, severity: Severity) -> timedelta | None:
        """From the last step to the first one of the next round; None: it ends there."""
        seconds = self.again.get(severity, AGAIN.get(severity))
        return None if seconds is None else timedelta(seconds=seconds)

    def deadline(self, severity: Severity) -> timedelta:
        """How long an acknowledged case may stand without an outcome."""
        return timedelta(seconds=self.deadlines.get(severity, DEADLINES[severity]))


def _check_rising(severity: Severity, steps: Steps) -> None:
    ends = 0.0
    for number, step in enumerate(steps, start=1):
        if step.after < ends:
            raise ValueError(
                f"{severity} {number}단계는 {step.after / 60:g}분 뒤인데, 앞 단계가 {ends / 60:g}분에 끝납니다. 뒤로 미뤄 주세요."
            )
        ends = step.after + step.repeats * step.every


DEADLINES: dict[Severity, float] = {
    Severity.CRITICAL: 2 * 3600.0,
    Severity.HIGH: 8 * 3600.0,
    Severity.MISSED: 24 * 3600.0,
    Severity.ROUTINE: 72 * 3600.0,
}
AGAIN: dict[Severity, float] = {Severity.CRITICAL: 300.0}
"""A critical case that nobody took is never silent; a policy may lengthen this, not switch it off."""

_OFF_HOURS: dict[Severity, Steps] = {
    Severity.CRITICAL: (
        Step(to=Role.DUTY),
        Step(to=Role.LEAD, after=300),
        Step(to=Role.SUPERVISOR, after=600),
    ),
    Severity.HIGH: (Step(to=Role.DUTY), Step(to=Role.LEAD, after=1800), Step(to=Role.SUPERVISOR, after=5400)),
    Severity.MISSED: (Step(to=Role.DUTY), Step(to=Role.LEAD, after=1800)),
}

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
    hours={Hours.NIGHT: _OFF_HOURS, Hours.WEEKEND: _OFF_HOURS, Hours.HOLIDAY: _OFF_HOURS},
)
"""Critical climbs after 5 minutes without acknowledgement, missed after 30 (issue 6); off hours the duty room hears first."""


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
        if not place:
            raise PolicyError(f"호출 정책: {first['msg'].removeprefix('Value error, ')}") from error
        raise PolicyError(f"호출 정책 {place}: {first['msg']} (값: {first.get('input')!r})") from error
