"""Solapi (솔라피, formerly CoolSMS): SMS, LMS and 알림톡 by its message API v4.

An own adapter, because the provider's SDK is synchronous, raises bare exceptions, and reads a missing field of an accepted message
as a failure (docs/adr/0016). Its signature is cross-checked with that SDK in the tests.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from callbot.adapters.provider_http import Answer, ProviderHttp
from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.escalate.sms_fit import Unfit, domestic, sms_kind
from callbot.store.receipt_rows import Inbound, Receipt
from callbot.workflows.providers import Asked, Finding, HookRefused, Message, Reports, SendResult

BASE_URL = "https://api.solapi.com"
ACCEPTED = frozenset({"2000", "3000"})
DELIVERED = "4000"
SUBJECT = "안부전화 알림"


def authorization(api_key: str, api_secret: str, at: datetime, salt: str) -> str:
    """The header that signs a request. Solapi refuses one that is 15 minutes off, and the same signature twice."""
    date = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    signature = hmac.new(api_secret.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 apiKey={api_key}, date={date}, salt={salt}, signature={signature}"


@dataclass(frozen=True)
class Kakao:
    """An approved 알림톡 template with one variable, `#{내용}`, that takes the text of the page."""

    pf_id: str
    template_id: str


class Solapi:
    """A Provider (callbot.workflows.providers)."""

    can_ask = True
    polled = True
    """Also with webhooks: a report that was lost is fetched."""

    def __init__(
        self,
        api_key: str,
        api_secret: str,
        sender: str,
        *,
        base_url: str = BASE_URL,
        webhook_secret: str = "",
        kakao: Kakao | None = None,
        timeout_s: float = 8.0,
    ) -> None:
        """`sender`: digits, registered with Solapi. `webhook_secret`: empty where no report is believed."""
        self.name = "solapi" if kakao is None else "solapi-alimtalk"
        self.channel = Channel.SMS if kakao is None else Channel.ALIMTALK
        self._key = (api_key, api_secret)
        self._sender = sender
        self._hook_secret = webhook_secret
        self._kakao = kakao
        self._http = ProviderHttp(base_url, timeout_s=timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def send(self, message: Message) -> SendResult:
        """One message; its id at Solapi is the reference."""
        try:
            sent = {"messages": [self._message(message)], "allowDuplicates": False, "showMessageList": True}
        except Unfit as error:
            return SendResult(PageState.FAILED, self.name, str(error))
        answer = await self._call("POST", "/messages/v4/send-many/detail", sent=sent)
        if answer.state is not PageState.SENT:
            return answer.result(self.name)
        return self._taken(answer)

    def _message(self, message: Message) -> dict[str, Any]:
        kind = sms_kind(message.body)
        made: dict[str, Any] = {
            "to": domestic(message.to or ""),
            "from": self._sender,
            "text": message.body,
            "type": kind.value,
            "customFields": {"reference": message.reference},
        }
        if self._kakao is not None:
            made |= {"type": "ATA", "kakaoOptions": {
                "pfId": self._kakao.pf_id, "templateId": self._kakao.template_id, "disableSms": True,
                "variables": {"#{내용}": message.body},
            }}  # fmt: skip
        elif kind.value == "LMS":
            made["subject"] = SUBJECT
        return made

    def _taken(self, answer: Answer) -> SendResult:
        """A 200 says only that the request was read: each message was registered, or failed."""
        failed = answer.body.get("failedMessageList")
        taken = answer.body.get("messageList")
        if isinstance(failed, list) and failed:
            return SendResult(PageState.FAILED, self.name, answer.raw)
        listed = list(taken.values()) if isinstance(taken, dict) else taken
        if not isinstance(listed, list) or not listed or not isinstance(listed[0], dict):
            return SendResult(PageState.UNKNOWN, self.name, answer.raw)
        message_id = listed[0].get("messageId")
        if not isinstance(message_id, str):
            return SendResult(PageState.UNKNOWN, self.name, answer.raw)
        return SendResult(PageState.SENT, self.name, answer.raw, message_id)

    async def ask(self, asked: Asked) -> SendResult | None:
        """By our reference, among the messages to this number of the last day."""
        since = datetime.now(UTC) - min(asked.age + timedelta(minutes=10), timedelta(days=30))
        query = {"limit": "500", "startDate": since.isoformat(timespec="seconds")}
        if asked.provider_reference:
            query = {"messageId": asked.provider_reference}
        elif asked.to:
            query["to"] = domestic(asked.to)
        answer = await self._call("GET", "/messages/v4/list", query=query)
        found = (answer.body or {}).get("messageList")
        if answer.state is not PageState.SENT or not isinstance(found, dict):
            return SendResult(PageState.UNKNOWN, self.name, answer.raw)
        for message_id, one in found.items():
            if (one.get("customFields") or {}).get("reference") == asked.reference:
                return SendResult(_state(str(one.get("statusCode"))), self.name, json.dumps(one), message_id)
        # What was not found by Solapi's own id is not proved absent.
        unread = answer.body.get("nextKey") or asked.provider_reference
        return SendResult(PageState.UNKNOWN, self.name, answer.raw) if unread else None

    def read_hook(self, headers: Mapping[str, str], body: bytes) -> Reports:
        """An array of reports, signed by the hash of a secret that both sides know; the same event may come again."""
        expected = hashlib.sha1(self._hook_secret.encode()).hexdigest()  # noqa: S324 - Solapi's choice, not ours
        if not self._hook_secret or not hmac.compare_digest(
            headers.get("x-solapi-secret", "").encode(), expected.encode()
        ):
            raise HookRefused(401, "signature")
        try:
            events = json.loads(body)
            reports = [_report(event, self.name) for event in events]
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise HookRefused(400, "not a report") from error
        return Reports(
            tuple(one for one in reports if isinstance(one, Receipt)),
            tuple(one for one in reports if isinstance(one, Inbound)),
        )

    async def check(self) -> tuple[Finding, ...]:
        """Key, balance, and whether the sender is registered."""
        balance = await self._call("GET", "/cash/v1/balance")
        if balance.state is not PageState.SENT:
            return (Finding("인증", False, f"API 키로 들어갈 수 없습니다: {balance.raw[:200]}"),)
        money = float(balance.body.get("balance") or 0) + float(balance.body.get("point") or 0)
        numbers = await self._call("GET", "/senderid/v1/numbers/active")
        raw = numbers.raw if numbers.state is PageState.SENT else ""
        return (
            Finding("인증", True),
            Finding("잔액", money > 0, f"{money:,.0f}원"),
            Finding(
                "발신번호", self._sender in raw, f"{self._sender} {'등록됨' if self._sender in raw else '목록에 없음'}"
            ),
        )

    async def _call(
        self, method: str, path: str, *, sent: dict[str, Any] | None = None, query: dict[str, str] | None = None
    ) -> Answer:
        signed = authorization(*self._key, datetime.now(UTC), secrets.token_hex(16))
        return await self._http.call(method, path, {"authorization": signed}, sent=sent, query=query)


def _state(code: str) -> PageState:
    if code == DELIVERED:
        return PageState.DELIVERED
    return PageState.SENT if code in ACCEPTED else PageState.FAILED


def _report(event: dict[str, Any], provider: str) -> Receipt | Inbound | None:
    """None: it is on its way, which is no news."""
    if "statusCode" not in event:  # an SMS of somebody: MO
        return Inbound(provider, str(event["messageId"]), _e164(str(event["from"])), str(event["text"]))
    code = str(event["statusCode"])
    if code in ACCEPTED:
        return None
    message_id = str(event["messageId"])
    key = str(event.get("eventDataId") or f"{message_id}/{code}")
    reference = (event.get("customFields") or {}).get("reference")
    return Receipt(provider, key, code == DELIVERED, json.dumps(event), reference, message_id)


def _e164(number: str) -> str:
    return "+82" + number.removeprefix("+82").removeprefix("82").lstrip("0") if not number.startswith("+82") else number
