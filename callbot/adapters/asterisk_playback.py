"""What is to be sent on a bot's leg, in which order, and how far Asterisk has got with it."""

import json
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from callbot.line.g711 import ALAW_SILENCE

FRAME_S = 0.02
CHUNK_FRAMES = 50
"""One second a message: far below Asterisk's 65,500 bytes."""
AHEAD_S = 12.0
"""Sent ahead of what is played. Asterisk drops what exceeds 20 s before its XOFF (at 18 s) can have reached us."""
KEEP_CLIPS = 64


@dataclass
class _Clip:
    mark: str
    seconds: float
    started_at: float | None = None
    stopped_at: float | None = None
    """End of play, or the flush."""
    flushed: bool = False


class Playback:
    """The outgoing half of a leg, without the socket. `clock`: monotonic seconds."""

    def __init__(self, frame_bytes: int, clock: Callable[[], float]) -> None:
        self._frame_bytes = frame_bytes
        self._clock = clock
        self._outgoing: deque[str | bytes] = deque()
        self._clips: dict[int, _Clip] = {}
        self._last = 0
        self._sent_until = 0.0
        """When all that was sent will have been played."""
        self.flowing = True
        """False between MEDIA_XOFF and MEDIA_XON."""

    def add(self, alaw: bytes, mark: str) -> None:
        """Queue a clip: a mark before it, its frames, a mark behind it."""
        self._last += 1
        frames = math.ceil(len(alaw) / self._frame_bytes)
        padded = alaw.ljust(frames * self._frame_bytes, bytes([ALAW_SILENCE]))
        self._clips[self._last] = _Clip(mark, len(alaw) / self._frame_bytes * FRAME_S)
        self._clips.pop(self._last - KEEP_CLIPS, None)
        step = CHUNK_FRAMES * self._frame_bytes
        self._outgoing.append(_command("MARK_MEDIA", f"s{self._last}"))
        self._outgoing.extend(padded[at : at + step] for at in range(0, len(padded), step))
        self._outgoing.append(_command("MARK_MEDIA", f"e{self._last}"))
        self._outgoing.append(_command("REPORT_QUEUE_DRAINED"))

    def flush(self) -> None:
        """Forget what was not sent and tell Asterisk to forget what was not played."""
        now = self._clock()
        self._outgoing.clear()
        self._outgoing.append(_command("FLUSH_MEDIA"))
        self._sent_until = now
        for clip in self._clips.values():
            if clip.stopped_at is None:
                clip.stopped_at, clip.flushed = now, True

    def next_message(self) -> tuple[str | bytes | None, float | None]:
        """What to send now, or None and the seconds after which to ask again (None: when something changes)."""
        if not self._outgoing:
            return None, None
        message = self._outgoing[0]
        if isinstance(message, bytes):
            if not self.flowing:
                return None, None
            now = self._clock()
            begin = max(now, self._sent_until)
            if begin - now > AHEAD_S:
                return None, begin - now - AHEAD_S
            self._sent_until = begin + len(message) / self._frame_bytes * FRAME_S
        self._outgoing.popleft()
        return message, None

    def mark_processed(self, name: str) -> str | None:
        """Take Asterisk's word that a mark came up; the clip's mark where that was its end, and it was not flushed."""
        clip = self._clips.get(int(name[1:])) if name[1:].isdecimal() else None
        if clip is None or clip.flushed:
            return None
        match name[0]:
            case "s":
                clip.started_at = self._clock()
            case "e":
                clip.stopped_at = self._clock()
                return clip.mark
        return None

    def played_s(self, mark: str) -> float:
        """Seconds of the latest clip with this mark that were sent to the person."""
        clip = next((clip for clip in reversed(self._clips.values()) if clip.mark == mark), None)
        if clip is None or clip.started_at is None:
            return 0.0
        if clip.stopped_at is not None and not clip.flushed:
            return clip.seconds
        until = self._clock() if clip.stopped_at is None else clip.stopped_at
        return min(max(until - clip.started_at, 0.0), clip.seconds)


def _command(name: str, correlation_id: str | None = None) -> str:
    """Asterisk reads at most 128 bytes."""
    return json.dumps({"command": name} | ({"correlation_id": correlation_id} if correlation_id else {}))
