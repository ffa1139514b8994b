"""Solapi's adapter against a server that checks everything, and against the provider's own SDK."""

import asyncio
import hashlib
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from solapi import SolapiMessageService
from solapi.lib.authenticator import Authenticator
from solapi.model import RequestMessage

from callbot.adapters.solapi import Kakao, Solapi, authorization
from callbot.escalate.page_state import PageState
from callbot.simulate.sms_server import API_KEY, API_SECRET, HOOK_SECRET, SENDER, Fault, SmsServer
from callbot.workflows.providers import Asked, HookRefused, Message, SendResult

TO = "+821000009001"


@pytest.fixture
def server() -> Iterator[SmsServer]:
    running = SmsServer().start()
    yield running
    running.stop()


def solapi(server: SmsServer, **more: object) -> Solapi:
    return Solapi(API_KEY, API_SECRET, SENDER, **{"base_url": server.url, "timeout_s": 1.0, **more})  # type: ignore[arg-type]


def send(adapter: Solapi, body: str = "[동구]위기 김O자(82) 11:42", reference: str = "p1-1-aa") -> SendResult:
    async def one() -> SendResult:
        try:
            return await adapter.send(Message(TO, body, reference))
        finally:
            await adapter.close()

    return asyncio.run(one())


def ask(adapter: Solapi, reference: str = "p1-1-aa", theirs: str | None = None) -> SendResult | None:
    async def one() -> SendResult | None:
        try:
            return await adapter.ask(Asked(reference, theirs, TO, "x", timedelta(seconds=5)))
        finally:
            await adapter.close()

    return asyncio.run(one())


def test_signature_is_that_of_the_sdk() -> None:
    """Solapi's own SDK computes the same signature from the same date and salt."""
    header = authorization("KEY", "SECRET", datetime(2026, 11, 25, tzinfo=UTC), "0123456789abcdef")
    date = "2026-11-25T00:00:00.000Z"
    assert f"date={date}" in header
    assert header.endswith(Authenticator.get_signature("SECRET", date + "0123456789abcdef"))


def test_the_sdk_is_let_in_by_our_server(server: SmsServer) -> None:
    """So the server that judges our adapter judges as the real one does: the provider's own client passes it."""
    service = SolapiMessageService(API_KEY, API_SECRET)
    service.base_url = server.url
    with pytest.raises(Exception, match="validation error"):  # it wants fields of an answer that we do not imitate
        service.send(RequestMessage(from_=SENDER, to="01000009001", text="안녕하세요", type="SMS"))
    assert [one.text for one in server.accepted] == ["안녕하세요"]
    assert server.refused == []


def test_a_message_arrives_as_it_was(server: SmsServer) -> None:
    """Accepted under the server's id, with our reference, as SMS."""
    result = send(solapi(server))
    [taken] = server.accepted
    assert (result.state, result.provider_reference) == (PageState.SENT, taken.message_id)
    assert (taken.to, taken.text, taken.kind, taken.reference) == (
        "01000009001", "[동구]위기 김O자(82) 11:42", "SMS", "p1-1-aa",
    )  # fmt: skip
    assert server.refused == []


@pytest.mark.parametrize(("size", "kind"), [(90, "SMS"), (92, "LMS"), (2000, "LMS")])
def test_kind_by_cp949_bytes(server: SmsServer, size: int, kind: str) -> None:
    """45 syllables are an SMS, one more is an LMS, up to 2,000 bytes."""
    assert send(solapi(server), "똠" * (size // 2)).state is PageState.SENT
    assert server.accepted[0].kind == kind


@pytest.mark.parametrize("body", ["다 좋아요 😀", "가" * 1001, "  "])
def test_unfit_never_leaves(server: SmsServer, body: str) -> None:
    """What no phone could show, or is too long, is refused here, with the reason in Korean."""
    result = send(solapi(server), body)
    assert result.state is PageState.FAILED
    assert result.raw.endswith((".",))
    assert (server.accepted, server.refused) == ([], [])


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault(status=500), PageState.UNKNOWN),
        (Fault(status=502, garbage=True), PageState.UNKNOWN),
        (Fault(garbage=True), PageState.UNKNOWN),
        (Fault(status=0), PageState.UNKNOWN),
        (Fault(wait_s=2.0), PageState.UNKNOWN),
        (Fault(accept=False, status=400), PageState.FAILED),
        (Fault(accept=False, status=429), PageState.PENDING),
        (Fault(accept=False, status=402), PageState.PENDING),
    ],
)
def test_what_an_answer_means(server: SmsServer, fault: Fault, state: PageState) -> None:
    """Ambiguous is never called failed, and what was certainly not taken is never called ambiguous."""
    server.faults = lambda _reference: fault
    assert send(solapi(server)).state is state


