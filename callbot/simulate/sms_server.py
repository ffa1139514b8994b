"""A virtual SMS provider that speaks Solapi's API on loopback and believes nothing: signature, sender, encoding, length.

For benches, demos and tests, like the virtual phones. What it accepts it keeps; with `faults` it misbehaves as real ones do.
"""

import asyncio
import hashlib
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from callbot.listening import QuietServer

API_KEY, API_SECRET, HOOK_SECRET = "NCSVIRTUAL0000000", "virtual-secret-0123456789", "virtual-hook-secret"
SENDER = "0621234567"
OFF_BY_AT_MOST_S = 900
_HEADER = re.compile(
    r"HMAC-SHA256 apiKey=([^,]+), date=([^,]+), salt=([^,]{12,64}), signature=([0-9a-f]{64})", re.IGNORECASE
)
SMS_BYTES, LMS_BYTES = 90, 2000


@dataclass(frozen=True)
class Accepted:
    """One message that would be on its way to a telephone."""

    at: float
    """Unix time."""
    message_id: str
    reference: str
    to: str
    text: str
    kind: str


@dataclass(frozen=True)
class Fault:
    """How one request is treated."""

    accept: bool = True
    """Whether the message is taken before anything else goes wrong."""
    status: int = 200
    """Answered with; 0: the connection is cut without a word."""
    wait_s: float = 0.0
    """Before the answer."""
    garbage: bool = False
    """The answer is no JSON."""
    receipts: int = 1
    """How often the delivery report is sent."""
    receipt_first: bool = False
    """The report comes before the answer."""
    delivered: bool = True


