"""One attempt to reach a person by one number: its states and the one table of transitions."""

from enum import StrEnum

from callbot.dial.attempt_end import AttemptEnd
from callbot.schedule.due_contact import ImpossibleTransition


class AttemptState(StrEnum):
    """Where an attempt stands. From `dialling` on, its number is never originated again."""

    PLANNED = "planned"  # its claim was given back before anything was dialled
    CLAIMED = "claimed"  # one owner holds it, by lease and fencing token
    DIALLING = "dialling"  # committed before Originate is sent
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.PLANNED: frozenset({AttemptState.CLAIMED, AttemptState.ENDED}),
    # A claim whose owner died before dialling goes back: nothing rang, so the number may still be used.
    # Answered without dialling: they called us.
    AttemptState.CLAIMED: frozenset(
        {AttemptState.DIALLING, AttemptState.ANSWERED, AttemptState.PLANNED, AttemptState.ENDED}
    ),
    AttemptState.DIALLING: frozenset({AttemptState.RINGING, AttemptState.ANSWERED, AttemptState.ENDED}),
    AttemptState.RINGING: frozenset({AttemptState.ANSWERED, AttemptState.ENDED}),
    AttemptState.ANSWERED: frozenset({AttemptState.ENDED}),
    AttemptState.ENDED: frozenset(),
}

IN_FLIGHT = frozenset(
    {AttemptState.CLAIMED, AttemptState.DIALLING, AttemptState.RINGING, AttemptState.ANSWERED},
)
"""States that hold a lease."""

ON_THE_LINE = IN_FLIGHT - {AttemptState.CLAIMED}
"""States in which the network may know of this attempt."""

_BEFORE_DIALLING = frozenset({AttemptEnd.WINDOW_CLOSED, AttemptEnd.BAD_NUMBER, AttemptEnd.SYSTEM_FAILURE})
_UNANSWERED = frozenset(AttemptEnd) - {
    AttemptEnd.PERSON,
    AttemptEnd.OTHER_PERSON,
    AttemptEnd.SILENT,
    AttemptEnd.WINDOW_CLOSED,
}

ENDS_FROM: dict[AttemptState, frozenset[AttemptEnd]] = {
    AttemptState.PLANNED: frozenset({AttemptEnd.WINDOW_CLOSED}),
    AttemptState.CLAIMED: _BEFORE_DIALLING,
    # Announcements and voicemail greetings also come as early media, before any answer.
    AttemptState.DIALLING: _UNANSWERED,
    AttemptState.RINGING: _UNANSWERED,
    # Once the line was open, "busy" or "no answer" would be a lie about it; only what was heard, or our own failure.
    AttemptState.ANSWERED: frozenset(
        {
            AttemptEnd.PERSON,
            AttemptEnd.OTHER_PERSON,
            AttemptEnd.VOICEMAIL,
            AttemptEnd.ANNOUNCEMENT,
            AttemptEnd.BAD_NUMBER,
            AttemptEnd.SILENT,
            AttemptEnd.NETWORK_FAILURE,
            AttemptEnd.SYSTEM_FAILURE,
            AttemptEnd.INTERRUPTED,
        }
    ),
    AttemptState.ENDED: frozenset(),
}

OUR_FAULT = frozenset(
    {AttemptEnd.NETWORK_FAILURE, AttemptEnd.SYSTEM_FAILURE, AttemptEnd.INTERRUPTED, AttemptEnd.WINDOW_CLOSED}
)
"""Ends that say nothing about the person."""


def move(old: AttemptState, new: AttemptState, end: AttemptEnd | None = None) -> AttemptState:
    """`new`, where the tables allow it and an end is given exactly for `ended`. Raises ImpossibleTransition."""
    if new not in TRANSITIONS[old]:
        raise ImpossibleTransition(f"attempt: {old} -> {new}")
    if (new is AttemptState.ENDED) != (end is not None):
        raise ImpossibleTransition(f"attempt: {old} -> {new} with end {end}")
    if end is not None and end not in ENDS_FROM[old]:
        raise ImpossibleTransition(f"attempt: {old} -> {new} as {end}")
    return new
