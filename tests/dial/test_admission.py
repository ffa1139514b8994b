"""Whether a new call may be begun."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.dial.admission import Admission, AdmissionPolicy, Held, Load, admission

POLICY = AdmissionPolicy(calls=3, most_ears_backlog=4, most_waiting_for_voice=2, least_free_gb=0.5)


def test_all_well() -> None:
    """As many as are left."""
    assert admission(Load(), POLICY) == Admission(3)
    assert admission(Load(in_flight=2, ears_backlog=4, waiting_for_voice=1, free_gb=0.5), POLICY) == Admission(1)


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({"draining": True}, Held.DRAINING),
        ({"connected": False}, Held.EXCHANGE_LOST),
        ({"clock_settled": False}, Held.CLOCK_JUMPED),
        ({"free_gb": 0.4}, Held.DISK_LOW),
        ({"ears_backlog": 5}, Held.EARS_BEHIND),
        ({"waiting_for_voice": 2}, Held.VOICE_BEHIND),
        ({"voice_down": True}, Held.VOICE_DOWN),
        ({"in_flight": 3}, Held.CHANNELS),
        ({"in_flight": 9}, Held.CHANNELS),
    ],
)
def test_each_reason(change: dict[str, object], held: Held) -> None:
    """Each alone is enough."""
    assert admission(replace(Load(), **change), POLICY) == Admission(0, held)  # type: ignore[arg-type]


@given(
    st.builds(
        Load,
        in_flight=st.integers(0, 5),
        draining=st.booleans(),
        connected=st.booleans(),
        clock_settled=st.booleans(),
        free_gb=st.none() | st.floats(0, 10),
        ears_backlog=st.integers(0, 9),
        waiting_for_voice=st.integers(0, 4),
        voice_down=st.booleans(),
    )
)
def test_never_too_many(load: Load) -> None:
    """A reason exactly where nothing may be placed, and never more calls than the process bears."""
    decided = admission(load, POLICY)
    assert (decided.free == 0) == (decided.held is not None)
    assert 0 <= decided.free <= max(POLICY.calls - load.in_flight, 0)
