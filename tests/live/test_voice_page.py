"""A page by telephone, through a real Asterisk: the worker hears it, presses a key, and the case is theirs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sip_peer import PeerCall, Script, SipPeer
from tones import level, tone

from callbot.adapters.asterisk_ami import Switchboard
from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.adapters.asterisk_media import MediaServer
from callbot.escalate.page_state import PageState
from callbot.talk.voice_page import ASKED_FOR, GREETING, THANKS, VoicePage
from callbot.workflows.providers import Message, Reports

NUMBER = "01000009001"
BODY = "[동구안부]위기 김O자(82) 11:42통화 위험신호. 즉시확인 #7 https://a.kr/x 회신1맡음"


class Tones:
    """Ready lines: the greeting, the page and the question as one tone, the thanks as another."""

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:
        del slow
        return tone(880.0, 0.5) if text in THANKS.values() else tone(440.0, 0.5)


class Rendered:
    """Remembers what was to be rendered."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def render(self, lines: list[tuple[str, bool]]) -> int:
        self.lines += [text for text, _ in lines]
        return len(lines)


@dataclass
class Desk:
    """A voice page on a real exchange, and the worker's telephone."""

    page: VoicePage
    peer: SipPeer
    rendered: Rendered
    reports: list[Reports] = field(default_factory=list)
    reported: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, reports: Reports) -> None:
        self.reports.append(reports)
        self.reported.set()

    async def call(self, script: Script) -> PeerCall:
        self.peer.by_number.pop(NUMBER, None)
        self.peer.scripts[NUMBER] = script
        result = await self.page.send(Message("+821000009001", BODY, f"p7-1-{id(script):x}"))
        assert result.state is PageState.SENT, result
        return await self.peer.call(NUMBER)


@contextlib.asynccontextmanager
async def desk(asterisk: AsteriskInstance) -> AsyncIterator[Desk]:
    rendered = Rendered()
    async with SipPeer() as peer:
        page = VoicePage(lambda: board, rendered, Tones(), lambda e164: peer.dial("0" + e164[3:]), "062-000-0000")
        media = MediaServer("127.0.0.1", asterisk.media_port, asterisk.media_secret, page.on_leg)
        board = Switchboard(
            "127.0.0.1", asterisk.ports.ami, asterisk.ami_user, asterisk.ami_secret, on_progress=page.on_progress
        )
        await media.start()
        await board.start()
        made = Desk(page, peer, rendered)
        page.on_reports = made.take
        try:
            assert await board.wait_connected(5.0)
            yield made
        finally:
            await page.close()
            await board.stop()
            await media.stop()


def test_a_key_takes_the_case(asterisk: AsteriskInstance) -> None:
    """The worker hears the page, presses 1, hears the thanks, the call ends; the key and a receipt are reported, once."""

    async def main() -> None:
        async with desk(asterisk) as it:
            phone = await it.call(Script())
            await asyncio.wait_for(phone.answered.wait(), 5)
            await asyncio.sleep(1.5)
            assert level(phone.heard_since(phone.answered_at + 0.7, phone.answered_at + 1.4), 440.0) > 4000
            await it.peer.press(phone, "1")
            await asyncio.wait_for(it.reported.wait(), 10)
            assert phone.ended_by == "bye"
            heard = phone.heard_since(phone.ended_at - 0.4)
            assert level(heard, 880.0) > 2000
            [reports] = it.reports
            assert [(one.delivered, one.provider) for one in reports.receipts] == [(True, "voice")]
            assert [(one.text, one.sender) for one in reports.inbound] == [("1", "+821000009001")]
            assert it.rendered.lines[:3] == [
                GREETING,
                "동구안부 위기 김O자(82) 11:42통화 위험신호. 즉시확인 7.",
                ASKED_FOR,
            ]

    asyncio.run(main())


def test_nobody_answers_and_nobody_presses(asterisk: AsteriskInstance) -> None:
    """A busy line, and an answering service that lets us talk: neither is a human who heard it."""

    async def main() -> None:
        async with desk(asterisk) as it:
            await it.call(Script(486))
            await asyncio.wait_for(it.reported.wait(), 10)
            assert [one.delivered for one in it.reports[-1].receipts] == [False]
            it.reported.clear()
            phone = await it.call(Script(bye_after=2.0))
            await asyncio.wait_for(it.reported.wait(), 15)
            assert phone.answered.is_set()
            assert [one.delivered for one in it.reports[-1].receipts] == [False]
            assert it.reports[-1].inbound == ()

    asyncio.run(main())
