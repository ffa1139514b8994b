"""The test send of an installation: credentials, sender and balance, one SMS to one's own telephone, and what became of it."""

import asyncio
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbot.escalate.page_state import PAGE_STATE_KO, PageState
from callbot.people.numbers import parse_number
from callbot.schedule.window import SEOUL
from callbot.senders import providers
from callbot.settings import SettingsError
from callbot.sms_settings import SmsSettings
from callbot.store.receipt_rows import Receipt
from callbot.workflows.providers import Asked, Connected, Finding, Message, Provider, Reports, SendResult

RECEIPT_S = 20.0
"""How long the receipt is waited for; one that comes later is in the provider's own console."""
ASK_EVERY_S = 1.0


@dataclass(frozen=True)
class Trial:
    """What came of it."""

    provider: str
    findings: tuple[Finding, ...]
    answer: SendResult | None
    """None: nothing was sent, because of the findings."""
    receipt: str
    """In Korean."""
    seconds: float | None
    """From the hand-over to the receipt."""

    @property
    def ok(self) -> bool:
        """Sent, and not known to have failed."""
        return self.answer is not None and self.answer.state in {PageState.SENT, PageState.DELIVERED}

    @property
    def answer_word(self) -> str:
        """In Korean."""
        return "보내지 않음" if self.answer is None else PAGE_STATE_KO[self.answer.state]


def chosen(sms: SmsSettings | None, name: str) -> Provider:
    """By its name; empty: the first. Raises SettingsError."""
    if sms is None:
        raise SettingsError(
            "문자 제공자가 설정되지 않았습니다. CALLBOT_SMS에 설정 파일을 적어 주세요 (docs/operations/sms.md)."
        )
    known = {provider.name: provider for provider in providers(sms)}
    provider = known.get(name or next(iter(known)))
    if provider is None:
        raise SettingsError(f"{name!r}은(는) 설정에 없는 제공자입니다. 있는 것: {', '.join(known)}.")
    return provider


async def try_out(sms: SmsSettings | None, name: str, to: str, now: datetime, *, receipt_s: float = RECEIPT_S) -> Trial:
    """Check, and where nothing is wrong send one message to `to` (a number; for e-mail an address).

    Raises SettingsError, and BadNumber for a number that is none.
    """
    provider = chosen(sms, name)
    number = to if "@" in to else parse_number(to)
    reported: asyncio.Queue[Receipt] = asyncio.Queue()

    async def take(reports: Reports) -> None:
        for receipt in reports.receipts:
            reported.put_nowait(receipt)

    try:
        if isinstance(provider, Connected):
            provider.on_reports = take
            await provider.start()
        findings = await provider.check()
        if not all(finding.ok for finding in findings):
            return Trial(provider.name, findings, None, "보내지 않았습니다. 위의 항목을 먼저 고쳐 주세요.", None)
        body = f"[안부전화] 시험 문자입니다. {now.astimezone(SEOUL):%H:%M}"
        reference = f"try-{secrets.token_hex(6)}"
        began = time.monotonic()
        answer = await provider.send(Message(number, body, reference))
        asked = Asked(reference, answer.provider_reference, number, body, timedelta(seconds=1))
        receipt, seconds = await _receipt(provider, answer, asked, reported, began, receipt_s)
        return Trial(provider.name, findings, answer, receipt, seconds)
    finally:
        await provider.close()


async def _receipt(
    provider: Provider,
    answer: SendResult,
    asked: Asked,
    reported: "asyncio.Queue[Receipt]",
    began: float,
    receipt_s: float,
) -> tuple[str, float | None]:
    if answer.state not in {PageState.SENT, PageState.UNKNOWN}:
        return "없음", None
    while time.monotonic() - began < receipt_s:
        state: PageState | None = None
        if provider.can_ask:
            found = await provider.ask(asked)
            state = found.state if found is not None else None
        try:
            receipt = await asyncio.wait_for(reported.get(), ASK_EVERY_S)
            state = PageState.DELIVERED if receipt.delivered else PageState.FAILED
        except TimeoutError:
            pass
        if state in {PageState.DELIVERED, PageState.FAILED}:
            return PAGE_STATE_KO[state], round(time.monotonic() - began, 1)
    return "아직 오지 않음", None
