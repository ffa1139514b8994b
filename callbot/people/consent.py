"""Consent: an append-only ledger; the latest entry of a kind is in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ConsentKind(StrEnum):
    """Asked for separately, because the law does (facts/korea.md, section 5)."""

    GENERAL = "general"  # being called at all
    SENSITIVE = "sensitive"  # health data
    RECORDING = "recording"
    THIRD_PARTY = "third_party"  # guardian, vendor
    SMS = "sms"
    COGNITION = "cognition"  # being asked about memory (dementia check)


REQUIRED_TO_CALL = frozenset({ConsentKind.GENERAL, ConsentKind.SENSITIVE})
"""The questions are about health: without both nobody is called."""


@dataclass(frozen=True)
class ConsentEntry:
    """Given or withdrawn, at a moment."""

    kind: ConsentKind
    given: bool
    at: datetime


CLOCK_PUT_BACK = timedelta(minutes=15)
"""A withdrawal (or a hold) dated a little ahead was written before the clock was put back: it is in force already."""


def in_force(entries: Iterable[ConsentEntry], now: datetime) -> frozenset[ConsentKind]:
    """Kinds given and not withdrawn by `now`. Of two entries at the same instant a withdrawal wins. Fails closed where
    the clock was put back."""
    latest: dict[ConsentKind, ConsentEntry] = {}
    for entry in entries:
        if entry.at > (now if entry.given else now + CLOCK_PUT_BACK):
            continue
        known = latest.get(entry.kind)
        if known is None or (entry.at, not entry.given) >= (known.at, not known.given):
            latest[entry.kind] = entry
    return frozenset(kind for kind, entry in latest.items() if entry.given)


def may_call(entries: Iterable[ConsentEntry], now: datetime) -> bool:
    """Every consent that a call needs is in force."""
    return in_force(entries, now) >= REQUIRED_TO_CALL
