"""The dial guard: asked once when an attempt is claimed and again in the instant before Originate. Fails closed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callbot.people.numbers import is_virtual
from callbot.schedule.window import Window


class Refusal(StrEnum):
    """Why this number may not be dialled now."""

    HELD = "held"
    NO_CONSENT = "no_consent"
    NOT_ACTIVE = "not_active"  # the person has left the programme
    NO_NUMBER = "no_number"
    NOT_VIRTUAL = "not_virtual"  # no trunk is configured: only 010-0000-NNNN
    WINDOW_CLOSED = "window_closed"
    EXPIRED = "expired"  # the due contact's time is over


SUSPENDING = frozenset({Refusal.HELD, Refusal.NO_CONSENT, Refusal.NOT_ACTIVE})
"""Refusals that end the due contact as suspended."""


@dataclass(frozen=True)
class Circumstances:
    """All that decides whether somebody may be dialled, as it stands at that moment."""

    e164: str | None
    active: bool
    held: bool
    consent: bool
    window: Window | None
    expires_at: datetime
    trunk: bool
    """A real trunk is configured."""


def refusal(circumstances: Circumstances, now: datetime) -> Refusal | None:
    """None: may be dialled. The person's own wishes are looked at first: they outlast every window."""
    if not circumstances.active:
        return Refusal.NOT_ACTIVE
    if circumstances.held:
        return Refusal.HELD
    if not circumstances.consent:
        return Refusal.NO_CONSENT
    if circumstances.e164 is None:
        return Refusal.NO_NUMBER
    if not circumstances.trunk and not is_virtual(circumstances.e164):
        return Refusal.NOT_VIRTUAL
    if now >= circumstances.expires_at:
        return Refusal.EXPIRED
    if circumstances.window is None or not circumstances.window.is_open(now):
        return Refusal.WINDOW_CLOSED
    return None
