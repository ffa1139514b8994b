"""NHN Cloud SMS against a server that checks key, body, length, and finds messages by our reference."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from http_provider import Asked as Request
from http_provider import HttpProvider

from callbot.adapters.nhn import Nhn
from callbot.escalate.page_state import PageState
from callbot.workflows.providers import Asked, HookRefused, Message

ROOT = "/sms/v3.0/appKeys/APP"
TO = "+821000009001"
HOOKED = Nhn("APP", "SECRET", "0621234567", webhook_signature="signed")


class Cloud:
    """API v3.0 as documented."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.status, self.recipient_code = 200, 0
        self.found: dict[str, str] = {"msgStatus": "3", "resultCode": "1000"}

    def __call__(self, request: Request) -> tuple[int, Any]:
        header = {"isSuccessful": True, "resultCode": 0, "resultMessage": "SUCCESS"}
        if request.headers.get("x-secret-key") != "SECRET":
            return 200, {"header": {"isSuccessful": False, "resultCode": -1000, "resultMessage": "Invalid appKey"}}
        assert request.path.startswith(ROOT)
        path = request.path.removeprefix(ROOT + "/")
        if path == "sendNos":
            return 200, {"header": header, "body": {"data": [{"sendNo": "0621234567", "useYn": "Y"}]}}
        if request.method == "GET":
            wanted = request.query["senderGroupingKey"]
            assert {"startRequestDate", "endRequestDate"} <= set(request.query)
            rows = [
                {"requestId": f"R{index}", "senderGroupingKey": sent["senderGroupingKey"], **self.found}
                for index, (at, sent) in enumerate(self.taken)
                if at == path and sent["senderGroupingKey"] == wanted
            ]
            return 200, {"header": header, "body": {"totalCount": len(rows), "data": rows}}
        return self._send(path, request.sent, header)

    def _send(self, path: str, sent: dict[str, Any], header: dict[str, Any]) -> tuple[int, Any]:
        size = len(sent["body"].encode("cp949"))
        assert size <= {"sender/sms": 90, "sender/mms": 2000}[path]
        assert ("title" in sent) == (path == "sender/mms")
        if self.recipient_code == 0:
            self.taken.append((path, sent))
        row = {"recipientNo": sent["recipientList"][0]["recipientNo"], "resultCode": self.recipient_code}
        data = {"requestId": f"R{len(self.taken) - 1}", "statusCode": "2", "sendResultList": [row]}
        return self.status, {"header": header, "body": {"data": data}}


def with_nhn(cloud: Cloud, use: Callable[[Nhn], Any], secret: str = "SECRET") -> Any:  # noqa: S107
    async def main() -> Any:
        with HttpProvider(cloud) as server:
            nhn = Nhn("APP", secret, "0621234567", base_url=server.url)
            try:
                return await use(nhn)
            finally:
                await nhn.close()

    return asyncio.run(main())


def asked(reference: str) -> Asked:
    return Asked(reference, None, TO, "위기", timedelta(seconds=20))


@pytest.mark.parametrize(("body", "path"), [("위기 김O자", "sender/sms"), ("가" * 46, "sender/mms")])
def test_sent(body: str, path: str) -> None:
    """To the endpoint of its kind, with our reference for sender and recipient."""
    cloud = Cloud()
    result = with_nhn(cloud, lambda nhn: nhn.send(Message(TO, body, "p1-1-aa")))
    assert (result.state, result.provider_reference) == (PageState.SENT, "R0")
    [(at, sent)] = cloud.taken
    assert (at, sent["sendNo"], sent["senderGroupingKey"]) == (path, "0621234567", "p1-1-aa")
    assert sent["recipientList"] == [
        {"recipientNo": "01000009001", "countryCode": "82", "recipientGroupingKey": "p1-1-aa"}
    ]


def test_refused_inside_a_200() -> None:
    """The request may be fine and the recipient not, and the other way round."""
    cloud = Cloud()
    cloud.recipient_code = -2006
    assert with_nhn(cloud, lambda nhn: nhn.send(Message(TO, "위기", "r"))).state is PageState.FAILED
    wrong_key = with_nhn(Cloud(), lambda nhn: nhn.send(Message(TO, "위기", "r")), secret="x")
    assert wrong_key.state is PageState.PENDING  # ours to mend: the page is kept


def test_found_by_our_reference() -> None:
    """Taken and answered with 500: found, with what became of it. Another reference: never got it."""
    cloud = Cloud()
    cloud.status = 500
    assert with_nhn(cloud, lambda nhn: nhn.send(Message(TO, "위기", "p1-1-aa"))).state is PageState.UNKNOWN
    found = with_nhn(cloud, lambda nhn: nhn.ask(asked("p1-1-aa")))
    assert (found.state, found.provider_reference) == (PageState.DELIVERED, "R0")
    cloud.found = {"msgStatus": "2"}
    assert with_nhn(cloud, lambda nhn: nhn.ask(asked("p1-1-aa"))).state is PageState.SENT
    cloud.found = {"msgStatus": "3", "resultCode": "3018"}
    assert with_nhn(cloud, lambda nhn: nhn.ask(asked("p1-1-aa"))).state is PageState.FAILED
    assert with_nhn(cloud, lambda nhn: nhn.ask(asked("p2-1-bb"))) is None


def test_check() -> None:
    """Keys and sender."""
    assert [one.ok for one in with_nhn(Cloud(), lambda nhn: nhn.check())] == [True, True]
    assert [one.ok for one in with_nhn(Cloud(), lambda nhn: nhn.check(), secret="x")] == [False, False]


def hook(**changes: Any) -> bytes:
    one = {
        "hookId": "H1", "requestId": "R0", "messageStatus": "COMPLETED", "resultCode": "1000",
        "senderGroupingKey": "p1-1-aa",
    }  # fmt: skip
    return json.dumps({"appKey": "APP", "event": "MESSAGE_RESULT_UPDATE", "hooks": [one], **changes}).encode()


def test_reports() -> None:
    """With the signature that was entered in the console; other events are no reports."""
    headers = {"x-toast-webhook-signature": "signed"}
    [receipt] = HOOKED.read_hook(headers, hook()).receipts
    assert (receipt.event_key, receipt.delivered, receipt.reference) == ("H1", True, "p1-1-aa")
    assert HOOKED.read_hook(headers, hook(event="UNSUBSCRIBE")).receipts == ()


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, hook(), 401),
        ({"x-toast-webhook-signature": "x"}, hook(), 401),
        ({"x-toast-webhook-signature": "signed"}, hook(appKey="OTHER"), 401),
        ({"x-toast-webhook-signature": "signed"}, b"[", 400),
        ({"x-toast-webhook-signature": "signed"}, hook(hooks=[{}]), 400),
    ],
)
def test_forged_reports(headers: dict[str, str], body: bytes, status: int) -> None:
    """Refused with a status that tells the provider why."""
    with pytest.raises(HookRefused) as refused:
        HOOKED.read_hook(headers, body)
    assert refused.value.status == status
