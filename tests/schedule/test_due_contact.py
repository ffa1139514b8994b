"""The due contact's transition table, exhaustively."""

from itertools import product

import pytest

from callbot.schedule.due_contact import Disposition, DueState, ImpossibleTransition, move

ALLOWED = {
    (DueState.PLANNED, DueState.OPEN, None),
    *((DueState.OPEN, DueState.ENDED, disposition) for disposition in Disposition),
    (DueState.PLANNED, DueState.ENDED, Disposition.SUSPENDED),
    (DueState.PLANNED, DueState.ENDED, Disposition.REPORTED),
    (DueState.PLANNED, DueState.ENDED, Disposition.FAILED_BY_US),
}


@pytest.mark.parametrize(("old", "new", "disposition"), list(product(DueState, DueState, [None, *Disposition])))
def test_every_transition(old: DueState, new: DueState, disposition: Disposition | None) -> None:
    """Exactly the listed moves are possible; nothing ends without, or goes on with, a disposition."""
    if (old, new, disposition) in ALLOWED:
        assert move(old, new, disposition) is new
    else:
        with pytest.raises(ImpossibleTransition):
            move(old, new, disposition)
