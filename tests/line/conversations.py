"""Conversations in real time, held beside each other: a file of twenty takes as long as its longest three."""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from exchange import Exchange, exchange
from known_words import KnownWords, ears_of

from callbot.adapters.asterisk_media import MediaLeg, MediaServer
from callbot.adapters.silero import SileroVad
from callbot.line.decoding import Decoding
from callbot.line.live_line import LiveLine
from callbot.line.ports import Ears, NoRecorder, Recorder

AT_ONCE = 6
"""Calls held at the same time; each costs about a tenth of a core."""
LONGEST_S = 30.0


@dataclass
class Call:
    """A call that has reached the bot."""

    line: LiveLine
    person: Exchange
    words: KnownWords
    hearing: asyncio.Task[None]


@dataclass
class Options:
    """What is special about a conversation."""

    words: KnownWords = field(default_factory=lambda: KnownWords({}))
    recorder: Recorder = field(default_factory=NoRecorder)
    answered: bool = True
    no_media_s: float = 15.0
    acknowledgement: bytes | None = None
    ears: Ears | None = None
    """Instead of those that know `words`."""


@contextlib.asynccontextmanager
async def call(options: Options) -> AsyncIterator[Call]:
    """The real server, adapter, voice activity and line; the exchange and the person are ours."""
    reached: asyncio.Future[Call] = asyncio.get_running_loop().create_future()
    async with ears_of(options.words) as ears:

        async def serve(leg: MediaLeg) -> None:
            line = LiveLine(
                leg,
                Decoding(options.ears or ears),
                SileroVad(),
                no_media_s=options.no_media_s,
                acknowledgement=options.acknowledgement,
            )
            if options.answered:
                line.answered(options.recorder)
            hearing = asyncio.create_task(line.run())
            reached.set_result(Call(line, person, options.words, hearing))
            await hearing

        server = MediaServer("127.0.0.1", 0, "right", serve)
        await server.start()
        try:
            async with exchange(server) as person:
                yield await asyncio.wait_for(reached, 5)
        finally:
            await server.stop()


Test = Callable[[Call], Awaitable[None]]
Held = dict[str, BaseException | None]
"""Test name -> how its conversation failed."""


Decorator = Callable[[Test], Callable[[Held], None]]


def conversation(**options: Any) -> Decorator:
    """Make a test of an `async def test_x(one: Call)`; it runs beside the others of its file."""

    def decorate(test: Test) -> Callable[[Held], None]:
        async def hold() -> None:
            async with asyncio.timeout(LONGEST_S), call(Options(**options)) as one:
                await test(one)

        def run(conversations: Held) -> None:
            failed = conversations[name]
            if failed is not None:
                raise failed

        name = getattr(test, "__name__", "")
        run.__name__, run.__doc__, run.__module__ = name, inspect.getdoc(test), test.__module__
        run.hold = hold  # type: ignore[attr-defined]
        return run

    return decorate


@pytest.fixture(scope="module")
def conversations(request: pytest.FixtureRequest) -> Held:
    """Every chosen conversation of the file, held once."""
    wanted = {
        item.name: item.function.hold  # type: ignore[attr-defined]
        for item in request.session.items
        if item.path == request.path and hasattr(getattr(item, "function", None), "hold")
    }
    return asyncio.run(_hold_all(wanted))


async def _hold_all(wanted: dict[str, Callable[[], Awaitable[None]]]) -> Held:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(hold: Callable[[], Awaitable[None]]) -> None:
        async with places:
            await hold()

    ended = await asyncio.gather(*map(one, wanted.values()), return_exceptions=True)
    return dict(zip(wanted, ended, strict=True))
