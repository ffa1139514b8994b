"""The dial guard: asked once when an attempt is claimed and again in the instant before Originate. Fails closed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callbot.people.numbers import is_virtual, may_be_dialled
from callbot.schedule.window import Window


class Refusal(StrEnum):
    """Why this number may not be dialled now."""

    HELD = "held"
    NO_CONSENT = "no_consent"
    NOT_ACTIVE = "not_active"  # the person has left the programme, or has not begun
    STOPPED = "campaign_stopped"
    NO_NUMBER = "no_number"
    NOT_A_PERSONS = "not_a_persons"  # a service, a switchboard, a paid or foreign number
    NOT_VIRTUAL = "not_virtual"  # no trunk is configured: only 010-0000-NNNN
    WINDOW_CLOSED = "window_closed"
    EXPIRED = "expired"  # the due contact's time is over


SUSPENDING = frozenset({Refusal.HELD, Refusal.NO_CONSENT, Refusal.NOT_ACTIVE, Refusal.STOPPED})
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
    stopped: bool = False
    """It belongs to a campaign that does not run any more."""


def refusal(circumstances: Circumstances, now: datetime) -> Refusal | None:
    """None: may be dialled. The person's own wishes are looked at first: they outlast every window."""
    it = circumstances
    checks = (
        (not it.active, Refusal.NOT_ACTIVE),
        (it.held, Refusal.HELD),
        (not it.consent, Refusal.NO_CONSENT),
        (it.stopped, Refusal.STOPPED),
        (it.e164 is None, Refusal.NO_NUMBER),
        (not it.trunk and not is_virtual(it.e164 or ""), Refusal.NOT_VIRTUAL),
        (not may_be_dialled(it.e164 or ""), Refusal.NOT_A_PERSONS),
        (now >= it.expires_at, Refusal.EXPIRED),
        (it.window is None or not it.window.is_open(now), Refusal.WINDOW_CLOSED),
    )
    return next((reason for applies, reason in checks if applies), None)
