"""The retry ladder: what to do when an attempt did not reach the person. Data, snapshotted onto each due contact.

    name: 기본
    rungs:
      - do: call_again
        after: {default: 30m, busy: 10m, off: 90m}
      - do: page            # tell the caseworker already, and go on
      - do: call_again
        after: {default: 60m}

An attempt that failed by our own fault (interrupted, network, system) uses a rung like any other, so that a broken trunk
cannot ring somebody all day; whether the person or we were to blame is told by the disposition.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from callbot.schedule.window import Window


class RetryCause(StrEnum):
    """What delays are chosen by: coarser than an attempt's end."""

    DEFAULT = "default"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    OFF = "off"  # announcement, voicemail
    REJECTED = "rejected"
    OTHER_PERSON = "other_person"
    ASKED = "asked"  # "바빠, 나중에": the person asked for another time
    NETWORK = "network"
    OURS = "ours"


DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h)")
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0}


class LadderError(ValueError):
    """A ladder cannot be used; the message names the rung and the mend, in Korean."""


def duration_s(text: str | float) -> float:
    """'30m', '20s', '1.5h', or seconds."""
    if isinstance(text, int | float):
        return float(text)
    match = DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"시간을 읽을 수 없습니다: {text!r} (예: 30m, 20s, 2h)")
    return float(match[1]) * _UNIT_S[match[2]]


class Rung(BaseModel):
    """One rung."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Literal["call_again", "page"]
    after: dict[RetryCause, float] = Field(default_factory=dict)
    """Seconds by cause; `default` for the rest. Only for `call_again`."""
    number: Literal["same", "next"] = "same"
    """`next`: the person's next own number, where there is one."""

    @field_validator("after", mode="before")
    @classmethod
    def _read_durations(cls, value: Any) -> Any:
        return {cause: duration_s(text) for cause, text in value.items()} if isinstance(value, dict) else value

    def delay(self, cause: RetryCause) -> timedelta:
        """How long to wait after an attempt that ended so."""
        seconds = self.after.get(cause, self.after.get(RetryCause.DEFAULT, 1800.0))
        return timedelta(seconds=seconds)


class RetryLadder(BaseModel):
    """An ordered list of rungs; the first call is not a rung."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    rungs: tuple[Rung, ...] = Field(max_length=10)

    @property
    def most_attempts(self) -> int:
        """Calls in all, the first one included."""
        return 1 + sum(rung.do == "call_again" for rung in self.rungs)


DEFAULT = RetryLadder(
    name="기본 3회",
    rungs=(
        Rung(do="call_again", after={RetryCause.DEFAULT: 1800, RetryCause.BUSY: 600, RetryCause.ASKED: 3600}),
        Rung(do="call_again", after={RetryCause.DEFAULT: 5400, RetryCause.BUSY: 900, RetryCause.ASKED: 5400}),
    ),
)
"""Three attempts in about two hours."""


def read_ladder(raw: dict[str, Any]) -> RetryLadder:
    """From JSON or YAML. Raises LadderError."""
    try:
        return RetryLadder.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise LadderError(f"재시도 사다리 {place}: {first['msg']} (값: {first.get('input')!r})") from error


@dataclass(frozen=True)
class CallAgain:
    """Try once more, at this time."""

    at: datetime
    rungs_used: int
    next_number: bool = False
    page_now: bool = False
    """A `page` rung was passed on the way."""


@dataclass(frozen=True)
class GiveUp:
    """No rung is left, or none fits before the due contact expires."""

    rungs_used: int
    too_late: bool = False
    """There were rungs left, but the hours are over."""


def after_attempt(
    ladder: RetryLadder,
    rungs_used: int,
    cause: RetryCause,
    *,
    now: datetime,
    expires_at: datetime,
    window: Window | None,
) -> CallAgain | GiveUp:
    """The next step after an attempt that did not reach the person."""
    page_now = False
    for used, rung in enumerate(ladder.rungs[rungs_used:], start=rungs_used + 1):
        if rung.do == "page":
            page_now = True
            continue
        at = next_call_at(now + rung.delay(cause), expires_at, window)
        if at is None:
            return GiveUp(used - 1, too_late=True)
        return CallAgain(at, used, rung.number == "next", page_now)
    return GiveUp(len(ladder.rungs))


def next_call_at(wished: datetime, expires_at: datetime, window: Window | None) -> datetime | None:
    """The wished time, moved into the window; None where that is never, or not before the due contact expires."""
    at = window.next_open(wished) if window is not None else None
    return at if at is not None and at < expires_at else None
