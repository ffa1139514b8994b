"""SMPP 3.4, straight to a carrier's or reseller's SMSC, by `smpplib` (docs/adr/0018).

SMPP has no name of ours for a message: after an unclear answer it cannot be asked, so the message goes to another provider.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import smpplib.consts

from callbot.adapters.smpp_session import Order, SmppAccount, SmppSession
from callbot.adapters.smpp_text import KIND, RECEIPT, decode, encode, read_receipt
from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.escalate.sms_fit import Unfit, domestic, sms_kind
from callbot.store.receipt_rows import Inbound, Receipt
from callbot.workflows.providers import Asked, Finding, Message, Reports, SendResult

CONNECT_WAIT_S = 3.0
_LATER = frozenset(
    {
        smpplib.consts.SMPP_ESME_RTHROTTLED,
        smpplib.consts.SMPP_ESME_RMSGQFUL,
        smpplib.consts.SMPP_ESME_RSYSERR,
        smpplib.consts.SMPP_ESME_RINVBNDSTS,
    }
)
"""Not taken, and not the message's fault."""
REMEMBERED = 20_000


@dataclass
class _Parts:
    """The answers to the parts of one message."""

    of: int
    ids: dict[int, str] = field(default_factory=dict)
    refused: int | None = None
    broken: bool = False
    delivered: set[str] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        return self.broken or self.refused is not None or len(self.ids) == self.of


