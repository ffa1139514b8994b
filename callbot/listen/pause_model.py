"""How long this person pauses inside an answer, learned from their own calls: a factor on the pauses of the turn policy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from callbot.listen.turn_policy import TurnPolicy

COUNTS_S = 0.25
"""A shorter gap is an unreleased stop or a breath, not a pause."""
LONGEST_S = 4.0
"""A longer one is somebody fetching their glasses."""
LEAST = 8
"""Fewer pauses say nothing about a person; the policy for everybody holds."""
KEPT = 120
"""The latest pauses that are remembered: about ten calls. People change."""
QUANTILE = 0.9
"""Robust against one cough or one long search for a word, and still near the longest that is usual."""
USUAL_S = 0.75
"""That quantile of people for whom the pauses of TurnPolicy were chosen."""
LEAST_PATIENCE, MOST_PATIENCE = 0.85, 1.8
"""Whatever was learned: a quick talker is not cut off at a breath, and a slow one is not met with endless silence."""
MARGIN_S = 0.2
"""Beyond the usual longest pause before it counts as an end."""


@dataclass(frozen=True)
class OwnPauses:
    """What was learned."""

    quantile_s: float
    observed: int

    @property
    def patience(self) -> float:
        """Factor on every pause.

        >>> OwnPauses(1.5, 40).patience, OwnPauses(0.3, 40).patience
        (1.8, 0.85)
        """
        return min(MOST_PATIENCE, max(LEAST_PATIENCE, self.quantile_s / USUAL_S))


def own_pauses(pauses_s: Sequence[float]) -> OwnPauses | None:
    """From pauses inside a person's turns, newest last. None: too few to say.

    >>> own_pauses([0.4] * 9 + [1.0] * 3)
    OwnPauses(quantile_s=1.0, observed=12)
    """
    known = sorted(usable(pauses_s)[-KEPT:])
    if len(known) < LEAST:
        return None
    return OwnPauses(known[min(len(known) - 1, int(QUANTILE * len(known)))], len(known))


def usable(pauses_s: Iterable[float]) -> list[float]:
    """Those that count as pauses, in hundredths of a second."""
    return [round(pause, 2) for pause in pauses_s if COUNTS_S <= pause <= LONGEST_S]


def policy_for(pauses_s: Sequence[float], policy: TurnPolicy | None = None) -> TurnPolicy:
    """The turn policy for a person with these pauses."""
    policy = policy or TurnPolicy()
    own = own_pauses(pauses_s)
    if own is None:
        return policy
    return replace(
        policy,
        patience=policy.patience * own.patience,
        own_pause_s=own.quantile_s + MARGIN_S,
    )
