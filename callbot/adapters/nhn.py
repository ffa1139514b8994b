"""NHN Cloud SMS, API v3.0. Our reference travels as `senderGroupingKey`, by which a doubtful message is found again."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from callbot.adapters.provider_http import Answer, ProviderHttp
from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.escalate.sms_fit import SmsKind, Unfit, domestic, sms_kind
from callbot.schedule.window import SEOUL
from callbot.store.receipt_rows import Receipt
from callbot.workflows.providers import Asked, Finding, HookRefused, Message, Reports, SendResult

BASE_URL = "https://api-sms.cloud.toast.com"
SUBJECT = "안부전화 알림"
ARRIVED = "1000"
ACCESS, ACCESS_END, SYSTEM = -1000, -1100, -9990
_PATHS = {SmsKind.SMS: "sender/sms", SmsKind.LMS: "sender/mms"}
_FINAL = {"COMPLETED", "FAILED", "CANCEL", "DUPLICATED", "FAILED_AD"}


class Nhn:
    """A Provider (callbot.workflows.providers)."""

    name = "nhn"
    channel = Channel.SMS
    can_ask = True
    polled = True
    """Also with webhooks: a report that was lost is fetched."""

    def __init__(
        self,
        app_key: str,
        secret_key: str,
        sender: str,
        *,
        webhook_signature: str = "",
        base_url: str = BASE_URL,
        timeout_s: float = 8.0,
    ) -> None:
        """`sender`: digits, registered in the console. `webhook_signature`: what was entered there; empty: no report is believed."""
        self._sender = sender
        self._headers = {"x-secret-key": secret_key}
        self._root = f"/sms/v3.0/appKeys/{app_key}"
        self._app_key = app_key
        self._hook_signature = webhook_signature
        self._http = ProviderHttp(base_url, timeout_s=timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def send(self, message: Message) -> SendResult:
        """One message."""
        try:
            kind = sms_kind(message.body)
            to = domestic(message.to or "")
        except Unfit as error:
            return SendResult(PageState.FAILED, self.name, str(error))
        sent: dict[str, Any] = {
            "body": message.body, "sendNo": self._sender, "senderGroupingKey": message.reference,
            "recipientList": [{"recipientNo": to, "countryCode": "82", "recipientGroupingKey": message.reference}],
        }  # fmt: skip
        if kind is SmsKind.LMS:
            sent["title"] = SUBJECT
        answer = await self._call("POST", _PATHS[kind], sent=sent)
        if answer.state is not PageState.SENT:
            return answer.result(self.name)
        return self._taken(answer)

    def _taken(self, answer: Answer) -> SendResult:
        """A 200 may say no, for the request or for the recipient."""
        try:
            if not answer.body["header"]["isSuccessful"]:
                return SendResult(_refused(answer.body["header"].get("resultCode")), self.name, answer.raw)
            data = answer.body["body"]["data"]
            if data["sendResultList"][0]["resultCode"] != 0:
                return SendResult(PageState.FAILED, self.name, answer.raw)
            return SendResult(PageState.SENT, self.name, answer.raw, str(data["requestId"]))
        except (KeyError, IndexError, TypeError):
            return SendResult(PageState.UNKNOWN, self.name, answer.raw)

    async def ask(self, asked: Asked) -> SendResult | None:
        """By our reference, in both kinds of message lists."""
        now = datetime.now(UTC).astimezone(SEOUL)
        since = now - min(asked.age + timedelta(minutes=10), timedelta(days=29))
        times = [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in (since, now + timedelta(minutes=5))]
        query = {"startRequestDate": times[0], "endRequestDate": times[1], "senderGroupingKey": asked.reference}
        try:
            path = _PATHS[sms_kind(asked.body)]
        except Unfit:
            return None
        answer = await self._call("GET", path, query=query)
        try:
            if answer.state is not PageState.SENT or not answer.body["header"]["isSuccessful"]:
                return SendResult(PageState.UNKNOWN, self.name, answer.raw)
            found = [one for one in answer.body["body"]["data"] if one["senderGroupingKey"] == asked.reference]
            return _found(found, self.name) if found else None
        except (KeyError, TypeError):
            return SendResult(PageState.UNKNOWN, self.name, answer.raw)

    def read_hook(self, headers: Mapping[str, str], body: bytes) -> Reports:
        """MESSAGE_RESULT_UPDATE; NHN sends back the signature that was entered in its console."""
        given = headers.get("x-toast-webhook-signature", "")
        if not self._hook_signature or not hmac.compare_digest(given.encode(), self._hook_signature.encode()):
            raise HookRefused(401, "signature")
        try:
            hook = json.loads(body)
            if hook["appKey"] != self._app_key:
                raise HookRefused(401, "another app")
            if hook["event"] != "MESSAGE_RESULT_UPDATE":
                return Reports()
            return Reports(tuple(_receipt(one) for one in hook["hooks"] if one["messageStatus"] in _FINAL))
        except (ValueError, TypeError, KeyError) as error:
            raise HookRefused(400, "not a report") from error

    async def check(self) -> tuple[Finding, ...]:
        """Keys, and whether the sender is registered. NHN bills afterwards: there is no balance."""
        answer = await self._call("GET", "sendNos", query={"sendNo": self._sender})
        ok = answer.state is PageState.SENT and bool((answer.body.get("header") or {}).get("isSuccessful"))
        known = ok and self._sender in answer.raw
        return (
            Finding("인증", ok, "" if ok else f"들어갈 수 없습니다: {answer.raw[:200]}"),
            Finding("발신번호", known, f"{self._sender} {'등록됨' if known else '목록에 없음'}"),
        )

    async def _call(
        self, method: str, path: str, *, sent: dict[str, Any] | None = None, query: dict[str, str] | None = None
    ) -> Answer:
        return await self._http.call(method, f"{self._root}/{path}", self._headers, sent=sent, query=query)


def _refused(code: object) -> PageState:
    """-1000 and below: keys, project, address, which are ours to mend; -9990 and below: their system, so nobody knows."""
    if not isinstance(code, int):
        return PageState.UNKNOWN
    if code <= SYSTEM:
        return PageState.UNKNOWN
    return PageState.PENDING if ACCESS_END < code <= ACCESS else PageState.FAILED


def _found(found: list[dict[str, Any]], provider: str) -> SendResult:
    one = found[0]
    raw, reference = json.dumps(one, ensure_ascii=False), str(one["requestId"])
    if str(one.get("msgStatus")) in {"0", "1", "2"}:
        return SendResult(PageState.SENT, provider, raw, reference)
    arrived = str(one.get("resultCode")) == ARRIVED
    return SendResult(PageState.DELIVERED if arrived else PageState.FAILED, provider, raw, reference)


def _receipt(hook: dict[str, Any]) -> Receipt:
    delivered = hook["messageStatus"] == "COMPLETED" and str(hook.get("resultCode")) == ARRIVED
    raw = json.dumps(hook, ensure_ascii=False)
    return Receipt("nhn", str(hook["hookId"]), delivered, raw, hook.get("senderGroupingKey"), str(hook["requestId"]))
