"""Naver SENS against a server that computes the gateway's signature by itself."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from http_provider import Asked as Request
from http_provider import HttpProvider

from callbot.adapters.sens import REGIONS, Sens
from callbot.escalate.page_state import PageState
from callbot.workflows.providers import Asked, Message, SendResult

ACCESS, SECRET, SERVICE = "AKIA", "secret-key", "ncp:sms:kr:500:callbot"
PATH = f"/sms/v2/services/{SERVICE}/messages"
TO = "+821000009001"


class Gateway:
    """Lets in what is signed as the documentation says, and keeps what was sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.status = 202
        self.listed: Callable[[dict[str, str]], list[dict[str, Any]]] = lambda _query: []

    def __call__(self, request: Request) -> tuple[int, Any]:
        stamp = request.headers["x-ncp-apigw-timestamp"]
        text = f"{request.method} {request.target}\n{stamp}\n{ACCESS}".encode()
        expected = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
        if request.headers["x-ncp-apigw-signature-v2"] != expected or abs(time.time() * 1000 - int(stamp)) > 300_000:
            return 401, {"error": {"errorCode": "200", "message": "Authentication Failed"}}
        assert request.headers["x-ncp-iam-access-key"] == ACCESS
        assert request.path == PATH
        if request.method == "GET":
            return 200, {"messages": self.listed(request.query)}
        sent = request.sent
        size = len(sent["content"].encode("cp949"))
        assert size <= {"SMS": 90, "LMS": 2000}[sent["type"]], "SENS would cut it without a word"
        assert (sent["contentType"], sent["countryCode"], sent["from"]) == ("COMM", "82", "0621234567")
        self.messages.append(sent)
        return self.status, {
            "requestId": "R1",
            "requestTime": "x",
            "statusCode": str(self.status),
            "statusName": "success",
        }


def with_sens(gateway: Gateway, use: Callable[[Sens], Any], secret: str = SECRET) -> Any:
    async def main() -> Any:
        with HttpProvider(gateway) as server:
            sens = Sens(ACCESS, secret, SERVICE, "0621234567", base_url=server.url)
            try:
                return await use(sens)
            finally:
                await sens.close()

    return asyncio.run(main())


def asked(theirs: str | None = None) -> Asked:
    return Asked("p1-1-aa", theirs, TO, "x", timedelta(seconds=20))


@pytest.mark.parametrize(("body", "kind"), [("위기 김O자", "SMS"), ("가" * 45, "SMS"), ("가" * 46, "LMS")])
def test_signed_and_of_the_right_kind(body: str, kind: str) -> None:
    """The gateway's own computation agrees, and the kind follows the cp949 bytes."""
    gateway = Gateway()
    result: SendResult = with_sens(gateway, lambda sens: sens.send(Message(TO, body, "p1-1-aa")))
    assert (result.state, result.provider_reference) == (PageState.SENT, "R1")
    [sent] = gateway.messages
    assert (sent["type"], sent["messages"]) == (kind, [{"to": "01000009001", "content": body}])


def test_a_wrong_secret_keeps_the_message() -> None:
    """401 is ours to mend: nothing was taken, nothing is given up."""
    gateway = Gateway()
    result = with_sens(gateway, lambda sens: sens.send(Message(TO, "위기", "p1-1-aa")), secret="wrong")
    assert (result.state, gateway.messages) == (PageState.PENDING, [])
    [first, *_] = with_sens(gateway, lambda sens: sens.check(), secret="wrong")
    assert not first.ok


def test_a_success_without_an_id_is_a_doubt() -> None:
    """A 200 that is not the documented 202."""
    gateway = Gateway()
    gateway.status = 200
    assert with_sens(gateway, lambda sens: sens.send(Message(TO, "위기", "r"))).state is PageState.UNKNOWN


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"status": "PROCESSING"}, PageState.SENT),
        ({"status": "COMPLETED", "statusName": "success"}, PageState.DELIVERED),
        ({"status": "COMPLETED", "statusName": "fail"}, PageState.FAILED),
    ],
)
def test_receipts_by_request_id(row: dict[str, str], state: PageState) -> None:
    """Polled under the id that SENS gave."""
    gateway = Gateway()
    gateway.listed = lambda query: [row] if query == {"requestId": "R1"} else []
    assert with_sens(gateway, lambda sens: sens.ask(asked("R1"))).state is state


def test_without_an_id_only_absence_is_certain() -> None:
    """Nothing to this number in that time: never got it. Something: it cannot say whether it was ours."""
    gateway = Gateway()
    windows: list[dict[str, str]] = []

    def listed(query: dict[str, str]) -> list[dict[str, Any]]:
        windows.append(query)
        return [] if len(windows) == 1 else [{"status": "PROCESSING"}]

    gateway.listed = listed
    assert with_sens(gateway, lambda sens: sens.ask(asked())) is None
    assert with_sens(gateway, lambda sens: sens.ask(asked())).state is PageState.UNKNOWN
    begin, end = (datetime.fromisoformat(windows[0][name]) for name in ("requestStartTime", "requestEndTime"))
    assert (windows[0]["to"], end - begin) == ("01000009001", timedelta(minutes=4, seconds=20))


def test_regions() -> None:
    """The government region is another host."""
    assert REGIONS["gov"] == "https://sens.apigw.gov-ntruss.com"