@dataclass
class SmsServer:
    """`start`, then `stop`. Methods and `accepted` may be used from any thread."""

    hook_url: str = ""
    """Where delivery reports are sent; empty: nowhere, they can be asked for."""
    faults: Callable[[str], Fault] = lambda _reference: Fault()
    """By our reference."""
    senders: frozenset[str] = frozenset({SENDER})
    accepted: list[Accepted] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Why requests were refused."""
    asked: int = 0
    answering: bool = True
    """False: the list of messages answers 503."""
    balance: float = 10_000.0

    def __post_init__(self) -> None:
        self._port = 0
        self._salts: set[str] = set()
        self._delivered: dict[str, bool] = {}
        self._ready = threading.Event()
        self._socket: socket.socket | None = None
        self._server: QuietServer | None = None
        self._thread: threading.Thread | None = None
        self._hooks: set[asyncio.Task[None]] = set()
        self.reports_sent = 0

    @property
    def url(self) -> str:
        """For the setting `base_url`."""
        if not self._port:
            raise RuntimeError("not started")
        return f"http://127.0.0.1:{self._port}"

    def settings(self, *, webhook: bool = False) -> str:
        """The TOML of an installation that sends through this server only."""
        hook = f'webhook_secret = "{HOOK_SECRET}"\n' if webhook else ""
        return (
            f'sender = "{SENDER}"\nregistered_senders = ["{SENDER}"]\norder = ["solapi"]\n'
            f'[solapi]\napi_key = "{API_KEY}"\napi_secret = "{API_SECRET}"\nbase_url = "{self.url}"\n{hook}'
        )

    def start(self) -> "SmsServer":
        """Listen, in a thread of its own; after `stop` on the same port again."""
        self._socket = socket.create_server(("127.0.0.1", self._port))
        self._port = self._socket.getsockname()[1]
        self._ready.clear()
        config = uvicorn.Config(self._app(), log_level="critical", access_log=False, lifespan="off")
        self._server = QuietServer(config)
        self._thread = threading.Thread(target=self._run, name="sms-server", daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the virtual SMS provider did not start")
        return self

    def _run(self) -> None:
        server, listening = self._server, self._socket
        if server is None or listening is None:
            return

        async def serve() -> None:
            asyncio.get_running_loop().call_soon(self._ready.set)
            await server.serve([listening])

        asyncio.run(serve())

    def stop(self) -> None:
        """Cut everything."""
        server, thread, listening = self._server, self._thread, self._socket
        if server is None or thread is None or listening is None:
            return
        server.should_exit = server.force_exit = True
        thread.join(20)
        listening.close()

    def taken(self) -> dict[str, list[Accepted]]:
        """What was accepted, by the first part of our reference: `p17`, the message without the number of the hand-over."""
        found: dict[str, list[Accepted]] = {}
        for one in list(self.accepted):
            found.setdefault(one.reference.split("-", 1)[0], []).append(one)
        return found

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/messages/v4/send-many/detail", self._send, methods=["POST"]),
                Route("/messages/v4/list", self._list, methods=["GET"]),
                Route("/cash/v1/balance", self._balance, methods=["GET"]),
                Route("/senderid/v1/numbers/active", self._senders, methods=["GET"]),
            ]
        )

    # -- what it looks at ----------------------------------------------------------------------------------------------

    def _unsigned(self, request: Request) -> Response | None:
        found = _HEADER.fullmatch(request.headers.get("authorization", ""))
        if found is None:
            return self._no(401, "InvalidApiKey", "authorization header")
        key, date, salt, signature = found.groups()
        expected = hmac.new(API_SECRET.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
        if key != API_KEY or not hmac.compare_digest(expected, signature):
            return self._no(403, "SignatureDoesNotMatch", "signature")
        off = abs((datetime.now(UTC) - datetime.fromisoformat(date)).total_seconds())
        if off > OFF_BY_AT_MOST_S:
            return self._no(403, "RequestTimeTooSkewed", "date")
        if signature in self._salts:
            return self._no(403, "DuplicatedSignature", "signature used before")
        self._salts.add(signature)
        return None

    def _no(self, status: int, code: str, why: str) -> Response:
        self.refused.append(f"{code}: {why}")
        return JSONResponse({"errorCode": code, "errorMessage": why}, status)

    def _fault_in(self, message: dict[str, Any]) -> str | None:
        """What is wrong with a message, as a provider would see it."""
        if message.get("from") not in self.senders:
            return "1062 unregistered sender"
        if not re.fullmatch(r"01[016789][0-9]{7,8}", str(message.get("to"))):
            return "1026 recipient"
        try:
            size = len(str(message["text"]).encode("cp949"))
        except (UnicodeEncodeError, KeyError):
            return "1023 text cannot be encoded"
        kind = message.get("type")
        limit = {"SMS": SMS_BYTES, "LMS": LMS_BYTES, "ATA": LMS_BYTES}.get(str(kind), 0)
        return None if 0 < size <= limit else f"1011 {size} bytes as {kind}"

    # -- what it does --------------------------------------------------------------------------------------------------

    async def _send(self, request: Request) -> Response:
        body = await request.json()
        if (refusal := self._unsigned(request)) is not None:
            return refusal
        [message] = body["messages"]
        reference = str((message.get("customFields") or {}).get("reference", ""))
        wrong = self._fault_in(message)
        if wrong is not None:
            self.refused.append(wrong)
            return JSONResponse(
                {"failedMessageList": [{"to": message.get("to"), "statusMessage": wrong}], "messageList": []}
            )
        fault = self.faults(reference)
        message_id = ""
        if fault.accept:
            message_id = f"M4V{len(self.accepted):08d}{int(time.time() * 1000) % 100_000}"
            self.accepted.append(
                Accepted(time.time(), message_id, reference, message["to"], message["text"], message["type"])
            )
            self._delivered[message_id] = fault.delivered
            if fault.receipt_first:
                await self._report(message_id, reference, fault)
        if fault.wait_s:
            await asyncio.sleep(fault.wait_s)
        if fault.accept and not fault.receipt_first and self.hook_url:
            task = asyncio.create_task(self._report(message_id, reference, fault, after_s=0.05))
            self._hooks.add(task)
            task.add_done_callback(self._hooks.discard)
        return self._answer(fault, message_id, reference)

    def _answer(self, fault: Fault, message_id: str, reference: str) -> Response:
        if fault.status == 0:
            return _Cut()
        if fault.garbage:
            return Response(b"<html>502 Bad Gateway</html>", fault.status, media_type="text/html")
        if fault.status != 200 or not fault.accept:  # noqa: PLR2004
            return JSONResponse({"errorCode": "InternalError", "errorMessage": "try later"}, fault.status)
        listed = [{"messageId": message_id, "statusCode": "2000", "customFields": {"reference": reference}}]
        count = {"total": 1, "registeredSuccess": 1, "registeredFailed": 0}
        return JSONResponse(
            {"failedMessageList": [], "messageList": listed, "groupInfo": {"_id": f"G{message_id}", "count": count}}
        )

    async def _list(self, request: Request) -> Response:
        self.asked += 1
        if (refusal := self._unsigned(request)) is not None:
            return refusal
        if not self.answering:
            return JSONResponse({"errorCode": "Unavailable"}, 503)
        wanted, message_id = request.query_params.get("to"), request.query_params.get("messageId")
        found = {
            one.message_id: {
                "messageId": one.message_id, "to": one.to, "text": one.text,
                "statusCode": "4000" if self._delivered.get(one.message_id) else "3104",
                "customFields": {"reference": one.reference},
            }
            for one in reversed(self.accepted)
            if wanted in {None, one.to} and message_id in {None, one.message_id}
        }  # fmt: skip
        return JSONResponse({"messageList": found, "limit": 500, "nextKey": None})

    async def _balance(self, request: Request) -> Response:
        return self._unsigned(request) or JSONResponse({"balance": self.balance, "point": 0})

    async def _senders(self, request: Request) -> Response:
        return self._unsigned(request) or JSONResponse(sorted(self.senders))

    async def _report(self, message_id: str, reference: str, fault: Fault, *, after_s: float = 0.0) -> None:
        """Several times where it is so asked; again while we do not answer with 200, as Solapi does."""
        await asyncio.sleep(after_s)
        code = "4000" if fault.delivered else "3104"
        event = {
            "messageId": message_id, "statusCode": code, "eventDataId": f"E{message_id}",
            "customFields": {"reference": reference},
        }  # fmt: skip
        secret = hashlib.sha1(HOOK_SECRET.encode()).hexdigest()  # noqa: S324 - as Solapi signs
        headers = {"x-solapi-secret": secret, "x-solapi-event-name": "SINGLE-REPORT"}
        if not self.hook_url:
            return
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            for _ in range(fault.receipts):
                for retry in range(5):
                    try:
                        answer = await client.post(
                            self.hook_url, headers=headers, content=json.dumps([{**event, "retryCount": retry}])
                        )
                    except httpx.HTTPError:
                        await asyncio.sleep(0.2)
                        continue
                    self.reports_sent += 1
                    if answer.is_success:
                        break


class _Cut(Response):
    """The connection ends without an answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
