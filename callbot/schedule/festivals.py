"""The great holidays, 설날 and 추석: who lives alone is most alone then, so a programme may add contacts around them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

NAMES = {"설날": "seollal", "추석": "chuseok"}


class RoundDay(StrEnum):
    """Where an extra contact stands."""

    BEFORE = "before"  # the last working day before the free days
    ON = "on"  # the day itself
    AFTER = "after"  # the first working day after the free days


@dataclass(frozen=True)
class Round:
    """One extra contact for everybody in a programme."""

    slot: str
    """`2026-seollal-before`: one a person, whatever the week."""
    day: date


def rounds(holidays: Mapping[date, str], wanted: Iterable[RoundDay]) -> tuple[Round, ...]:
    """Extra contacts of every 설날 and 추석 in `holidays` (date -> Korean name), in order of days."""
    where = frozenset(wanted)
    found = (
        Round(f"{day.year}-{NAMES[name]}-{each}", around[each])
        for name, day in _days_of(holidays)
        if (around := _around(day, holidays))
        for each in RoundDay
        if each in where
    )
    return tuple(sorted(found, key=lambda each: each.day))


def _days_of(holidays: Mapping[date, str]) -> Iterator[tuple[str, date]]:
    for day, names in holidays.items():
        for name in names.split("; "):  # two holidays may meet: 개천절; 추석 in 2028
            if name in NAMES:
                yield name, day


def _around(day: date, holidays: Mapping[date, str]) -> dict[RoundDay, date]:
    first = last = day
    while _free(first - timedelta(days=1), holidays):
        first -= timedelta(days=1)
    while _free(last + timedelta(days=1), holidays):
        last += timedelta(days=1)
    return {
        RoundDay.BEFORE: first - timedelta(days=1),
        RoundDay.ON: day,
        RoundDay.AFTER: last + timedelta(days=1),
    }


def _free(day: date, holidays: Mapping[date, str]) -> bool:
    return day in holidays or day.isoweekday() > 5  # noqa: PLR2004 - Friday
