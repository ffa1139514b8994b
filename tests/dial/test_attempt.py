"""The attempt's transition table, exhaustively."""

from itertools import product

import pytest

from callbot.dial.attempt import ENDS_FROM, IN_FLIGHT, ON_THE_LINE, TRANSITIONS, AttemptState, move
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.retry_cause import RETRY_CAUSE
from callbot.schedule.due_contact import ImpossibleTransition

S = AttemptState
STEPS = {
    (S.PLANNED, S.CLAIMED), (S.CLAIMED, S.PLANNED), (S.CLAIMED, S.DIALLING), (S.CLAIMED, S.ANSWERED), (S.DIALLING, S.RINGING),
    (S.DIALLING, S.ANSWERED), (S.RINGING, S.ANSWERED),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), list(product(S, S)))
def test_every_step(old: S, new: S) -> None:
    """Exactly the listed steps; no way leads back from dialling, and nothing leaves `ended`."""
    if (old, new) in STEPS:
        assert move(old, new) is new
    else:
        with pytest.raises(ImpossibleTransition):
            move(old, new)


@pytest.mark.parametrize(("old", "end"), list(product(S, AttemptEnd)))
def test_every_end(old: S, end: AttemptEnd) -> None:
    """Words of the network end what was not answered; what was heard ends what was; the guard ends a claim."""
    heard = {AttemptEnd.PERSON, AttemptEnd.OTHER_PERSON, AttemptEnd.SILENT}
    network = {AttemptEnd.BUSY, AttemptEnd.NO_ANSWER, AttemptEnd.REJECTED, AttemptEnd.BAD_NUMBER}
    expected = {
        S.PLANNED: {AttemptEnd.WINDOW_CLOSED},
        S.CLAIMED: {AttemptEnd.WINDOW_CLOSED, AttemptEnd.BAD_NUMBER, AttemptEnd.SYSTEM_FAILURE},
        S.DIALLING: set(AttemptEnd) - heard - {AttemptEnd.WINDOW_CLOSED},
        S.RINGING: set(AttemptEnd) - heard - {AttemptEnd.WINDOW_CLOSED},
        S.ANSWERED: set(AttemptEnd) - (network - {AttemptEnd.BAD_NUMBER}) - {AttemptEnd.WINDOW_CLOSED},
        S.ENDED: set(),
    }
    if end in expected[old]:
        assert move(old, S.ENDED, end) is S.ENDED
    else:
        with pytest.raises(ImpossibleTransition):
            move(old, S.ENDED, end)


def test_tables_are_whole() -> None:
    """Every state and every end has its row."""
    assert set(TRANSITIONS) == set(ENDS_FROM) == set(S)
    assert set(RETRY_CAUSE) == set(AttemptEnd)
    assert {S.CLAIMED} == IN_FLIGHT - ON_THE_LINE
