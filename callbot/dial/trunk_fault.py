"""What a call says about its trunk, and whether it can be placed again on another without ringing anybody twice."""

from enum import StrEnum

from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import SIP
from callbot.dial.progress import CallEvidence


class TrunkResult(StrEnum):
    """What one call on a trunk came to, as far as the trunk is concerned."""

    OK = "ok"  # the network got as far as the person's side, or knew the number
    FAULT = "fault"
    UNKNOWN = "unknown"  # it ended for a reason of ours: nothing was learnt


REFUSED_BY_TRUNK: frozenset[int] = frozenset(
    {401, 402, 405, 406, 407, 415, 420, 421, 488, 493, 494, 500, 501, 502, 503, 505, 513, 580, 606}
)
"""SIP statuses with which a trunk refuses a call by itself, at once: credentials, account, codec, congestion, its own failure.
Without a sign of ringing before them nobody's phone has rung."""

SILENT_TRUNK: frozenset[int] = frozenset({408, 504})
"""Something behind the trunk did not answer in time. Nobody reported ringing, but it may have rung: not placed again."""

SUSPECT: frozenset[int] = frozenset({403, 404, 484})
"""One is the person's doing: a blocked caller, a number given up. Several in a row are a trunk that lets none of our calls
pass (a caller number that is not registered, digits in the wrong form), so they count for the breaker. The attempt itself
ends as the table of causes says."""

NO_ROUTE: frozenset[int] = frozenset({2, 3, 34, 38, 41, 42, 58})
"""Q.850 causes without a SIP status: the exchange found no way out (contact not reachable, endpoint not there)."""


def trunk_result(evidence: CallEvidence) -> TrunkResult:
    """What is learnt of the trunk."""
    if evidence.ringing_seen or evidence.early_media or evidence.answered:
        return TrunkResult.OK
    ours = evidence.bot_leg_failed or evidence.bot_died or evidence.dial_refused or evidence.lost
    if ours or evidence.hung_up_by_us:
        return TrunkResult.UNKNOWN
    if evidence.tech_cause is not None:
        return _by_sip(evidence.tech_cause)
    # No word of ringing within our ring time, or no way out at all. Whatever else: a cause that speaks of the person.
    silent = evidence.dial_status == "NOANSWER" or evidence.cause in NO_ROUTE | {None, 18, 19}
    return TrunkResult.FAULT if silent else TrunkResult.OK


def _by_sip(status: int) -> TrunkResult:
    if status in REFUSED_BY_TRUNK | SILENT_TRUNK | SUSPECT:
        return TrunkResult.FAULT
    about_the_person = SIP.get(status, AttemptEnd.NETWORK_FAILURE) is not AttemptEnd.NETWORK_FAILURE
    return TrunkResult.OK if about_the_person else TrunkResult.UNKNOWN


def surely_never_rang(evidence: CallEvidence) -> bool:
    """The trunk refused the call by itself before any phone could ring: it may be placed on another trunk at once.

    Deliberately narrow. A trunk that says nothing for the whole ring time may have rung somebody: that attempt is over.
    """
    if trunk_result(evidence) is not TrunkResult.FAULT:
        return False
    if evidence.tech_cause is not None:
        return evidence.tech_cause in REFUSED_BY_TRUNK
    return evidence.dial_status in {"CHANUNAVAIL", "CONGESTION"} and evidence.cause in NO_ROUTE


def fault_word(evidence: CallEvidence) -> str:
    """For `trunk_states.detail`: `sip 503`, `cause 3`, `no sign of ringing`."""
    if evidence.tech_cause is not None:
        return f"sip {evidence.tech_cause}"
    if evidence.dial_status == "NOANSWER":
        return "no sign of ringing"
    return f"cause {evidence.cause}" if evidence.cause else "no cause"
