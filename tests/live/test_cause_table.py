"""Every row of callbot/dial/causes.py through a real Asterisk and a scripted SIP telephone."""

import asyncio

import pytest
from line_fixtures import live_lines
from sip_peer import Script

from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import SIP, SIP_AFTER_RINGING, attempt_end
from callbot.dial.progress import CallEvidence, CallOrder, ProgressKind

CHALLENGES = {401, 407}
"""Asterisk has no credentials for a virtual telephone: it gives up with the status, but says it in its own words."""


def _ends(asterisk: AsteriskInstance, scripts: list[Script], ring_s: float = 1.0) -> list[CallEvidence]:
    """Call them all, at most eight at a time."""

    async def main() -> list[CallEvidence]:
        async with live_lines(asterisk) as line:
            room = asyncio.Semaphore(8)

            async def one(script: Script) -> CallEvidence:
                async with room:
                    return await line.ended(await line.dial(script, ring_s=ring_s))

            return await asyncio.gather(*(one(script) for script in scripts))

    return asyncio.run(main())


def test_every_sip_status(asterisk: AsteriskInstance) -> None:
    """A telephone that answers with a status of the table ends the attempt as the table says; Asterisk hands the status on."""
    statuses = [status for status in SIP if status not in CHALLENGES]
    found = _ends(asterisk, [Script(status) for status in statuses])
    assert {s: e.tech_cause for s, e in zip(statuses, found, strict=True)} == {s: s for s in statuses}
    assert {s: attempt_end(e) for s, e in zip(statuses, found, strict=True)} == {s: SIP[s] for s in statuses}


def test_every_sip_status_after_ringing(asterisk: AsteriskInstance) -> None:
    """The same after the phone has rung."""
    statuses = [status for status in SIP if status not in CHALLENGES]
    found = _ends(asterisk, [Script(status, ring=True, final_after=0.1) for status in statuses])
    assert all(evidence.ringing_seen for evidence in found)
    expected = {s: SIP_AFTER_RINGING.get(s, SIP[s]) for s in statuses}
    assert {s: attempt_end(e) for s, e in zip(statuses, found, strict=True)} == expected


@pytest.mark.parametrize(
    ("script", "end"),
    [
        (Script(None, ring=True), AttemptEnd.NO_ANSWER),
        (Script(None, early_s=1.5), AttemptEnd.NO_ANSWER),
        (Script(None), AttemptEnd.NETWORK_FAILURE),
        (Script(401), AttemptEnd.NETWORK_FAILURE),
        (Script(407), AttemptEnd.NETWORK_FAILURE),
        (Script(699), AttemptEnd.NETWORK_FAILURE),
    ],
    ids=["rings", "컬러링 only", "dead trunk", "401", "407", "unknown status"],
)
def test_what_is_not_a_status(asterisk: AsteriskInstance, script: Script, end: AttemptEnd) -> None:
    """Our ring timeout with and without a sign of the person's side; a challenge; a status nobody has defined."""
    (evidence,) = _ends(asterisk, [script])
    assert attempt_end(evidence) == end, evidence


def test_an_answer(asterisk: AsteriskInstance) -> None:
    """A 200 OK is no end: the words decide; and the steps come in their order."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key = await line.dial(Script(200, ring=True, final_after=0.1, bye_after=0.2))
            assert attempt_end(await line.ended(key)) is None
            assert line.kinds(key) == ["predial", "ringing", "answered", "ended"]

    asyncio.run(main())


def test_nothing_listens_at_that_port(asterisk: AsteriskInstance) -> None:
    """A telephone that is not there at all is a network failure after our ring timeout."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            await line.switchboard.originate(
                CallOrder("nobody", "PJSIP/phones/sip:+821000000000@127.0.0.1:9", "0620000000", ring_s=1)
            )
            assert attempt_end(await line.ended("nobody")) is AttemptEnd.NETWORK_FAILURE

    asyncio.run(main())


@pytest.mark.parametrize("dial", ["PJSIP/1@nosuch", "PJSIP/01012345678@phones", "Local/s@callbot-in", ""])
def test_what_the_dialplan_will_not_dial(asterisk: AsteriskInstance, dial: str) -> None:
    """An unknown endpoint, or anything but a virtual telephone: ours, at once, and nobody is called."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            await line.switchboard.originate(CallOrder("refused", dial, "0620000000"))
            evidence = await line.ended("refused")
            assert attempt_end(evidence) is AttemptEnd.SYSTEM_FAILURE
            assert line.peer.invites == 0

    asyncio.run(main())


def test_our_cancel(asterisk: AsteriskInstance) -> None:
    """Hung up by us while it rings: the phone stops ringing at once, and the attempt was interrupted."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key = await line.dial(Script(None, ring=True), ring_s=20)
            await line.step(key, ProgressKind.RINGING)
            phone = await line.phone(key)
            await line.switchboard.hang_up(key)
            await asyncio.wait_for(phone.ended.wait(), 1.0)
            assert phone.ended_by == "cancel"
            assert attempt_end(await line.ended(key)) is AttemptEnd.INTERRUPTED

    asyncio.run(main())
