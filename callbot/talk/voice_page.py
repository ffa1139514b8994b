"""A page by telephone: our own Asterisk calls the worker, reads the page, and takes a key.

A Provider like the others (callbot.workflows.providers). Only a key proves that a human heard it: an answering service answers too.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from callbot.dial.progress import CallEvidence, CallOrder, CallProgress, ProgressKind
from callbot.escalate.delivery import Channel
from callbot.escalate.page_state import PageState
from callbot.line.ports import Digit, Leg, MarkReached
from callbot.store.receipt_rows import Inbound, Receipt
from callbot.talk.dial_plan import Renderer, SwitchboardPort
from callbot.talk.faults import place_of
from callbot.talk.ports import Voice
from callbot.workflows.providers import Asked, Finding, Message, Reports, SendResult

PREFIX = "page-"
"""Of attempt keys: how the service tells these calls from those to care recipients."""
TIMES = 3
PAUSE_S = 4.0
"""For a key, after each reading."""
GREETING = "복지 안부전화에서 담당자께 알려 드립니다."
ASKED_FOR = "맡으시려면 1번, 맡지 못하시면 2번, 오경보이면 3번을 눌러 주세요."
THANKS = {
    "1": "맡으신 것으로 적었습니다. 고맙습니다.",
    "2": "다음 담당자에게 알리겠습니다.",
    "3": "오경보로 적었습니다.",
}
_NOT_SPOKEN = re.compile(r"https?://\S+|\b[\w.-]+\.[a-z]{2,}/\S+|회신\S*.*$|[#\[\]]")

log = structlog.get_logger()


@dataclass
class _Call:
    """One call to one worker."""

    message: Message
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    played: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    key: str = ""
    evidence: CallEvidence | None = None


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
        self._dial_string = dial_string
        self._caller = "".join(filter(str.isdigit, caller_number))
        self._ring_s = ring_s
        self._calls: dict[str, _Call] = {}
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
        key = PREFIX + message.reference
        try:
            dial = self._dial_string(message.to)
        except (KeyError, ValueError) as error:
            return SendResult(PageState.FAILED, self.name, f"cannot be dialled: {type(error).__name__}")
        try:
            await self._renderer.render([(line, False) for line in self._lines(message)])
            call = self._calls[key] = _Call(message)
            await self._switchboard().originate(CallOrder(key, dial, self._caller, ring_s=self._ring_s))
        except Exception as error:  # noqa: BLE001 - the boundary of one call: whatever failed, nobody was called
            self._calls.pop(key, None)
            log.error("voice_page_failed", error=type(error).__name__, detail=place_of(error))
            return SendResult(PageState.PENDING, self.name, type(error).__name__)
        task = asyncio.create_task(self._follow(key, call), name=key)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return SendResult(PageState.SENT, self.name, "calling", key)

    @staticmethod
    def _lines(message: Message) -> list[str]:
        return [GREETING, spoken_page(message.body), ASKED_FOR, *THANKS.values()]

    async def ask(self, asked: Asked) -> SendResult | None:  # noqa: ARG002 - a call that nobody followed is gone
        """It cannot say."""
        return SendResult(PageState.UNKNOWN, self.name, "a call cannot be asked about afterwards")

    async def check(self) -> tuple[Finding, ...]:
        """Whether calls can be placed at all."""
        return (Finding("전화 교환기", self._switchboard().connected),)

    # -- from the adapters ---------------------------------------------------------------------------------------------

    def on_progress(self, progress: CallProgress) -> None:
        """A step of one of our calls; of another's: nothing to do here."""
        call = self._calls.get(progress.attempt_key)
        if call is None:
            return
        if progress.kind is ProgressKind.ANSWERED:
            call.answered.set()
        elif progress.kind is ProgressKind.ENDED:
            call.evidence = progress.evidence
            call.ended.set()

    async def on_leg(self, leg: Leg) -> None:
        """Serve a bot's leg: read until a key is pressed, three times at most."""
        call = self._calls.get(leg.key)
        if call is None:
            return
        reading = asyncio.create_task(self._read_out(leg, call))
        try:
            async for item in leg.items():
                if isinstance(item, Digit) and item.digit in THANKS and not call.key and call.answered.is_set():
                    call.key = item.digit
                    reading.cancel()
                    leg.flush()
                    leg.play(self._voice.clip(THANKS[item.digit]) or b"", "thanks")
                elif isinstance(item, MarkReached):
                    call.played.set()
                    if item.mark == "thanks":
                        return
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read_out(self, leg: Leg, call: _Call) -> None:
        await call.answered.wait()
        await asyncio.sleep(0.5)
        lines = [GREETING, spoken_page(call.message.body), ASKED_FOR]
        clip = b"".join(self._voice.clip(line) or b"" for line in lines)
        for _ in range(TIMES):
            call.played.clear()
            leg.play(clip, "page")
            await call.played.wait()
            await asyncio.sleep(PAUSE_S)
        await leg.hang_up()

    async def _follow(self, key: str, call: _Call) -> None:
        try:
            await call.ended.wait()
            await self._report(key, call)
        finally:
            self._calls.pop(key, None)

    async def _report(self, key: str, call: _Call) -> None:
        if self.on_reports is None:
            return
        heard = bool(call.key)
        evidence = call.evidence
        raw = f"key={call.key or 'none'} answered={call.answered.is_set()} cause={evidence.cause if evidence else None}"
        receipt = Receipt(self.name, key, heard, raw, call.message.reference, key)
        answer = (Inbound(self.name, key, call.message.to or "", call.key),) if heard else ()
        with contextlib.suppress(asyncio.CancelledError):
            await self.on_reports(Reports((receipt,), answer))
