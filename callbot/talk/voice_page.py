"""A page by telephone: our own Asterisk calls the worker, reads the page, and takes a key.

A Provider like the others (callbot.workflows.providers). Only a key proves that a human heard it: an answering service answers too.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable

import structlog

from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.store.receipt_rows import Inbound, Receipt
from callbot.talk.dial_plan import Renderer, SwitchboardPort
from callbot.talk.faults import place_of
from callbot.talk.ports import Voice
from callbot.talk.worker_call import WorkerCall, WorkerCalls
from callbot.workflows.providers import Asked, Finding, Message, Reports, SendResult

PREFIX = "page-"
"""Of attempt keys: how the service tells these calls from those to care recipients."""
GREETING = "복지 안부전화에서 담당자께 알려 드립니다."
ASKED_FOR = "맡으시려면 1번, 맡지 못하시면 2번, 오경보이면 3번을 눌러 주세요."
THANKS = {
    "1": "맡으신 것으로 적었습니다. 고맙습니다.",
    "2": "다음 담당자에게 알리겠습니다.",
    "3": "오경보로 적었습니다.",
}
_NOT_SPOKEN = re.compile(r"https?://\S+|\b[\w.-]+\.[a-z]{2,}/\S+|회신\S*.*$|[#\[\]]")

log = structlog.get_logger()


def spoken_page(body: str) -> str:
    """What is read of an SMS: no link, and the keys are said in words."""
    return " ".join(_NOT_SPOKEN.sub(" ", body).split()).rstrip(".") + "."


class VoicePage:
    """Belongs to the service's event loop; `on_progress` and `on_leg` are called by the adapters."""

    name = "voice"
    channel = Channel.VOICE
    can_ask = False
    polled = False

    def __init__(
        self,
        switchboard: Callable[[], SwitchboardPort],
        renderer: Renderer,
        voice: Voice,
        dial_string: Callable[[str], str],
        caller_number: str,
        *,
        ring_s: float = 25.0,
    ) -> None:
        """`dial_string`: E.164 to what Asterisk dials; raises for a number that cannot be dialled here."""
        self._switchboard = switchboard
        self._renderer = renderer
        self._voice = voice
        self._worker_calls = WorkerCalls(switchboard, dial_string, caller_number, ring_s)
        self.on_progress = self._worker_calls.on_progress
        self.on_leg = self._worker_calls.on_leg
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_reports: Callable[[Reports], Awaitable[None]] | None = None

    async def start(self) -> None:
        """Nothing to connect: the switchboard is the service's."""

    async def close(self) -> None:
        """Calls that run are cut with the service."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send(self, message: Message) -> SendResult:
        """Place the call; what comes of it is reported."""
        if not message.to:
            return SendResult(PageState.FAILED, self.name, "no number")
        try:
            self._worker_calls.dials(message.to)
        except (KeyError, ValueError) as error:
            return SendResult(PageState.FAILED, self.name, f"cannot be dialled: {type(error).__name__}")
        try:
            await self._renderer.render([(line, False) for line in self._lines(message)])
            thanks = {key: self._voice.clip(text) or b"" for key, text in THANKS.items()}
            call = WorkerCall(PREFIX + message.reference, lambda: self._reading(message), thanks)
            await self._worker_calls.place(call, message.to)
        except Exception as error:  # noqa: BLE001 - the boundary of one call: whatever failed, nobody was called
            log.error("voice_page_failed", error=type(error).__name__, detail=place_of(error))
            return SendResult(PageState.PENDING, self.name, type(error).__name__)
        task = asyncio.create_task(self._follow(message, call), name=call.key)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return SendResult(PageState.SENT, self.name, "calling", call.key)

    @staticmethod
    def _lines(message: Message) -> list[str]:
        return [GREETING, spoken_page(message.body), ASKED_FOR, *THANKS.values()]

    def _reading(self, message: Message) -> bytes:
        lines = (GREETING, spoken_page(message.body), ASKED_FOR)
        return b"".join(self._voice.clip(line) or b"" for line in lines)

    async def ask(self, asked: Asked) -> SendResult | None:  # noqa: ARG002 - a call that nobody followed is gone
        """It cannot say."""
        return SendResult(PageState.UNKNOWN, self.name, "a call cannot be asked about afterwards")

    async def check(self) -> tuple[Finding, ...]:
        """Whether calls can be placed at all."""
        return (Finding("전화 교환기", self._switchboard().connected),)

    async def _follow(self, message: Message, call: WorkerCall) -> None:
        try:
            await call.ended.wait()
            await self._report(message, call)
        finally:
            self._worker_calls.forget(call)

    async def _report(self, message: Message, call: WorkerCall) -> None:
        if self.on_reports is None:
            return
        key = call.pressed.result() if call.pressed.done() else ""
        evidence = call.evidence
        raw = f"key={key or 'none'} answered={call.answered.is_set()} cause={evidence.cause if evidence else None}"
        receipt = Receipt(self.name, call.key, bool(key), raw, message.reference, call.key)
        answer = (Inbound(self.name, call.key, message.to or "", key),) if key else ()
        with contextlib.suppress(asyncio.CancelledError):
            await self.on_reports(Reports((receipt,), answer))
