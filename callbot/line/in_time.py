"""Frames as a clock: one every 20 ms, whatever the network does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from callbot.line.happenings import Closed
from callbot.line.ports import Digit, Frame, MarkReached
from callbot.listen.turn import STEP_S

SILENT_FRAME = b"\xd5" * 160
"""A-law zero."""
GAP_S = 0.1
"""Without a frame for this long, silence stands in: the call's clock must not stop with the person's packets."""
NO_MEDIA_S = 15.0
"""Without any frame for this long after answer, the line is taken for dead (facts/korea.md, row 23)."""


@dataclass
class InTime:
    """Turns a leg's items into frames in time; keys and marks are posted on the way."""

    post: Callable[[Digit | MarkReached], None]
    answered: bool = False
    """Before the answer, no frame is nothing strange."""

    async def frames(self, items: AsyncIterator[object]) -> AsyncIterator[bytes]:
        """A-law frames of 160 bytes until the leg closes or is dead."""
        queue: asyncio.Queue[object] = asyncio.Queue()
        pump = asyncio.create_task(_pump(items, queue))
        now = asyncio.get_running_loop().time
        last, filled = now(), 0
        try:
            while True:
                match await _next(queue):
                    case Closed():
                        return
                    case Frame(alaw=alaw):
                        last, filled = now(), 0
                        yield alaw
                    case Digit() | MarkReached() as item:
                        self.post(item)
                last = last if self.answered else now()
                if now() - last > NO_MEDIA_S:
                    return
                while filled < int((now() - last - GAP_S) / STEP_S):
                    filled += 1
                    yield SILENT_FRAME
        finally:
            pump.cancel()


async def _next(queue: "asyncio.Queue[object]") -> object:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GAP_S):
            return await queue.get()
    return None


async def _pump(items: AsyncIterator[object], queue: "asyncio.Queue[object]") -> None:
    try:
        async for item in items:
            queue.put_nowait(item)
    finally:
        queue.put_nowait(Closed())
