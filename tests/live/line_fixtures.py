"""Media server, switchboard and scripted peer around the real Asterisk, for one test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sip_peer import PeerCall, Script, SipPeer

from callbot.adapters.asterisk_ami import Switchboard, Timings
from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.adapters.asterisk_media import Frame, MediaLeg, MediaServer
from callbot.dial.progress import CallEvidence, CallOrder, CallProgress, ProgressKind

FAST = Timings(check=0.5, young=1.0, backoff=(0.1, 0.2))


@dataclass
class BotCall:
    """The bot's side of one call."""

    leg: MediaLeg | None = None
    here: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[tuple[float, bytes]] = field(default_factory=list)
    items: list[tuple[float, object]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def heard_since(self, since: float) -> bytes:
        return b"".join(alaw for at, alaw in self.heard if at >= since)

    async def item(self, wanted: object, timeout_s: float = 5.0) -> float:
        """The loop time at which this item came."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(lambda: any(item == wanted for _, item in self.items))
        return next(at for at, item in self.items if item == wanted)


class LiveLines:
    """`async with live_lines(asterisk) as line: ended = await line.ended(await line.dial(Script(486)))`."""

    def __init__(self, asterisk: AsteriskInstance, peer: SipPeer) -> None:
        self.asterisk = asterisk
        self.peer = peer
        self.progress: list[CallProgress] = []
        self.connection: list[bool] = []
        self.bots: dict[str, BotCall] = {}
        self._news = asyncio.Condition()
        self._count = 0
        self.media = self.new_media()
        self.switchboard = Switchboard(
            "127.0.0.1",
            asterisk.ports.ami,
            asterisk.ami_user,
            asterisk.ami_secret,
            on_progress=self._take,
            on_connection=self.connection.append,
            timings=FAST,
        )

    def new_media(self) -> MediaServer:
        return MediaServer("127.0.0.1", self.asterisk.media_port, self.asterisk.media_secret, self._serve)

    def _take(self, step: CallProgress) -> None:
        self.progress.append(step)
        self._tasks = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _serve(self, leg: MediaLeg) -> None:
        bot = self.bots.setdefault(leg.key, BotCall())
        bot.leg = leg
        bot.here.set()
        loop = asyncio.get_running_loop()
        async for item in leg.items():
            if isinstance(item, Frame):
                bot.heard.append((loop.time(), item.alaw))
            else:
                bot.items.append((loop.time(), item))
                async with bot.changed:
                    bot.changed.notify_all()
        bot.gone.set()

    async def dial(self, script: Script, *, ring_s: float = 3.0) -> str:
        """Place a call to a new number that behaves so; the attempt key, which is also the end of the number."""
        self._count += 1
        number = f"+8210{self._count:08d}"
        key = f"t{id(self) % 100000}-{self._count}"
        self.peer.scripts[number] = script
        self._numbers = getattr(self, "_numbers", {}) | {key: number}
        await self.switchboard.originate(CallOrder(key, self.peer.dial(number), "0620000000", ring_s=ring_s))
        return key

    async def phone(self, key: str) -> PeerCall:
        """The peer's side of that call."""
        return await self.peer.call(self._numbers[key])

    async def answered(self, script: Script) -> tuple[str, BotCall, PeerCall]:
        """A call that has been answered."""
        key = await self.dial(script)
        await self.step(key, ProgressKind.ANSWERED)
        return key, self.bots[key], await self.phone(key)

    async def step(self, key: str, kind: ProgressKind, timeout_s: float = 8.0) -> CallProgress:
        """That step of that call, once it is there."""

        def found() -> CallProgress | None:
            return next((s for s in self.progress if (s.attempt_key, s.kind) == (key, kind)), None)

        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(found)
        step = found()
        assert step is not None
        return step

    async def ended(self, key: str, timeout_s: float = 8.0) -> CallEvidence:
        """The evidence of its end; there is one, and nothing after it."""
        step = await self.step(key, ProgressKind.ENDED, timeout_s)
        await asyncio.sleep(0.05)
        of_this = [s for s in self.progress if s.attempt_key == key]
        assert [s.kind for s in of_this].count(ProgressKind.ENDED) == 1
        assert of_this[-1] == step
        assert step.evidence is not None
        return step.evidence

    def kinds(self, key: str) -> list[str]:
        return [step.kind.value for step in self.progress if step.attempt_key == key]


@contextlib.asynccontextmanager
async def live_lines(asterisk: AsteriskInstance) -> AsyncIterator[LiveLines]:
    """Everything up and connected; everything down afterwards."""
    async with SipPeer() as peer:
        line = LiveLines(asterisk, peer)
        await line.media.start()
        await line.switchboard.start()
        try:
            assert await line.switchboard.wait_connected(5.0)
            yield line
        finally:
            await line.switchboard.stop()
            await line.media.stop()
