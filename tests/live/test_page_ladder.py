"""The same in seconds, with a real telephone exchange: second and third step on time, a reply by SMS, a key in a voice page."""

import asyncio

import pytest
from page_ladder import NUMBERS, at_work
from sip_peer import Script, SipPeer
from test_voice_page import Rendered, Tones

from callbot.adapters.asterisk_ami import Switchboard
from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.adapters.asterisk_media import MediaServer
from callbot.escalate.policy import EscalationPolicy, Severity, Step
from callbot.people.team import Role
from callbot.simulate.sms_server import Fault, SmsServer
from callbot.store.database import Store
from callbot.talk.voice_page import VoicePage

SECONDS = EscalationPolicy(
    name="초",
    steps={
        Severity.CRITICAL: (
            Step(to=Role.CASEWORKER),
            Step(to=Role.LEAD, after=4),
            Step(to=Role.DUTY, after=8),
            Step(to=Role.SUPERVISOR, after=12),
        )
    },
)


def test_climbs_on_time_until_a_reply(sqlite_store: Store) -> None:
    """At once, after 4 and 8 seconds; `1` from the duty room's telephone ends it before the supervisor."""
    server = SmsServer().start()

    async def main() -> None:
        async with at_work(sqlite_store, server, policy=SECONDS, climb_every_s=0.5) as ladder:
            await ladder.open()
            assert await ladder.paged("caseworker", 5) < 3.0
            assert 4.0 <= await ladder.paged("lead", 10) <= 7.0
            assert 8.0 <= await ladder.paged("duty", 10) <= 11.0
            await ladder.reply("duty", "1")
            assert ladder.state() == "acknowledged"
            await asyncio.sleep(5.0)
            told = [one.text for one in server.accepted if one.to == NUMBERS["duty"]][1:]
            assert told == [f"#{ladder.case_id} 맡으셨습니다. 확인 뒤 결과를 기록해 주세요."]
            assert ladder.times("supervisor") == []

    try:
        asyncio.run(main())
    finally:
        server.stop()


@pytest.mark.timeout(90)
def test_undelivered_becomes_a_call_and_a_key_takes_it(sqlite_store: Store, asterisk: AsteriskInstance) -> None:
    """The provider reports that the SMS cannot be delivered: our Asterisk calls the worker, `1` takes the case, nobody else is paged."""
    server = SmsServer().start()
    server.faults = lambda _reference: Fault(delivered=False)
    slowly = SECONDS.model_copy(
        update={"steps": {Severity.CRITICAL: (Step(to=Role.CASEWORKER), Step(to=Role.LEAD, after=60))}}
    )

    async def main() -> None:
        async with SipPeer() as peer:
            peer.scripts[NUMBERS["caseworker"]] = Script(ring=True)
            page = VoicePage(lambda: board, Rendered(), Tones(), lambda e164: peer.dial("0" + e164[3:]), "062-000-0000")
            media = MediaServer("127.0.0.1", asterisk.media_port, asterisk.media_secret, page.on_leg)
            board = Switchboard(
                "127.0.0.1", asterisk.ports.ami, asterisk.ami_user, asterisk.ami_secret, on_progress=page.on_progress
            )
            await media.start()
            await board.start()
            try:
                assert await board.wait_connected(5.0)
                async with at_work(sqlite_store, server, policy=slowly, more=lambda: [page]) as ladder:
                    await ladder.open()
                    phone = await peer.call(NUMBERS["caseworker"], 20)
                    await asyncio.wait_for(phone.answered.wait(), 10)
                    await asyncio.sleep(1.5)
                    await peer.press(phone, "1")
                    await asyncio.wait_for(phone.ended.wait(), 10)
                    async with asyncio.timeout(10):
                        while ladder.state() != "acknowledged":  # noqa: ASYNC110 - the ledger is asked
                            await asyncio.sleep(0.1)
                    assert ladder.times("lead") == []
            finally:
                await board.stop()
                await media.stop()

    try:
        asyncio.run(main())
    finally:
        server.stop()
