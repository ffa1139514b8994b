"""A call to a worker that reads something out and takes a key. Only a key proves a human: an answering service answers too."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from callbot.dial.progress import CallEvidence, CallOrder, CallProgress, ProgressKind
from callbot.line.ports import Digit, Leg, MarkReached
from callbot.talk.dial_plan import SwitchboardPort

TIMES = 3
"""So often it is read out."""
PAUSE_S = 4.0
"""For a key, after each reading."""
BEGIN_S = 0.5
"""After the answer: the telephone is on its way to the ear."""
WORD_S = 0.6
"""Talking so long in a room, Asterisk's 0.4 s of patience included, is a word."""
_LAST = "last"


@dataclass
class WorkerCall:
    """One call. `clip`: what is read out, asked for at the answer. `keys`: what is said to each before the call ends; an empty
    one leaves the call to whoever placed it."""

    key: str
    clip: Callable[[], bytes]
    keys: Mapping[str, bytes]
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    pressed: "asyncio.Future[str]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    talked: asyncio.Event = field(default_factory=asyncio.Event)
    """They have spoken in a room (ProgressKind.TALKING)."""
    evidence: CallEvidence | None = None
    _played: asyncio.Event = field(default_factory=asyncio.Event)
    _leg: Leg | None = None
    _word: asyncio.TimerHandle | None = None

    def talks(self) -> None:
        """In a room; a cough is no word."""
        self.falls_silent()
        self._word = asyncio.get_running_loop().call_later(WORD_S, self.talked.set)

    def falls_silent(self) -> None:
        """Told 0.4 s after the last sound (dialplans/confbridge.conf.j2)."""
        if self._word is not None:
            self._word.cancel()

    def say_last(self, clip: bytes) -> None:
        """The last words; the call ends after them."""
        if self._leg is not None:
            self._leg.flush()
            self._leg.play(clip, _LAST)

    async def serve(self, leg: Leg) -> None:
        """Read out until a key is pressed, three times at most."""
        self._leg = leg
        reading = asyncio.create_task(self._read_out(leg))
        try:
            async for item in leg.items():
                if isinstance(item, Digit) and self._takes(item.digit):
                    reading.cancel()
                    leg.flush()
                    self.pressed.set_result(item.digit)
                    if self.keys[item.digit]:
                        self.say_last(self.keys[item.digit])
                elif isinstance(item, MarkReached):
                    self._played.set()
                    if item.mark == _LAST:
                        return
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _takes(self, digit: str) -> bool:
        return digit in self.keys and not self.pressed.done() and self.answered.is_set()

    async def _read_out(self, leg: Leg) -> None:
        await self.answered.wait()
        await asyncio.sleep(BEGIN_S)
        for _ in range(TIMES):
            self._played.clear()
            leg.play(self.clip(), "reading")
            await self._played.wait()
            await asyncio.sleep(PAUSE_S)
        await leg.hang_up()


class WorkerCalls:
    """Those that run now; belongs to the service's event loop, `on_progress` and `on_leg` are called by the adapters."""

    def __init__(
        self,
        switchboard: Callable[[], SwitchboardPort],
        dial_string: Callable[[str], str],
        caller_number: str,
        ring_s: float,
    ) -> None:
        """`dial_string`: E.164 to what Asterisk dials; raises KeyError or ValueError for a number that cannot be dialled."""
        self._switchboard = switchboard
        self._dial_string = dial_string
        self._caller = "".join(filter(str.isdigit, caller_number))
        self._ring_s = ring_s
        self._calls: dict[str, WorkerCall] = {}

    def dials(self, e164: str) -> str:
        """Raises KeyError or ValueError."""
        return self._dial_string(e164)

    def can_dial(self, e164: str) -> bool:
        """Whether there is a way to that number."""
        try:
            self._dial_string(e164)
        except (KeyError, ValueError):
            return False
        return True

    async def place(self, call: WorkerCall, e164: str) -> None:
        """Whatever it raises, nobody was called."""
        dial = self._dial_string(e164)
        self._calls[call.key] = call
        try:
            await self._switchboard().originate(CallOrder(call.key, dial, self._caller, ring_s=self._ring_s))
        except BaseException:
            self.forget(call)
            raise

    def forget(self, call: WorkerCall) -> None:
        """Nobody follows it any more."""
        self._calls.pop(call.key, None)

    def on_progress(self, progress: CallProgress) -> None:
        """A step of one of our calls; of another's: nothing to do here."""
        call = self._calls.get(progress.attempt_key)
        if call is None:
            return
        match progress.kind:
            case ProgressKind.ANSWERED:
                call.answered.set()
            case ProgressKind.TALKING:
                call.talks()
            case ProgressKind.QUIET:
                call.falls_silent()
            case ProgressKind.ENDED:
                call.evidence = progress.evidence
                call.ended.set()
            case _:
                pass

    async def on_leg(self, leg: Leg) -> None:
        """Serve a bot's leg."""
        call = self._calls.get(leg.key)
        if call is not None:
            await call.serve(leg)
