"""SMPP against an SMSC written from the specification: encoding, parts, receipts, keep-alive, broken connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from smsc import Smsc

from callbot.adapters.smpp import Smpp
from callbot.adapters.smpp_session import SmppAccount
from callbot.adapters.smpp_text import encode, read_receipt
from callbot.escalate.page_state import PageState
from callbot.workflows.providers import Message, Reports, SendResult

TO = "+821000009001"
SHORT = "[동구]위기 김O자(82) 11:42통화 위험신호. 즉시확인"
LONG = "가나다라마바사아자차카타파하 " * 12


@contextlib.asynccontextmanager
async def bound(smsc: Smsc, encoding: str = "ucs2", **more: float | str) -> AsyncIterator[tuple[Smpp, list[Reports]]]:
    account = SmppAccount("127.0.0.1", smsc.port, "callbot", "secret", answer_s=1.0, enquire_s=30.0)
    adapter = Smpp(replace(account, **more), "0621234567", encoding=encoding)  # type: ignore[arg-type]
    reports: list[Reports] = []

    async def keep(report: Reports) -> None:
        reports.append(report)

    adapter.on_reports = keep
    await adapter.start()
    try:
        yield adapter, reports
    finally:
        await adapter.close()


async def until(ready: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not ready():  # noqa: ASYNC110 - what is waited for happens in another thread
            await asyncio.sleep(0.02)


async def send(adapter: Smpp, body: str = SHORT) -> SendResult:
    return await adapter.send(Message(TO, body, "p1-1-aa"))


def receipts(reports: list[Reports]) -> list[tuple[str, bool]]:
    return [(one.provider_reference or "", one.delivered) for report in reports for one in report.receipts]


@pytest.mark.parametrize(
    ("encoding", "body", "parts", "coding"),
    [("ucs2", SHORT, 1, 8), ("cp949", SHORT, 1, 0x0E), ("ucs2", LONG, 3, 8), ("cp949", LONG, 3, 0x0E)],
)
def test_text_arrives_whole(encoding: str, body: str, parts: int, coding: int) -> None:
    """In either encoding, in one piece or in several with their header; a part never cuts a syllable."""

    async def main() -> None:
        with Smsc() as smsc:
            async with bound(smsc, encoding) as (adapter, _):
                result = await send(adapter, body)
                assert (result.state, result.provider_reference) == (PageState.SENT, "S000000")
            assert (smsc.text(), len(smsc.taken)) == (body, parts)
            first = smsc.taken[0]
            assert (first.source, first.destination, first.data_coding) == ("0621234567", "01000009001", coding)

    asyncio.run(main())


@pytest.mark.parametrize("tlv", [False, True])
@pytest.mark.parametrize(("stat", "delivered"), [("DELIVRD", True), ("UNDELIV", False)])
def test_receipts(tlv: bool, stat: str, delivered: bool) -> None:
    """From text or from optional parameters; acknowledged when they are written down."""

    async def main() -> None:
        with Smsc(tlv=tlv, stat=stat) as smsc:
            async with bound(smsc) as (adapter, reports):
                await send(adapter)
                await until(lambda: bool(reports) and smsc.acknowledged == [0])
                assert receipts(reports) == [("S000000", delivered)]

    asyncio.run(main())


def test_three_parts_one_receipt() -> None:
    """A message is delivered when all its parts are."""

    async def main() -> None:
        with Smsc() as smsc:
            async with bound(smsc) as (adapter, reports):
                await send(adapter, LONG)
                await until(lambda: len(smsc.acknowledged) == 3)
                assert receipts(reports)[-1] == ("S000000", True)

    asyncio.run(main())


def test_receipt_before_the_answer_and_twice() -> None:
    """The same event has the same key, so the outbox counts it once; both are acknowledged."""

    async def main() -> None:
        with Smsc(receipt_first=True, receipts=2) as smsc:
            async with bound(smsc) as (adapter, reports):
                assert (await send(adapter)).state is PageState.SENT
                await until(lambda: smsc.acknowledged == [0, 0])
                assert len({one.event_key for report in reports for one in report.receipts}) == 1

    asyncio.run(main())


@pytest.mark.parametrize(
    ("status", "state"),
    [(0x58, PageState.PENDING), (0x14, PageState.PENDING), (0x0A, PageState.FAILED), (0x0B, PageState.FAILED)],
)
def test_refusals(status: int, state: PageState) -> None:
    """Throttled or full: later. A wrong sender or recipient: never."""

    async def main() -> None:
        with Smsc(status=status) as smsc:
            async with bound(smsc) as (adapter, _):
                assert (await send(adapter)).state is state
            assert smsc.taken == []

    asyncio.run(main())


@pytest.mark.parametrize("how", ["cut", "silent"])
def test_taken_but_not_answered_is_unknown(how: str) -> None:
    """The SMSC took it and the answer never came: in doubt, and never repeated here; the next message goes out."""

    async def main() -> None:
        with Smsc(drop_after_accept=how == "cut", silent=how == "silent") as smsc:
            async with bound(smsc) as (adapter, _):
                assert (await send(adapter)).state is PageState.UNKNOWN
                smsc.silent = False
                await until(lambda: how == "silent" or smsc.binds == 2)
                assert (await send(adapter, "다음")).state is PageState.SENT
            assert len(smsc.taken) == 2

    asyncio.run(main())


def test_nobody_there_and_wrong_password() -> None:
    """Certainly not sent; the check says why, in words for an operator."""

    async def main() -> None:
        with Smsc(password="other") as smsc:
            async with bound(smsc) as (adapter, _):
                assert (await send(adapter)).state is PageState.PENDING
                [finding] = await adapter.check()
                assert not finding.ok
                assert "Invalid" in finding.detail
            assert smsc.taken == []

    asyncio.run(main())


def test_reconnects_and_keeps_alive() -> None:
    """A cut connection is bound again; a silent one is asked, and one that does not answer is dropped and bound again."""

    async def main() -> None:
        with Smsc() as smsc:
            async with bound(smsc, enquire_s=0.5) as (adapter, _):
                await send(adapter)
                smsc.cut()
                await until(lambda: smsc.binds == 2)
                await until(lambda: smsc.enquiries >= 1)
                smsc.deaf = True
                await until(lambda: smsc.binds >= 3, 8.0)
                smsc.deaf = False
                assert (await send(adapter)).state is PageState.SENT

    asyncio.run(main())


def test_an_sms_of_a_worker() -> None:
    """MO: their number and text come in, and are acknowledged."""

    async def main() -> None:
        with Smsc() as smsc:
            async with bound(smsc) as (adapter, reports):
                await send(adapter)
                smsc.say("01000009001", "1번 맡음")
                await until(lambda: any(report.inbound for report in reports))
                [inbound] = [one for report in reports for one in report.inbound]
                assert (inbound.sender, inbound.text) == (TO, "1번 맡음")
                await until(lambda: 0 in smsc.acknowledged)

    asyncio.run(main())


def test_a_report_that_cannot_be_kept_is_asked_for_again() -> None:
    """A database that is away: the SMSC is told to send the receipt again."""

    async def main() -> None:
        with Smsc() as smsc:
            async with bound(smsc) as (adapter, _):

                async def broken(_reports: Reports) -> None:
                    raise OSError("no database")

                adapter.on_reports = broken
                await send(adapter)
                await until(lambda: smsc.acknowledged == [0x64])

    asyncio.run(main())


def test_unfit_never_leaves() -> None:
    """An emoji is refused before anything is submitted."""

    async def main() -> None:
        with Smsc() as smsc:
            async with bound(smsc) as (adapter, _):
                assert (await send(adapter, "좋아요 😀")).state is PageState.FAILED
            assert smsc.taken == []

    asyncio.run(main())


def test_parts_at_the_edge() -> None:
    """70 syllables in UCS2 are one part, 71 are two; receipts without an id are none."""
    assert [len(encode("가" * number, "ucs2", 7).parts) for number in (70, 71)] == [1, 2]
    assert read_receipt(b"stat:DELIVRD", None, None) is None
