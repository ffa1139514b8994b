"""The due contact: this person, this week, must be heard from. Its states, its ends, and the one table of transitions."""

from enum import StrEnum


class DueState(StrEnum):
    """Where a due contact stands."""

    PLANNED = "planned"  # not yet tried
    OPEN = "open"  # at least one attempt was claimed
    ENDED = "ended"  # has exactly one disposition


class Disposition(StrEnum):
    """How a due contact ended. "We do not know" is never an end."""

    CONTACTED = "contacted"  # the person's own words are in the transcript
    CONTACTED_DEGRADED = "contacted_degraded"  # only a key press that was asked for by name
    REFUSED = "refused"  # the person spoke, and did not want to (today)
    NOT_REACHED = "not_reached"
    REPORTED = "reported"  # somebody told us: hospital, death, moved
    SUSPENDED = "suspended"  # a hold, or consent withdrawn
    FAILED_BY_US = "failed_by_us"  # no attempt ever reached the network, or every one failed on our side


QUIET = frozenset({Disposition.CONTACTED, Disposition.SUSPENDED})
"""Dispositions that open no case by themselves."""

TRANSITIONS: dict[DueState, frozenset[DueState]] = {
    DueState.PLANNED: frozenset({DueState.OPEN, DueState.ENDED}),
    DueState.OPEN: frozenset({DueState.ENDED}),
    DueState.ENDED: frozenset(),
}

DISPOSITIONS_FROM: dict[DueState, frozenset[Disposition]] = {
    # Never tried: stopped by a hold, told by somebody, or we never got to dial.
    DueState.PLANNED: frozenset({Disposition.SUSPENDED, Disposition.REPORTED, Disposition.FAILED_BY_US}),
    DueState.OPEN: frozenset(Disposition),
    DueState.ENDED: frozenset(),
}


class ImpossibleTransition(ValueError):
    """A state was asked to become one that its table does not allow: a fault in our code, never in the world."""


def move(old: DueState, new: DueState, disposition: Disposition | None = None) -> DueState:
    """`new`, where the tables allow it and a disposition is given exactly for `ended`. Raises ImpossibleTransition."""
    if new not in TRANSITIONS[old]:
        raise ImpossibleTransition(f"due contact: {old} -> {new}")
    if (new is DueState.ENDED) != (disposition is not None):
        raise ImpossibleTransition(f"due contact: {old} -> {new} with disposition {disposition}")
    if disposition is not None and disposition not in DISPOSITIONS_FROM[old]:
        raise ImpossibleTransition(f"due contact: {old} -> {new} as {disposition}")
    return new
