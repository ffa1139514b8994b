"""The media server against a peer that speaks chan_websocket's protocol (the real one: tests/live/test_media_leg.py)."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from callbot.adapters.asterisk_media import Digit, Drained, Flow, Frame, MarkReached, MediaLeg, MediaServer
from callbot.adapters.asterisk_playback import AHEAD_S, Playback

START = {"event": "MEDIA_START", "channel_id": "bot-k1", "format": "alaw", "optimal_frame_size": 160, "ptime": 20}


@dataclass
class Bot:
    """Our side: the leg and what came of it."""

    server: MediaServer = field(init=False)
    legs: list[MediaLeg] = field(default_factory=list)
    items: list[object] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    fail: bool = False

    async def serve(self, leg: MediaLeg) -> None:
        self.legs.append(leg)
        async for item in leg.items():
            self.items.append(item)
            if self.fail:
                raise RuntimeError("a bug in one call")
        self.ended.set()


@contextlib.asynccontextmanager
async def media() -> AsyncIterator[Bot]:
    bot = Bot()
    bot.server = MediaServer("127.0.0.1", 0, "right", bot.serve)
    await bot.server.start()
    try:
        yield bot
    finally:
        await bot.server.stop()


def asterisk(server: MediaServer, secret: str = "right") -> connect:  # noqa: S107
    basic = base64.b64encode(f"asterisk:{secret}".encode()).decode()
    return connect(
        f"ws://127.0.0.1:{server.port}/media",
        additional_headers={"Authorization": f"Basic {basic}"},
        subprotocols=["media"],  # type: ignore[list-item]
        compression=None,
    )


@contextlib.asynccontextmanager
async def leg() -> AsyncIterator[tuple[Bot, ClientConnection]]:
    async with media() as bot, asterisk(bot.server) as line:
        await line.send(json.dumps(START))
        async with asyncio.timeout(2):
            while not bot.legs:  # noqa: ASYNC110 - the server makes it
                await asyncio.sleep(0.001)
        yield bot, line


async def commands(line: ClientConnection, count: int) -> list[tuple[str, str] | int]:
    """The next messages: (command, id), or the number of bytes."""
    found: list[tuple[str, str] | int] = []
    async with asyncio.timeout(2):
        while len(found) < count:
            message = await line.recv()
            if isinstance(message, bytes):
                found.append(len(message))
            else:
                assert len(message) <= 128, "Asterisk reads no longer command"
                command = json.loads(message)
                found.append((command["command"], command.get("correlation_id", "")))
    return found


@pytest.mark.parametrize("secret", ["wrong", "", "right "])
def test_only_asterisk_may_connect(secret: str) -> None:
    """Any program on the machine can reach the port; without the password it gets 401."""

    async def main() -> None:
        async with media() as bot:
            with pytest.raises(InvalidStatus) as refused:
                async with asterisk(bot.server, secret):
                    pass
            assert refused.value.response.status_code == 401
            with pytest.raises(InvalidStatus) as refused:
                async with connect(f"ws://127.0.0.1:{bot.server.port}/media"):
                    pass
            assert refused.value.response.status_code == 401
            assert not bot.legs

    asyncio.run(main())


@pytest.mark.parametrize(
    "first",
    [
        "hello",
        json.dumps({"event": "MEDIA_START"}),
        json.dumps({**START, "format": "slin"}),
        json.dumps([1]),
        b"\xd5" * 160,
    ],
)
def test_what_is_no_leg(first: str | bytes) -> None:
    """Not ours, or in a codec in which a person can be lost at answer: closed, and no call begins."""

    async def main() -> None:
        async with media() as bot, asterisk(bot.server) as line:
            await line.send(first)
            with pytest.raises(ConnectionClosed):
                async with asyncio.timeout(2):
                    await line.recv()
            assert not bot.legs

    asyncio.run(main())


def test_what_asterisk_sends_comes_in_order() -> None:
    """Audio, keys and flow as items; unknown events and broken text are ignored; the end of the leg ends the items."""

    async def main() -> None:
        async with leg() as (bot, line):
            assert bot.legs[0].key == "k1"
            await line.send(b"\x01" * 160)
            await line.send(json.dumps({"event": "DTMF_END", "digit": "5", "channel_id": "bot-k1"}))
            await line.send("{broken")
            await line.send(json.dumps({"event": "NEW_IN_ASTERISK_30"}))
            await line.send(json.dumps({"event": "MEDIA_MARK_PROCESSED", "correlation_id": "e99"}))
            await line.send(json.dumps({"event": "MEDIA_XOFF"}))
            await line.send(json.dumps({"event": "MEDIA_XON"}))
            await line.send(json.dumps({"event": "QUEUE_DRAINED"}))
            await line.send(b"\x02" * 160)
            await line.close()
            await asyncio.wait_for(bot.ended.wait(), 2)
            assert bot.items == [
                Frame(b"\x01" * 160), Digit("5"), Flow(on=False), Flow(on=True), Drained(), Frame(b"\x02" * 160),
            ]  # fmt: skip

    asyncio.run(main())


def test_a_clip_and_its_mark() -> None:
    """Mark, whole frames, mark: padded to a frame, at most a second a message; the end mark is reported, the begin is not."""

    async def main() -> None:
        async with leg() as (bot, line):
            bot.legs[0].play(b"\x2a" * 8001, "hello")
            sent = await commands(line, 5)
            assert sent == [("MARK_MEDIA", "s1"), 8000, 160, ("MARK_MEDIA", "e1"), ("REPORT_QUEUE_DRAINED", "")]
            for name in ("s1", "e1"):
                await line.send(json.dumps({"event": "MEDIA_MARK_PROCESSED", "correlation_id": name}))
            await line.close()
            await asyncio.wait_for(bot.ended.wait(), 2)
            assert bot.items == [MarkReached("hello")]
            assert bot.legs[0].played_s("hello") == pytest.approx(8001 / 8000)

    asyncio.run(main())


def test_a_flushed_clip_is_never_reported_as_played() -> None:
    """Its mark may be on its way when we flush; and what was not yet sent is not sent any more."""

    async def main() -> None:
        async with leg() as (bot, line):
            leg_ = bot.legs[0]
            leg_.play(b"\x2a" * 8000 * 60, "long")
            await commands(line, 1 + int(AHEAD_S))
            leg_.flush()
            leg_.play(b"\x2a" * 160, "next")
            sent = await commands(line, 1)
            while sent[-1] != ("REPORT_QUEUE_DRAINED", ""):
                sent += await commands(line, 1)
            flushed = sent.index(("FLUSH_MEDIA", ""))
            assert flushed <= 1, "at most the second that was on its way"
            assert sent[flushed + 1 : flushed + 3] == [("MARK_MEDIA", "s2"), 160]
            for name in ("s1", "e1", "s2", "e2"):
                await line.send(json.dumps({"event": "MEDIA_MARK_PROCESSED", "correlation_id": name}))
            await line.close()
            await asyncio.wait_for(bot.ended.wait(), 2)
            assert [item for item in bot.items if isinstance(item, MarkReached)] == [MarkReached("next")]

    asyncio.run(main())


def test_hanging_up() -> None:
    """HANGUP is asked for, so that the person's line closes without the apology; it returns when Asterisk has closed."""

    async def main() -> None:
        async with leg() as (bot, line):
            ending = asyncio.create_task(bot.legs[0].hang_up())
            assert await commands(line, 1) == [("HANGUP", "")]
            await line.close()
            await asyncio.wait_for(ending, 2)
            assert bot.legs[0].closed
            bot.legs[0].play(b"\x2a" * 160, "into the void")  # harmless

    asyncio.run(main())