class Smpp:
    """A Provider and Connected (callbot.workflows.providers)."""

    name = "smpp"
    channel = Channel.SMS
    can_ask = False
    polled = False

    def __init__(self, account: SmppAccount, sender: str, *, encoding: str = "ucs2") -> None:
        """`sender`: digits, registered. `encoding`: ucs2, or cp949."""
        self._sender = sender
        self._encoding = encoding
        self._account = account
        self._session = SmppSession(account, self._deliver)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._marks = count()
        self._groups: dict[str, _Parts] = {}
        """Message id of a part -> the message of several parts that it belongs to. Only the session's thread touches it."""
        self.on_reports: Callable[[Reports], Awaitable[None]] | None = None

    async def start(self) -> None:
        """Connect, and stay connected; does not wait."""
        self._loop = asyncio.get_running_loop()
        self._session.start()

    async def close(self) -> None:
        """Unbind."""
        await asyncio.to_thread(self._session.stop)

    async def send(self, message: Message) -> SendResult:
        """One message, in as many parts as it needs."""
        try:
            sms_kind(message.body)
            to = domestic(message.to or "")
        except Unfit as error:
            return SendResult(PageState.FAILED, self.name, str(error))
        if not await self._connected():
            return SendResult(PageState.PENDING, self.name, f"not connected {self._session.refused}".strip())
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[_Parts] = loop.create_future()
        text = encode(message.body, self._encoding, next(self._marks))
        parts = _Parts(len(text.parts))

        def told(part: int, status: int | None, message_id: str | None) -> None:
            if message_id and parts.of > 1:  # before the receipt of this part, which may be next on the wire
                parts.ids[part] = message_id
                self._remember(message_id, parts)
            loop.call_soon_threadsafe(_note, parts, answered, part, status, message_id)

        order = Order(self._sender, to, text, told)
        self._session.submit(order)
        try:
            async with asyncio.timeout(self._account.answer_s):
                return self._result(await answered)
        except TimeoutError:
            unsent = order.give_up()
            return SendResult(PageState.PENDING if unsent else PageState.UNKNOWN, self.name, "no submit_sm_resp")

    async def _connected(self) -> bool:
        await self.start()
        return await asyncio.to_thread(self._session.bound.wait, CONNECT_WAIT_S)

    def _result(self, parts: _Parts) -> SendResult:
        raw = f"ids={parts.ids} status={parts.refused}"
        if parts.refused is not None:
            later = parts.refused in _LATER and not parts.ids
            return SendResult(PageState.PENDING if later else PageState.FAILED, self.name, raw)
        if parts.broken:
            return SendResult(PageState.UNKNOWN, self.name, raw)
        return SendResult(PageState.SENT, self.name, raw, parts.ids[0])

    def _remember(self, message_id: str, parts: _Parts) -> None:
        self._groups[message_id] = parts
        while len(self._groups) > REMEMBERED:
            self._groups.pop(next(iter(self._groups)))

    async def ask(self, asked: Asked) -> SendResult | None:  # noqa: ARG002 - SMPP knows no name of ours
        """It cannot say."""
        return SendResult(PageState.UNKNOWN, self.name, "SMPP cannot be asked")

    async def check(self) -> tuple[Finding, ...]:
        """Whether it binds; SMPP tells neither senders nor a balance."""
        bound = await self._connected()
        why = self._session.refused or "연결되지 않습니다"
        return (Finding("접속", bound, "" if bound else f"{self._account.host}:{self._account.port} {why}"),)

    # -- what the SMSC sends, in the session's thread --------------------------------------------------------------------

    def _deliver(self, pdu: Any) -> None:
        sequence = int(pdu.sequence)
        if self._loop is None or self.on_reports is None:
            self._session.acknowledge(sequence, smpplib.consts.SMPP_ESME_RX_T_APPN)
            return
        reporting = asyncio.run_coroutine_threadsafe(self._report(self._read(pdu)), self._loop)
        # Only what is written down is acknowledged; the rest the SMSC sends again.
        reporting.add_done_callback(
            lambda done: self._session.acknowledge(
                sequence,
                smpplib.consts.SMPP_ESME_RX_T_APPN
                if done.cancelled() or done.exception()
                else smpplib.consts.SMPP_ESME_ROK,
            )
        )

    async def _report(self, reports: Reports) -> None:
        if self.on_reports is not None:
            await self.on_reports(reports)

    def _read(self, pdu: Any) -> Reports:
        text = pdu.short_message or b""
        if (int(pdu.esm_class or 0) & KIND) == RECEIPT:
            return self._receipt(text, _text(getattr(pdu, "receipted_message_id", None)), pdu)
        sender = _text(pdu.source_addr) or ""
        said = decode(text, int(pdu.data_coding or 0))
        digest = hashlib.sha256(f"{sender}/{said}".encode()).hexdigest()[:16]
        key = f"{digest}/{int(time.time()) // 300}"  # SMPP gives an SMS no id; a repetition comes within minutes
        return Reports(inbound=(Inbound(self.name, key, "+82" + sender.removeprefix("82").lstrip("0"), said),))

    def _receipt(self, text: bytes, message_id: str | None, pdu: Any) -> Reports:
        state = getattr(pdu, "message_state", None)
        found = read_receipt(text, message_id, state if isinstance(state, int) else None)
        if found is None or not found.final:
            return Reports()
        first, parts = found.message_id, self._groups.get(found.message_id)
        if parts is not None:
            first = parts.ids.get(0, first)
            parts.delivered |= {found.message_id} if found.delivered else set()
            if found.delivered and len(parts.delivered) < parts.of:
                return Reports()  # the other parts are still on their way
        key = f"{first}/{'delivered' if found.delivered else 'failed'}"
        raw = text.decode("ascii", "replace")
        return Reports((Receipt(self.name, key, found.delivered, raw, provider_reference=first),))


def _note(
    parts: _Parts, answered: "asyncio.Future[_Parts]", part: int, status: int | None, message_id: str | None
) -> None:
    if status is None:
        parts.broken = True
    elif status != smpplib.consts.SMPP_ESME_ROK:
        parts.refused = status
    else:
        parts.ids[part] = message_id or ""
    if parts.complete and not answered.done():
        answered.set_result(parts)


def _text(value: Any) -> str | None:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    return text.rstrip("\x00") if isinstance(text, str) else None
