"""A peer that plays chan_websocket (Asterisk 22) over a real socket: paces, marks, flushes, and holds what the person heard."""

import asyncio
import base64
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from callbot.adapters.asterisk_media import MediaServer
from callbot.line.g711 import ALAW_SILENCE

FRAME = 160
FRAME_S = 0.02
SILENT = bytes([ALAW_SILENCE]) * FRAME


@dataclass
class Exchange:
    """One call's exchange and the person behind it. Every 20 ms: one frame of the person goes up, one of the bot comes down."""

    socket: ClientConnection
    heard: bytearray = field(default_factory=bytearray)
    """What the person heard, in time with what they said."""
    rtp: bool = True
    """False: the person's packets are lost; nothing goes up."""
    _says: deque[bytes] = field(default_factory=deque)
    _queue: deque[bytes | str] = field(default_factory=deque)
    """Frames and mark names, as Asterisk queues them."""
    _partial: bytes = b""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _all_said: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """Begin to pace and to read commands."""
        self._tasks = [asyncio.create_task(self._pace()), asyncio.create_task(self._obey())]

    async def stop(self) -> None:
        """The call is over."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def seconds(self) -> float:
        """Of the call so far."""
        return len(self.heard) / 8000

    def heard_s(self, clip: bytes) -> float:
        """Seconds of that clip which the person heard: its frames, in order."""
        frames = [clip[at : at + FRAME].ljust(FRAME, SILENT[:1]) for at in range(0, len(clip), FRAME)]
        got = [bytes(self.heard[at : at + FRAME]) for at in range(0, len(self.heard), FRAME)]
        count = 0
        for frame in got:
            if count < len(frames) and frame == frames[count]:
                count += 1
        return count * FRAME_S

    # -- the person ----------------------------------------------------------------------------------------------------

    def say(self, alaw: bytes) -> None:
        """Behind what is being said."""
        self._says.extend(alaw[at : at + FRAME].ljust(FRAME, SILENT[:1]) for at in range(0, len(alaw), FRAME))
        self._all_said.clear()

    async def has_said(self) -> float:
        """Wait until all is said; the call's seconds then."""
        await self._all_said.wait()
        return self.seconds

    async def press(self, digit: str) -> None:
        """A key."""
        await self._event("DTMF_END", digit=digit)

    async def hang_up(self) -> None:
        """The person puts the phone down."""
        await self.socket.close()

    # -- the exchange --------------------------------------------------------------------------------------------------

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        begin, frames = loop.time(), 0
        with contextlib.suppress(ConnectionClosed):
            while True:
                frames += 1
                await asyncio.sleep(begin + frames * FRAME_S - loop.time())
                if self.rtp:
                    await self.socket.send(self._says.popleft() if self._says else SILENT)
                if not self._says:
                    self._all_said.set()
                self.heard += await self._next_frame()

    async def _next_frame(self) -> bytes:
        while self._queue and isinstance(self._queue[0], str):
            await self._mark(str(self._queue.popleft()))
        if not self._queue:
            return SILENT
        frame = self._queue.popleft()
        while self._queue and isinstance(self._queue[0], str):  # a mark behind the last frame comes up with it
            await self._mark(str(self._queue.popleft()))
        return frame if isinstance(frame, bytes) else SILENT

    async def _mark(self, name: str) -> None:
        if name == "":
            await self._event("QUEUE_DRAINED")
        else:
            await self._event("MEDIA_MARK_PROCESSED", correlation_id=name)

    async def _obey(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in self.socket:
                if isinstance(message, bytes):
                    whole = self._partial + message
                    count = len(whole) // FRAME * FRAME
                    self._queue.extend(whole[at : at + FRAME] for at in range(0, count, FRAME))
                    self._partial = whole[count:]
                    continue
                command = json.loads(message)
                match command["command"]:
                    case "MARK_MEDIA":
                        self._queue.append(command["correlation_id"])
                    case "REPORT_QUEUE_DRAINED":
                        self._queue.append("")
                    case "FLUSH_MEDIA":
                        self._queue.clear()
                        self._partial = b""
                    case "HANGUP":
                        await self.socket.close()
                    case other:
                        raise AssertionError(f"Asterisk knows no command {other}")

    async def _event(self, name: str, **facts: str) -> None:
        await self.socket.send(json.dumps({"event": name, "channel_id": "bot-k1", **facts}))


@contextlib.asynccontextmanager
async def exchange(server: MediaServer) -> AsyncIterator[Exchange]:
    """A call that reaches our media server."""
    basic = base64.b64encode(b"asterisk:right").decode()
    async with connect(
        f"ws://127.0.0.1:{server.port}/media",
        additional_headers={"Authorization": f"Basic {basic}"},
        subprotocols=["media"],  # type: ignore[list-item]
        compression=None,
    ) as socket:
        start = {
            "event": "MEDIA_START",
            "channel_id": "bot-k1",
            "format": "alaw",
            "optimal_frame_size": FRAME,
            "ptime": 20,
        }
        await socket.send(json.dumps(start))
        peer = Exchange(socket)
        peer.start()
        try:
            yield peer
        finally:
            await peer.stop()
