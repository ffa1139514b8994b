"""What a call says about its trunk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import SIP, attempt_end
from callbot.dial.progress import CallEvidence
from callbot.dial.trunk_fault import TrunkResult, fault_word, surely_never_rang, trunk_result


@pytest.mark.parametrize(
    ("facts", "result", "never_rang"),
    [
        ({"tech_cause": 503, "cause": 34, "dial_status": "CONGESTION"}, TrunkResult.FAULT, True),
        ({"tech_cause": 407}, TrunkResult.FAULT, True),
        ({"tech_cause": 488}, TrunkResult.FAULT, True),
        ({"cause": 3, "dial_status": "CHANUNAVAIL"}, TrunkResult.FAULT, True),
        ({"tech_cause": 408}, TrunkResult.FAULT, False),
        ({"tech_cause": 504}, TrunkResult.FAULT, False),
        ({"tech_cause": 403}, TrunkResult.FAULT, False),
        ({"tech_cause": 404}, TrunkResult.FAULT, False),
        ({"dial_status": "NOANSWER"}, TrunkResult.FAULT, False),
        ({"cause": 19, "dial_status": "NOANSWER"}, TrunkResult.FAULT, False),
        ({"dial_status": "NOANSWER", "ringing_seen": True}, TrunkResult.OK, False),
        ({"tech_cause": 503, "ringing_seen": True}, TrunkResult.OK, False),
        ({"tech_cause": 503, "early_media": True}, TrunkResult.OK, False),
        ({"tech_cause": 486, "cause": 17}, TrunkResult.OK, False),
        ({"tech_cause": 480}, TrunkResult.OK, False),
        ({"tech_cause": 603}, TrunkResult.OK, False),
        ({"cause": 17}, TrunkResult.OK, False),
        ({"answered": True, "cause": 16}, TrunkResult.OK, False),
        ({"tech_cause": 487}, TrunkResult.UNKNOWN, False),
        ({"lost": True}, TrunkResult.UNKNOWN, False),
        ({"bot_leg_failed": True}, TrunkResult.UNKNOWN, False),
        ({"dial_refused": True, "dial_status": "REFUSED"}, TrunkResult.UNKNOWN, False),
        ({"hung_up_by_us": True}, TrunkResult.UNKNOWN, False),
    ],
)
def test_each(facts: dict[str, object], result: TrunkResult, *, never_rang: bool) -> None:
    """A table: fault of the trunk or not, and whether the call may go on by another trunk."""
    evidence = CallEvidence(**facts)  # type: ignore[arg-type]
    assert (trunk_result(evidence), surely_never_rang(evidence)) == (result, never_rang)
    assert "None" not in fault_word(evidence)


@given(
    st.builds(
        CallEvidence,
        cause=st.none() | st.integers(1, 127),
        tech_cause=st.none() | st.sampled_from([*SIP, 200, 699]),
        ringing_seen=st.booleans(),
        early_media=st.booleans(),
        answered=st.booleans(),
        dial_status=st.sampled_from([None, "NOANSWER", "BUSY", "CHANUNAVAIL", "CONGESTION", "ANSWER"]),
        bot_leg_failed=st.booleans(),
        bot_died=st.booleans(),
        hung_up_by_us=st.booleans(),
        lost=st.booleans(),
    )
)
def test_never_twice(evidence: CallEvidence) -> None:
    """A call goes on by another trunk only where nothing was heard of the person's side, nothing of it was ours, and the
    attempt would have ended as the network's failure."""
    if surely_never_rang(evidence):
        heard = (evidence.ringing_seen, evidence.early_media, evidence.answered)
        ours = (evidence.lost, evidence.bot_died, evidence.bot_leg_failed, evidence.hung_up_by_us)
        assert not any((*heard, *ours))
        assert attempt_end(evidence) is AttemptEnd.NETWORK_FAILURE
