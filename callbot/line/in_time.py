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
GAP_S = 0.2
"""When the frames are behind the wall clock by more than this, silence stands in: the call's clock must not stop with the
person's packets. Shorter is jitter, and silence put into it would cut words in two."""
LOOK_S = 0.1
LATE_S = 0.05
"""Woken later than this, it was us who slept: what has arrived meanwhile is read before silence is made of it."""
FINISH_S = 4.0
"""Steps of silence after the line closed, in which the last words become a turn."""
MARK_SLACK_S = 2.0
"""A clip's mark that is later than its length by this much is taken as reached."""
NO_MEDIA_S = 15.0
"""Without any frame for this long after answer, the line is taken for dead (facts/korea.md, row 23)."""


@dataclass
class InTime:
    """Turns a leg's items into frames in time; keys and marks are posted on the way."""

    post: Callable[[Digit | MarkReached], None]
    answered: bool = False
    """Before the answer, no frame is nothing strange."""
    no_media_s: float = NO_MEDIA_S

    async def frames(self, items: AsyncIterator[object]) -> AsyncIterator[bytes]:
        """A-law frames of 160 bytes until the leg closes or is dead."""
        queue: asyncio.Queue[object] = asyncio.Queue()
        pump = asyncio.create_task(_pump(items, queue))
        now = asyncio.get_running_loop().time
        began = last = now()
        given = 0
        try:
            while True:
                asked = now()
                item = await _next(queue)
                overslept = item is None and now() - asked > LOOK_S + LATE_S
                match item:
                    case Closed():
                        return
                    case Frame(alaw=alaw):
                        last, given = now(), given + 1
                        yield alaw
                    case Digit() | MarkReached() as happened:
                        self.post(happened)
                if not self.answered:
                    began, last, given = now(), now(), 0
                if now() - last > self.no_media_s:
                    return
                while not overslept and (now() - began - GAP_S) / STEP_S > given + 1 and queue.empty():
                    given += 1
                    yield SILENT_FRAME
        finally:
            pump.cancel()


async def _next(queue: "asyncio.Queue[object]") -> object:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_S):
            return await queue.get()
    return None


async def _pump(items: AsyncIterator[object], queue: "asyncio.Queue[object]") -> None:
    try:
        async for item in items:
            queue.put_nowait(item)
    finally:
        queue.put_nowait(Closed())
