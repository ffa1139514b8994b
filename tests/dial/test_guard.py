"""The dial guard."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.dial.guard import Circumstances, Refusal, refusal
from callbot.people.numbers import is_virtual
from callbot.schedule.window import Window

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FINE = Circumstances("+821000000001", True, False, True, Window(), NOW + timedelta(hours=8), False)


def test_fine() -> None:
    """A virtual number, consent, no hold, inside the hours."""
    assert refusal(FINE, NOW) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"active": False}, Refusal.NOT_ACTIVE),
        ({"held": True}, Refusal.HELD),
        ({"consent": False}, Refusal.NO_CONSENT),
        ({"e164": None}, Refusal.NO_NUMBER),
        ({"e164": "+821012345678"}, Refusal.NOT_VIRTUAL),
        ({"e164": "+8210000000011"}, Refusal.NOT_VIRTUAL),
        ({"e164": "821000000001"}, Refusal.NOT_VIRTUAL),
        ({"expires_at": NOW}, Refusal.EXPIRED),
        ({"window": None}, Refusal.WINDOW_CLOSED),
        ({"window": Window(time(11), time(12))}, Refusal.WINDOW_CLOSED),
    ],
)
def test_each_refusal(change: dict[str, object], reason: Refusal) -> None:
    """Each thing that is not right is a refusal by itself."""
    assert refusal(replace(FINE, **change), NOW) is reason  # type: ignore[arg-type]


def test_with_a_trunk_real_numbers() -> None:
    """Only a configured trunk lets a real number through."""
    assert refusal(replace(FINE, e164="+821012345678", trunk=True), NOW) is None


@pytest.mark.parametrize("e164", ["+82119", "+822119", "+8215881234", "+825051234567", "+8210123456", "+12025550100"])
def test_with_a_trunk_only_persons(e164: str) -> None:
    """A service, a switchboard, a forwarded or foreign number is refused whatever the ledger holds."""
    assert refusal(replace(FINE, e164=e164, trunk=True), NOW) is Refusal.NOT_A_PERSONS


@given(digits=st.from_regex(r"\+?[0-9]{0,14}", fullmatch=True), minutes=st.integers(0, 10_080))
def test_without_a_trunk_nothing_but_virtual(digits: str, minutes: int) -> None:
    """Whatever the number and whenever: without a trunk only 010-0000-NNNN, and only by day."""
    now = NOW + timedelta(minutes=minutes)
    here = replace(FINE, e164=digits, expires_at=now + timedelta(hours=1), window=Window(time(0), time(23, 59)))
    if refusal(here, now) is None:
        assert is_virtual(digits)
        assert 8 <= (now + timedelta(hours=9)).hour < 21
