"""The retry ladder: what to do when an attempt did not reach the person. Data, snapshotted onto each due contact.

    name: 기본
    days: 1                 # tried on one day only; 2: also on the next working day
    most_a_day: 5           # rings of the person's own numbers, from whatever cause
    spare: 3                # failures on our side, before anything rang, that use up no rung
    rungs:
      - do: call_again
        after: {default: 30m, busy: 10m, off: 90m}
      - do: sms             # a text to the person
      - do: page            # tell the caseworker already, and go on
      - do: other_number    # the person's next own number; passed over where there is none
        after: {default: 5m}
      - do: contact         # guardian or neighbour, if the person agreed to it
        who: [guardian, neighbour]
      - do: visit           # ask for a visit

Rungs that are no calls are done the moment the attempt before them has failed. An attempt that failed on our side before
anything rang is spared `spare` times; then, and whenever something may have rung, it uses a rung like any other, so that
a broken trunk cannot ring somebody all day. Whether the person or we were to blame is told by the disposition.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from callbot.people.numbers import Relation
from callbot.schedule.window import SEOUL, Window


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
LONGEST_S = 3 * 86400.0
MOST_RUNGS = 12


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


class Effect(StrEnum):
    """What a rung does that is no call."""

    SMS = "sms"
    PAGE = "page"
    VISIT = "visit"


class Rung(BaseModel):
    """One rung."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Literal["call_again", "other_number", "contact", "sms", "page", "visit"]
    after: dict[RetryCause, float] = Field(default_factory=dict)
    """Seconds by cause; `default` for the rest. Only for calls."""
    number: Literal["same", "next"] = "same"
    """Of `call_again`, `next`: the person's next own number, else the same."""
    who: tuple[Relation, ...] = (Relation.GUARDIAN, Relation.NEIGHBOUR)
    """Of `contact`: whom, in this order."""
    only: tuple[RetryCause, ...] = ()
    """Only after an attempt that ended so; empty: always."""
    late: Literal["move", "drop"] = "move"
    """A call that falls outside today's hours: moved to the next opening, while the due contact lasts, or left out."""

    @field_validator("after", mode="before")
    @classmethod
    def _read_durations(cls, value: Any) -> Any:
        return {cause: duration_s(text) for cause, text in value.items()} if isinstance(value, dict) else value

    @field_validator("after")
    @classmethod
    def _bounded(cls, value: dict[RetryCause, float]) -> dict[RetryCause, float]:
        if any(not 0 <= seconds <= LONGEST_S for seconds in value.values()):
            raise ValueError("기다리는 시간은 0분에서 3일 사이여야 합니다.")
        return value

    @property
    def calls(self) -> bool:
        """Somebody's phone rings."""
        return self.do in {"call_again", "other_number", "contact"}

    def delay(self, cause: RetryCause) -> timedelta:
        """How long to wait after an attempt that ended so."""
        seconds = self.after.get(cause, self.after.get(RetryCause.DEFAULT, 1800.0))
        return timedelta(seconds=seconds)


class RetryLadder(BaseModel):
    """An ordered list of rungs; the first call is not a rung."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    rungs: tuple[Rung, ...] = Field(max_length=MOST_RUNGS)
    days: int = Field(1, ge=1, le=3)
    most_a_day: int = Field(6, ge=1, le=10)
    spare: int = Field(3, ge=0, le=10)
    spare_after: float = Field(600.0, ge=5, le=7200)

    @property
    def most_attempts(self) -> int:
        """Calls to the person in all, the first one included, where every number exists."""
        return 1 + sum(rung.do in {"call_again", "other_number"} for rung in self.rungs)


DEFAULT = RetryLadder(
    name="기본 3회",
    rungs=(
        Rung(
            do="call_again",
            after={RetryCause.DEFAULT: 1800, RetryCause.BUSY: 600, RetryCause.OFF: 3600, RetryCause.ASKED: 3600},
        ),
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
class Reach:
    """What there is to call, and what was used up of it, as it stands when an attempt has ended."""

    other_own: bool = False
    """The person has a further number of their own."""
    contacts: tuple[Relation, ...] = ()
    """Guardians and neighbours not called yet for this due contact, in order; empty without the person's consent."""
    rings_today: int = 0
    """Of the person's own numbers, today in Seoul."""
    spared: int = 0
    """Failures on our side before anything rang, the one just ended included; 0: this one is not of that kind."""


@dataclass(frozen=True)
class CallAgain:
    """Try once more, at this time."""

    at: datetime
    rungs_used: int
    next_number: bool = False
    """The person's next own number."""
    contact: int | None = None
    """Which of `Reach.contacts` to call."""
    effects: tuple[Effect, ...] = ()
    """Done now: rungs that were passed on the way."""


@dataclass(frozen=True)
class GiveUp:
    """No rung is left, or none fits before the due contact expires."""

    effects: tuple[Effect, ...] = ()
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
    reach: Reach = Reach(),
) -> CallAgain | GiveUp:
    """The next step after an attempt that did not reach the person."""
    if 0 < reach.spared <= ladder.spare:
        at = next_call_at(now + timedelta(seconds=ladder.spare_after), expires_at, window)
        return CallAgain(at, rungs_used) if at is not None else GiveUp(too_late=True)
    effects: list[Effect] = []
    too_late = False
    for used, rung in enumerate(ladder.rungs[rungs_used:], start=rungs_used + 1):
        if rung.only and cause not in rung.only:
            continue
        if not rung.calls:
            effects.append(Effect(rung.do))
            continue
        contact = next((n for n, relation in enumerate(reach.contacts) if relation in rung.who), None)
        if (rung.do == "contact" and contact is None) or (rung.do == "other_number" and not reach.other_own):
            continue
        at = _when(ladder, rung, cause, now=now, expires_at=expires_at, window=window, reach=reach)
        if at is None:
            too_late = True
            continue
        follow = rung.do == "other_number" or (rung.number == "next" and reach.other_own)
        return CallAgain(at, used, follow, contact if rung.do == "contact" else None, tuple(effects))
    return GiveUp(tuple(effects), too_late)


def _when(
    ladder: RetryLadder,
    rung: Rung,
    cause: RetryCause,
    *,
    now: datetime,
    expires_at: datetime,
    window: Window | None,
    reach: Reach,
) -> datetime | None:
    wished = now + rung.delay(cause)
    if rung.do != "contact" and reach.rings_today >= ladder.most_a_day:
        wished = max(wished, next_midnight(now))
    at = next_call_at(wished, expires_at, window)
    if at is not None and rung.late == "drop" and at.astimezone(SEOUL).date() != now.astimezone(SEOUL).date():
        return None
    return at


def next_midnight(now: datetime) -> datetime:
    """The start of the next day in Seoul."""
    return datetime.combine(now.astimezone(SEOUL).date() + timedelta(days=1), time(), SEOUL)


def next_call_at(wished: datetime, expires_at: datetime, window: Window | None) -> datetime | None:
    """The wished time, moved into the window; None where that is never, or not before the due contact expires."""
    at = window.next_open(wished) if window is not None else None
    return at if at is not None and at < expires_at else None