def test_nobody_there_is_certainly_not_sent() -> None:
    """A refused connection may be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    assert send(Solapi(API_KEY, API_SECRET, SENDER, base_url=url)).state is PageState.PENDING


def test_wrong_secret_and_wrong_sender(server: SmsServer) -> None:
    """A wrong key keeps the message for later; an unregistered sender is refused for good."""
    assert send(Solapi(API_KEY, "wrong", SENDER, base_url=server.url)).state is PageState.PENDING
    assert send(Solapi(API_KEY, API_SECRET, "0629999999", base_url=server.url)).state is PageState.FAILED
    assert server.accepted == []


def test_asked_by_our_reference(server: SmsServer) -> None:
    """Taken and answered with 500: found. Never taken: None. Server down: it cannot say."""
    server.faults = lambda _reference: Fault(status=500)
    send(solapi(server))
    found = ask(solapi(server))
    assert found is not None
    assert (found.state, found.provider_reference) == (PageState.DELIVERED, server.accepted[0].message_id)
    assert ask(solapi(server), "p9-1-zz") is None
    server.answering = False
    answer = ask(solapi(server))
    assert answer is not None
    assert answer.state is PageState.UNKNOWN


def test_alimtalk(server: SmsServer) -> None:
    """The approved template gets the text; no SMS is sent instead, that is our own decision."""
    adapter = solapi(server, kakao=Kakao("PF1", "TPL1"))
    assert (adapter.name, send(adapter).state, server.accepted[0].kind) == ("solapi-alimtalk", PageState.SENT, "ATA")


HEADERS = {"x-solapi-secret": hashlib.sha1(HOOK_SECRET.encode()).hexdigest()}  # noqa: S324


def hooked() -> Solapi:
    return Solapi(API_KEY, API_SECRET, SENDER, webhook_secret=HOOK_SECRET)


def test_reports_are_read() -> None:
    """Delivered, failed and still on its way; and an SMS that a worker sent."""
    events = [
        {"messageId": "M1", "statusCode": "4000", "eventDataId": "E1", "customFields": {"reference": "p1-1-aa"}},
        {"messageId": "M2", "statusCode": "3104", "eventDataId": "E2"},
        {"messageId": "M3", "statusCode": "3000", "eventDataId": "E3"},
        {"messageId": "M4", "from": "01000009001", "text": "1"},
    ]
    reports = hooked().read_hook(HEADERS, json.dumps(events).encode())
    assert [(one.event_key, one.delivered, one.reference) for one in reports.receipts] == [
        ("E1", True, "p1-1-aa"),
        ("E2", False, None),
    ]
    assert [(one.sender, one.text) for one in reports.inbound] == [(TO, "1")]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [({}, b"[]", 401), ({"x-solapi-secret": HOOK_SECRET}, b"[]", 401), (HEADERS, b"{", 400), (HEADERS, b"[1]", 400)],
)
def test_forged_and_broken_reports(headers: dict[str, str], body: bytes, status: int) -> None:
    """Without the signature nothing is read; what is no report is refused, not crashed on."""
    with pytest.raises(HookRefused) as refused:
        hooked().read_hook(headers, body)
    assert refused.value.status == status


def test_without_a_secret_no_report_is_believed() -> None:
    """An empty secret is no secret: its hash is known to everybody."""
    headers = {"x-solapi-secret": hashlib.sha1(b"").hexdigest()}  # noqa: S324
    with pytest.raises(HookRefused):
        Solapi(API_KEY, API_SECRET, SENDER).read_hook(headers, b"[]")


def test_check(server: SmsServer) -> None:
    """Key, balance and sender, looked at without sending anything."""

    async def findings(adapter: Solapi) -> list[tuple[str, bool]]:
        try:
            return [(one.what, one.ok) for one in await adapter.check()]
        finally:
            await adapter.close()

    assert asyncio.run(findings(solapi(server))) == [("인증", True), ("잔액", True), ("발신번호", True)]
    wrong = Solapi(API_KEY, "wrong", "0629999999", base_url=server.url)
    assert asyncio.run(findings(wrong)) == [("인증", False)]
