"""From what the network said to how the attempt ended: one table, every row measured or taken from the standard named."""

from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.progress import CallEvidence

SIP: dict[int, AttemptEnd] = {
    # 4xx: this request, at this place, now
    400: AttemptEnd.NETWORK_FAILURE,  # our request was malformed for them; not the person's doing
    401: AttemptEnd.NETWORK_FAILURE,  # the trunk wants other credentials
    402: AttemptEnd.NETWORK_FAILURE,  # the trunk's account is empty
    403: AttemptEnd.REJECTED,  # carriers send it for a blocked caller and for call barring; Asterisk cause 21
    404: AttemptEnd.BAD_NUMBER,  # no such number; Asterisk cause 1
    405: AttemptEnd.NETWORK_FAILURE,
    406: AttemptEnd.NETWORK_FAILURE,
    407: AttemptEnd.NETWORK_FAILURE,  # proxy wants credentials
    408: AttemptEnd.NETWORK_FAILURE,  # the far side did not answer in time, and nothing of it was heard
    410: AttemptEnd.BAD_NUMBER,  # gone: the number was given up
    413: AttemptEnd.NETWORK_FAILURE,
    414: AttemptEnd.NETWORK_FAILURE,
    415: AttemptEnd.NETWORK_FAILURE,
    416: AttemptEnd.NETWORK_FAILURE,
    420: AttemptEnd.NETWORK_FAILURE,
    421: AttemptEnd.NETWORK_FAILURE,
    422: AttemptEnd.NETWORK_FAILURE,
    423: AttemptEnd.NETWORK_FAILURE,
    480: AttemptEnd.NO_ANSWER,  # RFC 3261: the person's side was reached and is unavailable: switched off, out of area
    481: AttemptEnd.NETWORK_FAILURE,
    482: AttemptEnd.NETWORK_FAILURE,
    483: AttemptEnd.NETWORK_FAILURE,
    484: AttemptEnd.BAD_NUMBER,  # address incomplete: digits are missing
    485: AttemptEnd.BAD_NUMBER,  # ambiguous
    486: AttemptEnd.BUSY,
    487: AttemptEnd.NETWORK_FAILURE,  # terminated, and not by our own cancel (that one is known before the table is asked)
    488: AttemptEnd.NETWORK_FAILURE,  # no common codec; our configuration or theirs
    491: AttemptEnd.NETWORK_FAILURE,
    493: AttemptEnd.NETWORK_FAILURE,
    494: AttemptEnd.NETWORK_FAILURE,
    # 5xx: the server
    500: AttemptEnd.NETWORK_FAILURE,
    501: AttemptEnd.NETWORK_FAILURE,
    502: AttemptEnd.NETWORK_FAILURE,
    503: AttemptEnd.NETWORK_FAILURE,  # congestion: the trunk has no line left; Asterisk cause 34
    504: AttemptEnd.NETWORK_FAILURE,
    505: AttemptEnd.NETWORK_FAILURE,
    513: AttemptEnd.NETWORK_FAILURE,
    580: AttemptEnd.NETWORK_FAILURE,
    # 6xx: everywhere
    600: AttemptEnd.BUSY,
    603: AttemptEnd.REJECTED,  # the person pressed decline
    604: AttemptEnd.BAD_NUMBER,  # does not exist anywhere
    606: AttemptEnd.NETWORK_FAILURE,
    607: AttemptEnd.REJECTED,  # the person marked us unwanted (RFC 8197)
    608: AttemptEnd.REJECTED,  # an analytics service in between did (RFC 8688)
}
"""SIP status -> end, when neither ringing nor early media was heard."""

SIP_AFTER_RINGING: dict[int, AttemptEnd] = {
    408: AttemptEnd.NO_ANSWER,  # it rang, nobody came
    487: AttemptEnd.NO_ANSWER,  # it rang until it was cancelled
}
"""Statuses that mean something else once the person's side was heard."""

Q850: dict[int, AttemptEnd] = {
    1: AttemptEnd.BAD_NUMBER,  # unallocated
    2: AttemptEnd.NETWORK_FAILURE,  # no route to the transit network
    3: AttemptEnd.NETWORK_FAILURE,  # no route to destination: Asterisk uses it for an endpoint that is not there, too
    17: AttemptEnd.BUSY,
    18: AttemptEnd.NO_ANSWER,  # no user responding
    19: AttemptEnd.NO_ANSWER,  # alerting, no answer
    20: AttemptEnd.NO_ANSWER,  # subscriber absent: off, or out of area
    21: AttemptEnd.REJECTED,
    22: AttemptEnd.BAD_NUMBER,  # number changed
    27: AttemptEnd.NETWORK_FAILURE,  # destination out of order
    28: AttemptEnd.BAD_NUMBER,  # number format
    34: AttemptEnd.NETWORK_FAILURE,  # congestion
    38: AttemptEnd.NETWORK_FAILURE,
    41: AttemptEnd.NETWORK_FAILURE,
    42: AttemptEnd.NETWORK_FAILURE,
    44: AttemptEnd.NETWORK_FAILURE,
    58: AttemptEnd.NETWORK_FAILURE,
}
"""ITU-T Q.850 cause -> end, where no SIP status came with it."""

RANG: frozenset[int] = frozenset({18, 19})
"""Q.850 causes that claim a ringing phone; without one having been heard they are a network failure (facts: dead trunk)."""


def attempt_end(evidence: CallEvidence) -> AttemptEnd | None:
    """How the attempt ended, or None where it was answered: then what was said on the line decides.

    Never makes contact out of signalling; what is in no table is a network failure, which is tried again.
    """
    if evidence.bot_leg_failed or evidence.bot_died or evidence.dial_refused or evidence.lost:
        return AttemptEnd.SYSTEM_FAILURE
    if evidence.answered:
        return None
    if evidence.hung_up_by_us:
        return AttemptEnd.INTERRUPTED
    # Korean carriers play 컬러링 or an announcement instead of sending 180: early media is a sign of the person's side, too.
    reached = evidence.ringing_seen or evidence.early_media
    if evidence.tech_cause is not None:
        return _by_sip(evidence.tech_cause, reached=reached)
    return _by_cause(evidence, reached=reached)


def _by_sip(status: int, *, reached: bool) -> AttemptEnd:
    if reached and status in SIP_AFTER_RINGING:
        return SIP_AFTER_RINGING[status]
    return SIP.get(status, AttemptEnd.NETWORK_FAILURE)


def _by_cause(evidence: CallEvidence, *, reached: bool) -> AttemptEnd:
    if evidence.dial_status == "NOANSWER":  # our own ring timeout: measured, the leg then ends with no cause at all
        return AttemptEnd.NO_ANSWER if reached else AttemptEnd.NETWORK_FAILURE
    if evidence.cause in RANG and not reached:
        return AttemptEnd.NETWORK_FAILURE
    return Q850.get(evidence.cause or 0, AttemptEnd.NETWORK_FAILURE)
