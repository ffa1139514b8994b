"""How worried to be about somebody who was not reached, joined with what was heard before."""

from dataclasses import dataclass

from callbot.understand.meaning import Level

MISSES_TO_HIGH = 2
"""Consecutive due contacts that ended without contact."""
MISSES_TO_VISIT = 3


@dataclass(frozen=True)
class MissedJudgement:
    """What a missed due contact means."""

    level: Level
    visit: bool
    """Somebody should go there, not only phone."""
    reason: str
    """One Korean sentence."""


def judge_missed(consecutive: int, recent: Level = Level.NONE) -> MissedJudgement:
    """`consecutive`: due contacts missed in a row, this one included (each after its whole retry ladder).
    `recent`: the worst level of the last 14 days that no caseworker has closed.

    | missed in a row | nothing recent | watch | high | emergency |
    |---|---|---|---|---|
    | 1 | watch | watch | high, visit | emergency, visit |
    | 2 | high | high | high, visit | emergency, visit |
    | 3 or more | high, visit | high, visit | high, visit | emergency, visit |
    """
    if consecutive < 1:
        raise ValueError(f"consecutive misses must be at least 1, got {consecutive}")
    if recent is Level.EMERGENCY:
        return MissedJudgement(
            Level.EMERGENCY, visit=True, reason="최근 긴급한 말씀이 있었는데 전화를 받지 않으셨습니다."
        )
    if recent is Level.HIGH:
        return MissedJudgement(Level.HIGH, visit=True, reason="최근 걱정되는 말씀이 있었는데 전화를 받지 않으셨습니다.")
    if consecutive >= MISSES_TO_VISIT:
        return MissedJudgement(
            Level.HIGH, visit=True, reason=f"안부 전화가 {consecutive}번 이어서 닿지 않았습니다. 방문이 필요합니다."
        )
    if consecutive >= MISSES_TO_HIGH:
        return MissedJudgement(Level.HIGH, visit=False, reason=f"안부 전화가 {consecutive}번 이어서 닿지 않았습니다.")
    return MissedJudgement(Level.WATCH, visit=False, reason="이번 안부 전화가 닿지 않았습니다.")
