"""Missed contacts."""

import pytest

from callbot.assess.missed import judge_missed
from callbot.understand.meaning import Level


@pytest.mark.parametrize(
    ("consecutive", "recent", "level", "visit"),
    [
        (1, Level.NONE, Level.WATCH, False),
        (1, Level.WATCH, Level.WATCH, False),
        (2, Level.NONE, Level.HIGH, False),
        (3, Level.NONE, Level.HIGH, True),
        (9, Level.UNASSESSABLE, Level.HIGH, True),
        (1, Level.HIGH, Level.HIGH, True),
        (1, Level.EMERGENCY, Level.EMERGENCY, True),
    ],
)
def test_the_table_of_missed_contacts(consecutive, recent, level, visit):
    """Recent worry joins in."""
    judgement = judge_missed(consecutive, recent)
    assert (judgement.level, judgement.visit) == (level, visit)
    assert judgement.reason.endswith("다.")


@pytest.mark.parametrize("recent", list(Level))
def test_more_misses_are_never_less_worrying(recent):
    """For every recent level."""
    ranks = [judge_missed(count, recent).level.rank for count in range(1, 8)]
    assert ranks == sorted(ranks)


def test_no_miss_is_no_judgement():
    """Asking is a mistake."""
    with pytest.raises(ValueError, match="at least 1"):
        judge_missed(0)
