"""Naver Cloud SENS: SMS and LMS, in the public and the government region.

SENS gives our reference back nowhere. After an unclear answer it can prove only that nothing to that number was taken in the time in
question; anything else stays in doubt, and the message goes to another provider (docs/adr/0017).
"""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from callbot.adapters.provider_http import Answer, ProviderHttp
from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.escalate.sms_fit import Unfit, domestic, sms_kind
from callbot.schedule.window import SEOUL
from callbot.workflows.providers import Asked, Finding, Message, SendResult

REGIONS = {"public": "https://sens.apigw.ntruss.com", "gov": "https://sens.apigw.gov-ntruss.com"}
SUBJECT = "안부전화 알림"


def signature(method: str, path: str, stamp: str, access_key: str, secret_key: str) -> str:
    """x-ncp-apigw-signature-v2; `path` with its query, `stamp` in ms, at most 5 minutes off."""
    text = f"{method} {path}\n{stamp}\n{access_key}"
    return base64.b64encode(hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).digest()).decode()


class Sens:
    """A Provider (callbot.workflows.providers)."""

    name = "sens"
    channel = Channel.SMS
    can_ask = True
    polled = True

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        service_id: str,
        sender: str,
        *,
        region: str = "public",
        base_url: str = "",
        timeout_s: float = 8.0,
    ) -> None:
        """`sender`: digits, registered with the service. `region`: public or gov."""
        self._keys = (access_key, secret_key)
        self._messages = f"/sms/v2/services/{service_id}/messages"
        self._sender = sender
        self._http = ProviderHttp(base_url or REGIONS[region], timeout_s=timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def send(self, message: Message) -> SendResult:
        """One message; SENS cuts what is too long without a word, so the kind is chosen by its bytes here."""
        try:
            kind = sms_kind(message.body)
            to = domestic(message.to or "")
        except Unfit as error:
            return SendResult(PageState.FAILED, self.name, str(error))
        sent: dict[str, Any] = {
            "type": kind.value, "contentType": "COMM", "countryCode": "82", "from": self._sender,
            "content": message.body, "messages": [{"to": to, "content": message.body}],
        }  # fmt: skip
        if kind.value == "LMS":
            sent["subject"] = SUBJECT
        answer = await self._call("POST", self._messages, sent=sent)
        if answer.state is not PageState.SENT:
            return answer.result(self.name)
        request_id = answer.body.get("requestId")
        if str(answer.body.get("statusCode")) != "202" or not isinstance(request_id, str):
            return SendResult(PageState.UNKNOWN, self.name, answer.raw)
        return SendResult(PageState.SENT, self.name, answer.raw, request_id)

    async def ask(self, asked: Asked) -> SendResult | None:
        """By the request id; without one, whether anything at all went to this number in that time."""
        if asked.provider_reference:
            query = {"requestId": asked.provider_reference}
        else:
            now = datetime.now(UTC).astimezone(SEOUL)
            since = now - min(asked.age + timedelta(minutes=2), timedelta(days=29))
            times = [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in (since, now + timedelta(minutes=2))]
            query = {"requestStartTime": times[0], "requestEndTime": times[1], "to": domestic(asked.to or "")}
        answer = await self._call("GET", self._messages, query=query)
        found = (answer.body or {}).get("messages")
        if answer.state is not PageState.SENT or not isinstance(found, list):
            return SendResult(PageState.UNKNOWN, self.name, answer.raw)
        if not asked.provider_reference:
            return SendResult(PageState.UNKNOWN, self.name, answer.raw) if found else None
        if not found:
            return SendResult(PageState.UNKNOWN, self.name, answer.raw)
        return SendResult(_state(found[0]), self.name, answer.raw, asked.provider_reference)

    async def check(self) -> tuple[Finding, ...]:
        """Keys and service; SENS has no call that tells the sender or a balance."""
        now = datetime.now(UTC).astimezone(SEOUL)
        times = [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in (now - timedelta(minutes=1), now)]
        answer = await self._call(
            "GET", self._messages, query={"requestStartTime": times[0], "requestEndTime": times[1]}
        )
        ok = answer.state is PageState.SENT
        return (
            Finding("인증", ok, "" if ok else f"들어갈 수 없습니다: {answer.raw[:200]}"),
            Finding("발신번호", ok, f"{self._sender}: SENS는 조회할 수 없습니다. 시험 발송으로 확인해 주세요."),
        )

    async def _call(
        self, method: str, path: str, *, sent: dict[str, Any] | None = None, query: dict[str, str] | None = None
    ) -> Answer:
        full = f"{path}?{urlencode(query)}" if query else path
        stamp = str(int(time.time() * 1000))
        headers = {
            "x-ncp-apigw-timestamp": stamp,
            "x-ncp-iam-access-key": self._keys[0],
            "x-ncp-apigw-signature-v2": signature(method, full, stamp, *self._keys),
        }
        return await self._http.call(method, full, headers, sent=sent)


def _state(message: dict[str, Any]) -> PageState:
    """READY and PROCESSING are on their way; COMPLETED says by `statusName` what became of it."""
    if message.get("status") != "COMPLETED":
        return PageState.SENT
    return PageState.DELIVERED if message.get("statusName") == "success" else PageState.FAILED
