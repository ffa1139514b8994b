"""Names, consent, holds, the team."""

from datetime import UTC, datetime, timedelta

import pytest

from callbot.people.consent import REQUIRED_TO_CALL, ConsentEntry, ConsentKind, in_force, may_call
from callbot.people.hold import Hold, HoldReason
from callbot.people.person import age_in, masked_name
from callbot.people.team import Role, Worker, meant

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "masked"),
    [("김순자", "김O자"), ("허준", "허O"), ("남궁민수", "남OO수"), ("김", "O"), ("", "O"), (" 김순자 ", "김O자")],
)
def test_masked(name: str, masked: str) -> None:
    """What leaves the building."""
    assert masked_name(name) == masked


def test_age() -> None:
    """Only the year of birth is kept."""
    assert (age_in(1944, 2026), age_in(None, 2026)) == (82, None)


def test_consent_is_the_latest_entry() -> None:
    """Given, withdrawn, given again; a withdrawal of the same instant wins; what is not yet does not count."""
    given = [ConsentEntry(kind, True, NOW - 3 * HOUR) for kind in REQUIRED_TO_CALL]
    assert may_call(given, NOW)
    assert not may_call(given, NOW - 4 * HOUR)
    assert not may_call(given[:1], NOW)
    withdrawn = [*given, ConsentEntry(ConsentKind.SENSITIVE, False, NOW - HOUR)]
    assert may_call(withdrawn, NOW - 2 * HOUR)
    assert not may_call(withdrawn, NOW)
    again = [*withdrawn, ConsentEntry(ConsentKind.SENSITIVE, True, NOW)]
    assert may_call(again, NOW)
    # Written at 10:05 by a clock that was then put back to 09:58: nobody is called in those seven minutes.
    assert not may_call([*given, ConsentEntry(ConsentKind.GENERAL, False, NOW + HOUR / 8)], NOW)
    both = [ConsentEntry(ConsentKind.GENERAL, flag, NOW) for flag in (True, False)]
    assert in_force(both, NOW) == in_force(reversed(both), NOW) == frozenset()


@pytest.mark.parametrize(
    ("hold", "held"),
    [
        (Hold(HoldReason.TRAVEL, NOW - HOUR), True),
        (Hold(HoldReason.TRAVEL, NOW), True),
        (Hold(HoldReason.TRAVEL, NOW + HOUR), False),
        (Hold(HoldReason.TRAVEL, NOW - HOUR, until=NOW), False),
        (Hold(HoldReason.TRAVEL, NOW - HOUR, until=NOW + HOUR), True),
        (Hold(HoldReason.TRAVEL, NOW - HOUR, lifted_at=NOW), False),
    ],
)
def test_hold(hold: Hold, held: bool) -> None:
    """From its start to its end or its lifting."""
    assert hold.at(NOW) is held


def test_who_is_meant() -> None:
    """The person's own worker; on leave, the role's others, then the next higher; nobody is said as nobody."""
    team = [
        Worker(1, Role.CASEWORKER),
        Worker(2, Role.CASEWORKER),
        Worker(3, Role.SUPERVISOR),
        Worker(4, Role.LEAD, False),
    ]
    assert meant(Role.CASEWORKER, 1, team) == (1,)
    assert meant(Role.CASEWORKER, None, team) == (1, 2)
    assert meant(Role.CASEWORKER, 9, team) == (1, 2)
    assert meant(Role.LEAD, 1, team) == (3,)
    assert meant(Role.CASEWORKER, 1, []) == ()
