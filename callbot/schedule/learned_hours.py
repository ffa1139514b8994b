"""When a person in fact answers: learned from attempts, proposed to a worker, never imposed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from callbot.schedule.window import Window

LEAST_ANSWERED = 6
"""Answered attempts in all, before anything is said about a person's habits."""
LEAST_AT_HOUR = 3
"""Attempts in the hour that is proposed."""
Z = 1.2816
"""One-sided 90 %: a proposal costs a glance, and weekly calls give few attempts."""
BETTER_BY = 0.05
"""The lower bound of the proposed hour must be above the plain rate of the present one by so much."""


@dataclass(frozen=True)
class Tried:
    """One attempt on the person's own number; our own failures are not counted."""

    hour: int
    """In Seoul, 0 to 23."""
    answered: bool


@dataclass(frozen=True)
class Proposal:
    """Call at this hour instead."""

    hour: int
    answered: int
    tried: int
    now_hour: int
    now_answered: int
    now_tried: int


def wilson_low(answered: int, tried: int, z: float = Z) -> float:
    """The lower end of Wilson's interval for a rate; 0 where nothing was tried.

    >>> round(wilson_low(8, 8), 2), round(wilson_low(2, 2), 2)
    (0.83, 0.55)
    """
    if tried == 0:
        return 0.0
    rate, z2 = answered / tried, z * z
    middle = rate + z2 / (2 * tried)
    spread = z * math.sqrt(rate * (1 - rate) / tried + z2 / (4 * tried * tried))
    return max((middle - spread) / (1 + z2 / tried), 0.0)


def propose(tries: Iterable[Tried], preferred: time, window: Window | None) -> Proposal | None:
    """A better hour inside the window, or None: too little is known, or the present hour is as good."""
    count: dict[int, tuple[int, int]] = {}
    for each in tries:
        answered, tried = count.get(each.hour, (0, 0))
        count[each.hour] = (answered + each.answered, tried + 1)
    if window is None or sum(answered for answered, _ in count.values()) < LEAST_ANSWERED:
        return None
    now_answered, now_tried = count.get(preferred.hour, (0, 0))
    if not now_tried:
        return None
    inside = window.within_hard_stop()
    open_hours = [
        hour
        for hour, (_, tried) in count.items()
        if tried >= LEAST_AT_HOUR and inside is not None and inside.opens <= time(hour) < inside.closes
    ]
    best = max(open_hours, key=lambda hour: (wilson_low(*count[hour]), -hour), default=None)
    if best is None or best == preferred.hour:
        return None
    if wilson_low(*count[best]) < now_answered / now_tried + BETTER_BY:
        return None
    return Proposal(best, *count[best], preferred.hour, now_answered, now_tried)
