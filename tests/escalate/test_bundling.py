"""What waits, what is bundled, and what never is."""

from datetime import date, datetime, time, timedelta
from itertools import product

import pytest

from callbot.escalate.bundling import Paging, may_bundle, next_digest, storm_cause, storm_over
from callbot.escalate.case import CaseKind
from callbot.escalate.policy import Severity
from callbot.schedule.window import SEOUL

TIMES = (time(9, 30), time(16, 30))
CHRISTMAS = frozenset({date(2026, 12, 25)})


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("11-24 08:00", "11-24 09:30"), ("11-24 09:30", "11-24 16:30"), ("11-24 12:00", "11-24 16:30"), ("11-24 16:30", "11-25 09:30"),
        ("11-27 17:00", "11-30 09:30"), ("11-28 10:00", "11-30 09:30"), ("12-24 17:00", "12-28 09:30"),
    ],
)  # fmt: skip
def test_routine_is_told_in_office_hours(now: str, told: str) -> None:
    """At the next time of a working day: not at night, on a weekend, on a holiday."""
    moment, expected = (
        datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SEOUL) for text in (now, told)
    )
    assert next_digest(moment, TIMES, CHRISTMAS) == expected


def test_rather_told_than_waiting_for_ever() -> None:
    """A calendar full of holidays delays a day, not for ever."""
    now = datetime(2026, 11, 24, 10, 0, tzinfo=SEOUL)
    every_day = frozenset(now.date() + timedelta(days=number) for number in range(40))
    assert next_digest(now, TIMES, every_day) == now + timedelta(days=1)


@pytest.mark.parametrize(("kind", "severity"), list(product(CaseKind, Severity)))
def test_only_missed_people_are_bundled(kind: CaseKind, severity: Severity) -> None:
    """Critical never, and what somebody said never."""
    assert may_bundle(kind, severity) is (kind is CaseKind.MISSED and severity is not Severity.CRITICAL)


@pytest.mark.parametrize(
    ("facts", "our_fault", "recent", "cause"),
    [
        ([], False, 4, None), ([], False, 5, "many"), ([], False, 300, "many"),
        ([], True, 1, None), ([], True, 2, "service"), (["service_down"], True, 1, "service"), (["service_down"], False, 1, None),
        (["trunk_down:main"], False, 1, "trunk"), (["nobody_on_duty:1"], False, 1, None),
    ],
)  # fmt: skip
def test_what_makes_a_storm(facts: list[str], our_fault: bool, recent: int, cause: str | None) -> None:
    """Five people within a quarter of an hour, two whom we failed to call, or a trunk that is known to be down."""
    assert storm_cause(facts, our_fault=our_fault, recent=recent, paging=Paging()) == cause


def test_a_storm_ends_after_a_quiet_while() -> None:
    """The length of its window."""
    now = datetime(2026, 11, 24, 10, 0, tzinfo=SEOUL)
    assert not storm_over(now - timedelta(minutes=15), now, Paging())
    assert storm_over(now - timedelta(minutes=16), now, Paging())
