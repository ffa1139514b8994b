"""Hours at which people in fact answer."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.schedule.learned_hours import Proposal, Tried, propose, wilson_low
from callbot.schedule.window import Window


def tries(**by_hour: tuple[int, int]) -> list[Tried]:
    """h10=(answered, tried)."""
    return [Tried(int(hour[1:]), n < answered) for hour, (answered, tried) in by_hour.items() for n in range(tried)]


@pytest.mark.parametrize(
    ("history", "hour"),
    [
        ({"h10": (2, 12), "h14": (8, 8)}, 14),
        ({"h10": (2, 12), "h11": (6, 6), "h14": (9, 9)}, 14),  # the same rate, more of it
        ({"h10": (1, 4), "h14": (3, 3)}, None),  # four answered calls are no habit
        ({"h10": (10, 12), "h14": (8, 8)}, None),  # the present hour is as good
        ({"h10": (2, 12), "h14": (2, 2), "h15": (3, 9)}, None),  # twice is no proof
        ({"h10": (2, 12), "h19": (9, 9)}, None),  # outside the hours
        ({"h14": (9, 9)}, None),  # never tried at the present hour: nothing to compare with
        ({}, None),
    ],
)
def test_proposals(history: dict[str, tuple[int, int]], hour: int | None) -> None:
    """Only with enough attempts, only inside the window, only if clearly better."""
    found = propose(tries(**history), time(10, 30), Window())
    assert (found.hour if found else None) == hour


def test_a_proposal_tells_its_reasons() -> None:
    """Counts of both hours, for the worker who decides."""
    assert propose(tries(h10=(2, 12), h14=(8, 8)), time(10), Window()) == Proposal(14, 8, 8, 10, 2, 12)
    assert propose(tries(h10=(2, 12), h14=(8, 8)), time(10), None) is None


@given(st.integers(0, 60), st.integers(0, 60))
def test_wilson(answered: int, more: int) -> None:
    """Between 0 and the plain rate, and more of the same makes it surer."""
    tried = answered + more
    low = wilson_low(answered, tried)
    assert 0 <= low <= (answered / tried if tried else 0) + 1e-9
    assert wilson_low(2 * answered, 2 * tried) >= low - 1e-9
