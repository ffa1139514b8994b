"""Calls without a telephone, faster than real time: a leg whose person answers by clips, and a switchboard that does as told."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from callbot.dial.progress import CallEvidence, CallOrder, CallProgress, ProgressKind
from callbot.line.g711 import alaw_to_pcm
from callbot.line.ports import EarsDown, Frame, MarkReached, Pcm
from callbot.listen.utterance import Transcript

FRAME = 160
SILENT = b"\xd5" * FRAME
SLOWER_THAN_US_S = 0.001
"""A frame of 20 ms takes this long: calls run at up to twenty times their speed."""


class QuickLeg:
    """The bot's side of a call (callbot.line.ports.Leg). `answers`: what the person says when a clip of ours is over."""

    def __init__(
        self, key: str, answers: dict[bytes, bytes], *, hello: bytes = b"", hangs_up_after_s: float = 600
    ) -> None:
        self.key = key
        self._answers = answers
        self._says: deque[bytes] = deque()
        self._plays: deque[tuple[str, bytes]] = deque()
        self._played: dict[str, int] = {}
        self._frames = int(hangs_up_after_s / 0.02)
        self.closed = False
        self._say(hello)

    async def items(self) -> AsyncIterator[object]:
        """Frames and marks until somebody hangs up."""
        while not self.closed and self._frames > 0:
            self._frames -= 1
            await asyncio.sleep(SLOWER_THAN_US_S)
            yield Frame(self._says.popleft() if self._says else SILENT)
            if mark := self._advance():
                yield MarkReached(mark)
        self.closed = True

    def _advance(self) -> str | None:
        if not self._plays:
            return None
        mark, clip = self._plays[0]
        self._played[mark] = self._played.get(mark, 0) + FRAME
        if self._played[mark] < len(clip):
            return None
        self._plays.popleft()
        if clip in self._answers:
            self._say(SILENT * 15 + self._answers[clip])
        return mark

    def _say(self, alaw: bytes) -> None:
        self._says.extend(alaw[at : at + FRAME].ljust(FRAME, SILENT[:1]) for at in range(0, len(alaw), FRAME))

    def play(self, alaw: bytes, mark: str) -> None:
        """Queue a clip."""
        self._plays.append((mark, alaw))

    def flush(self) -> None:
        """Drop what is not played."""
        self._plays.clear()

    def played_s(self, mark: str) -> float:
        """Seconds."""
        return self._played.get(mark, 0) / 8000

    async def hang_up(self) -> None:
        """Ours."""
        self.closed = True


class KnownClips:
    """Ears that know a few clips by their sound (see tests/line/known_words.py), and nothing else."""

    def __init__(self, clips: dict[str, bytes], *, down: bool = False) -> None:
        self._clips = {text: alaw_to_pcm(clip[len(clip) * 2 // 5 : len(clip) * 3 // 5]) for text, clip in clips.items()}
        self._down = down
        self.waiting = 0

    async def transcribe(self, pcm: Pcm, *, topic: str = "") -> Transcript:  # noqa: ARG002 - it hears well
        """The texts whose clips are in it."""
        if self._down:
            raise EarsDown("no recogniser")
        sound = pcm.astype("<i2").tobytes()
        found = sorted(
            (at, text) for text, clip in self._clips.items() if (at := sound.find(clip.astype("<i2").tobytes())) >= 0
        )
        text = " ".join(text for _, text in found)
        return Transcript(text, 0.9) if text else Transcript("", 0.0, rejected="no_speech")

    def backlog(self) -> int:
        """As the test says."""
        return self.waiting


@dataclass
class QuickSwitchboard:
    """callbot.talk.dialler.SwitchboardPort: what it reports of each call is the test's."""

    on_call: Callable[[CallOrder], None] = lambda _: None
    connected: bool = True
    refuses: bool = False
    orders: list[CallOrder] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)

    async def originate(self, order: CallOrder) -> None:
        """Take the order; what follows happens later, as with a real exchange."""
        if self.refuses:
            raise ConnectionError("no exchange")
        self.orders.append(order)
        asyncio.get_running_loop().call_soon(self.on_call, order)

    async def hang_up(self, attempt_key: str) -> None:
        """Noted."""
        self.hung_up.append(attempt_key)


def step(order: CallOrder, kind: ProgressKind, **facts: object) -> CallProgress:
    """One report; `facts` are those of the evidence at the end."""
    evidence = CallEvidence(**facts) if kind is ProgressKind.ENDED else None  # type: ignore[arg-type]
    return CallProgress(order.attempt_key, kind, 0.0, evidence=evidence)
