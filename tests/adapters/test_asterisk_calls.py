"""One call's events in any order: exactly one end, and the same evidence."""

import itertools

import pytest

from callbot.adapters.asterisk_calls import CallTrack, key_of
from callbot.dial.progress import CallEvidence, CallProgress, ProgressKind

Packet = dict[str, str]
BOT = {"Uniqueid": "bot-k", "Linkedid": "bot-k", "Channel": "WebSocket/botmedia/0x1"}
PERSON = {"Uniqueid": "17.3", "Linkedid": "bot-k", "Channel": "PJSIP/phones-1"}
DEST = {"DestUniqueid": "17.3", "DestLinkedid": "bot-k"}

START: list[Packet] = [
    {"Event": "Newchannel", **BOT, "ChannelStateDesc": "Down"},
    {"Event": "Newstate", **BOT, "ChannelStateDesc": "Up"},
    {"Event": "UserEvent", "UserEvent": "CallbotPredial", "Attempt": "k", **BOT},
    {"Event": "Newchannel", **PERSON, "ChannelStateDesc": "Down"},
    {"Event": "DialState", **DEST, "DialStatus": "RINGING"},
]


def follow(packets: list[Packet]) -> tuple[list[ProgressKind], CallEvidence]:
    """The steps, with the end as the switchboard brings it about: when the call is over, and again later."""
    track = CallTrack("k", 0.0)
    steps: list[CallProgress] = []
    for packet in packets:
        assert key_of(packet) == "k"
        steps += track.take(packet, 1.0)
        if track.complete:
            steps += track.end(1.0)
    assert track.over
    steps += track.end(2.0)
    steps += track.end(3.0)
    assert steps[-1].evidence is not None
    return [step.kind for step in steps], steps[-1].evidence


def test_busy_in_every_order() -> None:
    """The five last events of a call that was busy come in any order: one end, cause 17/486, every time."""
    last: list[Packet] = [
        {"Event": "DialEnd", **DEST, "DialStatus": "BUSY"},
        {"Event": "Hangup", **PERSON, "Cause": "17", "TechCause": "486"},
        {"Event": "UserEvent", "UserEvent": "CallbotDialDone", "Attempt": "k", "DialStatus": "BUSY", **BOT},
        {"Event": "Hangup", **BOT, "Cause": "17"},
        {"Event": "OriginateResponse", "Uniqueid": "bot-k", "Response": "Success", "Reason": "4"},
    ]
    for order in itertools.permutations(last):
        kinds, evidence = follow([*START, *order])
        assert kinds == [ProgressKind.PREDIAL, ProgressKind.RINGING, ProgressKind.ENDED]
        assert (evidence.cause, evidence.tech_cause, evidence.ringing_seen) == (17, 486, True)


@pytest.mark.parametrize("response_first", [True, False])
@pytest.mark.parametrize("channel_seen", [True, False])
def test_a_bot_that_is_not_there(*, response_first: bool, channel_seen: bool) -> None:
    """With or without a channel of it ever seen: bot_leg_failed, then ended, once."""
    packets: list[Packet] = [{"Event": "OriginateResponse", "Uniqueid": "bot-k", "Response": "Failure", "Reason": "0"}]
    if channel_seen:
        hangup = {"Event": "Hangup", **BOT, "Cause": "3"}
        packets = [packets[0], hangup] if response_first else [hangup, packets[0]]
        packets = [{"Event": "Newchannel", **BOT, "ChannelStateDesc": "Down"}, *packets]
    kinds, evidence = follow(packets)
    assert kinds == [ProgressKind.BOT_LEG_FAILED, ProgressKind.ENDED]
    assert evidence.bot_leg_failed


def test_the_apology_is_part_of_the_call() -> None:
    """The bot's leg ends first; the call ends when the person's leg does, with the bot's death in its evidence."""
    packets: list[Packet] = [
        *START,
        {"Event": "Newstate", **PERSON, "ChannelStateDesc": "Up"},
        {"Event": "Hangup", **BOT, "Cause": "38", "TechCause": "1001"},
        {"Event": "UserEvent", "UserEvent": "CallbotApology", "Attempt": "k", **PERSON},
        {"Event": "Hangup", **PERSON, "Cause": "16"},
    ]
    kinds, evidence = follow(packets)
    assert kinds == [ProgressKind.PREDIAL, ProgressKind.RINGING, ProgressKind.ANSWERED, ProgressKind.ENDED]
    assert evidence.bot_died
    track = CallTrack("k", 0.0)
    for packet in packets[:-1]:
        track.take(packet, 1.0)
    assert not track.over


def test_a_late_ringing_is_not_told_after_the_answer() -> None:
    """Steps never go backwards."""
    kinds, evidence = follow(
        [
            *START[:-1],
            {"Event": "Newstate", **PERSON, "ChannelStateDesc": "Up"},
            START[-1],
            {"Event": "DialEnd", **DEST, "DialStatus": "ANSWER"},
            {"Event": "Hangup", **PERSON, "Cause": "16"},
            {"Event": "Hangup", **BOT, "Cause": "16"},
        ]
    )
    assert kinds == [ProgressKind.PREDIAL, ProgressKind.ANSWERED, ProgressKind.ENDED]
    assert evidence.ringing_seen


def test_asterisk_dialling_the_bot_is_no_step() -> None:
    """The Originate's own DialBegin, DialState and DialEnd speak of the bot's leg, not of the person's."""
    track = CallTrack("k", 0.0)
    for status in ("RINGING", "ANSWER"):
        packet = {"Event": "DialState", "DestUniqueid": "bot-k", "DestLinkedid": "bot-k", "DialStatus": status}
        assert track.take(packet, 1.0) == []


def test_events_of_other_calls() -> None:
    """Calls that are not ours have no key."""
    assert key_of({"Event": "Hangup", "Uniqueid": "17.9", "Linkedid": "17.9"}) is None
    assert key_of({"Event": "UserEvent", "UserEvent": "Other", "Attempt": "k"}) is None