@pytest.mark.parametrize("how", ["a bug in the call", "our stop"])
def test_a_death_is_not_polite(how: str) -> None:
    """No closing handshake: Asterisk must take us for dead, or nobody apologises to the person. The server goes on."""

    async def main() -> None:
        async with leg() as (bot, line):
            if how == "our stop":
                await bot.server.stop()
            else:
                bot.fail = True
                await line.send(b"\xd5" * 160)
            with pytest.raises(ConnectionClosed) as end:
                async with asyncio.timeout(2):
                    await line.recv()
            assert end.value.rcvd is None
            if how != "our stop":
                bot.fail = False
                async with asterisk(bot.server) as other:
                    await other.send(json.dumps({**START, "channel_id": "bot-k2"}))
                    await other.send(b"\xd5" * 160)
                    async with asyncio.timeout(2):
                        while len(bot.items) < 2:  # noqa: ASYNC110 - the server takes it
                            await asyncio.sleep(0.001)

    asyncio.run(main())


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def drain(playback: Playback) -> tuple[int, float | None]:
    """Frames given out now, and when to ask again."""
    frames = 0
    while True:
        message, wait_s = playback.next_message()
        if message is None:
            return frames, wait_s
        frames += len(message) // 160 if isinstance(message, bytes) else 0


def test_no_more_is_sent_than_asterisk_can_hold() -> None:
    """Of a minute, at first a bit more than AHEAD_S; then second by second as it is played; and nothing while it is off."""
    clock = Clock()
    playback = Playback(160, clock)
    playback.add(b"\x2a" * 8000 * 60, "m")
    frames, wait_s = drain(playback)
    assert AHEAD_S * 50 <= frames <= (AHEAD_S + 1) * 50 < 900
    assert wait_s == pytest.approx(1.0)
    clock.now += 1.0
    assert drain(playback)[0] == 50
    playback.flowing = False
    clock.now += 5.0
    assert drain(playback) == (0, None)
    playback.flowing = True
    assert drain(playback)[0] == 250


def test_how_much_was_played() -> None:
    """Nothing before it began, real time while it plays, the moment of the flush for ever after, its length at its end."""
    clock = Clock()
    playback = Playback(160, clock)
    playback.add(b"\x2a" * 16_000, "a")
    playback.add(b"\x2a" * 16_000, "b")
    assert playback.played_s("a") == playback.played_s("nobody") == 0.0
    playback.mark_processed("s1")
    clock.now += 0.5
    assert playback.played_s("a") == pytest.approx(0.5)
    clock.now += 5.0
    assert playback.played_s("a") == 2.0
    assert playback.mark_processed("e1") == "a"
    playback.mark_processed("s2")
    clock.now += 0.25
    playback.flush()
    clock.now += 1.0
    assert playback.played_s("b") == pytest.approx(0.25)
    assert playback.played_s("a") == 2.0
    assert playback.mark_processed("e2") is None
    for nonsense in ("", "e", "x1", "e7", "ex"):
        assert playback.mark_processed(nonsense) is None
