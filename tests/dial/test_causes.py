"""The table from signalling to the end of an attempt, without a network (with one: tests/live/test_cause_table.py)."""

import itertools

import pytest

from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import Q850, SIP, attempt_end
from callbot.dial.progress import CallEvidence

E = AttemptEnd


@pytest.mark.parametrize(
    ("status", "silent", "after_ringing"),
    [
        (403, E.REJECTED, E.REJECTED),
        (404, E.BAD_NUMBER, E.BAD_NUMBER),
        (408, E.NETWORK_FAILURE, E.NO_ANSWER),
        (410, E.BAD_NUMBER, E.BAD_NUMBER),
        (480, E.NO_ANSWER, E.NO_ANSWER),
        (484, E.BAD_NUMBER, E.BAD_NUMBER),
        (486, E.BUSY, E.BUSY),
        (487, E.NETWORK_FAILURE, E.NO_ANSWER),
        (488, E.NETWORK_FAILURE, E.NETWORK_FAILURE),
        (500, E.NETWORK_FAILURE, E.NETWORK_FAILURE),
        (502, E.NETWORK_FAILURE, E.NETWORK_FAILURE),
        (503, E.NETWORK_FAILURE, E.NETWORK_FAILURE),
        (504, E.NETWORK_FAILURE, E.NETWORK_FAILURE),
        (600, E.BUSY, E.BUSY),
        (603, E.REJECTED, E.REJECTED),
        (604, E.BAD_NUMBER, E.BAD_NUMBER),
        (607, E.REJECTED, E.REJECTED),
        (699, E.NETWORK_FAILURE, E.NETWORK_FAILURE),
    ],
)
def test_sip_answers(status: int, silent: AttemptEnd, after_ringing: AttemptEnd) -> None:
    """A SIP status means what it means for the person's side, and ringing or 컬러링 before it counts."""
    assert attempt_end(CallEvidence(tech_cause=status)) == silent
    assert attempt_end(CallEvidence(tech_cause=status, ringing_seen=True)) == after_ringing
    assert attempt_end(CallEvidence(tech_cause=status, early_media=True)) == after_ringing


@pytest.mark.parametrize(
    ("evidence", "end"),
    [
        (CallEvidence(dial_status="NOANSWER", ringing_seen=True), E.NO_ANSWER),
        (CallEvidence(dial_status="NOANSWER", early_media=True), E.NO_ANSWER),
        (CallEvidence(dial_status="NOANSWER"), E.NETWORK_FAILURE),
        (CallEvidence(cause=19), E.NETWORK_FAILURE),
        (CallEvidence(cause=19, ringing_seen=True), E.NO_ANSWER),
        (CallEvidence(cause=17), E.BUSY),
        (CallEvidence(cause=1), E.BAD_NUMBER),
        (CallEvidence(cause=20), E.NO_ANSWER),
        (CallEvidence(dial_status="CHANUNAVAIL"), E.NETWORK_FAILURE),
        (CallEvidence(cause=126), E.NETWORK_FAILURE),
        (CallEvidence(), E.NETWORK_FAILURE),
    ],
)
def test_without_a_sip_answer(evidence: CallEvidence, end: AttemptEnd) -> None:
    """Our ring timeout is no answer only where something rang; a dead trunk is a network failure, and so is the unknown."""
    assert attempt_end(evidence) == end


@pytest.mark.parametrize(
    "evidence",
    [
        CallEvidence(bot_leg_failed=True),
        CallEvidence(bot_died=True, answered=True, cause=16),
        CallEvidence(dial_refused=True, cause=21),
        CallEvidence(lost=True, answered=True),
    ],
)
def test_our_fault_is_ours(evidence: CallEvidence) -> None:
    """No bot, a bot that died, a number our guard refused, a restarted Asterisk: a system failure, answered or not."""
    assert attempt_end(evidence) is E.SYSTEM_FAILURE


def test_an_answer_decides_nothing() -> None:
    """An answered call has no end from signalling, whatever cause it closed with: the words decide."""
    for cause, status in itertools.product([None, *Q850], [None, *SIP]):
        assert attempt_end(CallEvidence(cause=cause, tech_cause=status, answered=True)) is None


def test_our_own_cancel() -> None:
    """Hung up by us before an answer: interrupted, however the network names it."""
    assert attempt_end(CallEvidence(hung_up_by_us=True, tech_cause=487, ringing_seen=True)) is E.INTERRUPTED


def test_signalling_never_makes_contact() -> None:
    """Of all combinations none ends as something that only words can prove."""
    proven_by_words = {E.PERSON, E.OTHER_PERSON, E.VOICEMAIL, E.ANNOUNCEMENT, E.SILENT}
    flags = [
        dict(zip(("ringing_seen", "early_media"), pair, strict=True)) for pair in itertools.product([0, 1], repeat=2)
    ]
    for status, flag in itertools.product([None, *range(300, 700)], flags):
        for cause in (None, 0, 16, 17, 19, 127):
            evidence = CallEvidence(cause=cause, tech_cause=status, **{name: bool(on) for name, on in flag.items()})
            assert attempt_end(evidence) not in proven_by_words
