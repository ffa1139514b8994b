"""The trap of facts/asterisk.md 4a: after early media, the audio source changes at answer, and the bot must go on hearing."""

import asyncio
import random
import time

from line_fixtures import live_lines
from sip_peer import Script
from tones import level

from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.dial.progress import ProgressKind

EARLY_SEQ = 40_000
OFFSETS = [10, 60_000, 20_000, *random.Random(22).sample(range(1, 65_536), 5)]


def test_the_bot_hears_the_person_after_early_media(asterisk: AsteriskInstance) -> None:
    """컬러링 from one source, then the person from another whose numbers are lower by any amount: heard, every time."""

    async def main() -> None:
        async with live_lines(asterisk) as line:

            async def one(offset: int) -> tuple[float, float, float]:
                script = Script(
                    early_s=0.6,
                    early_hz=480.0,
                    hz=700.0,
                    early_seq=EARLY_SEQ,
                    answer_seq=(EARLY_SEQ + 30 - offset) % 65_536,
                    bye_after=1.0,
                )
                key = await line.dial(script)
                await line.step(key, ProgressKind.ANSWERED)
                phone = await line.phone(key)
                await line.ended(key)
                bot = line.bots[key]
                at = phone.answered_at - time.monotonic() + asyncio.get_running_loop().time()
                early = b"".join(alaw for when, alaw in bot.heard if when < at)
                return (
                    level(early, 480.0),
                    level(bot.heard_since(at + 0.2), 700.0),
                    len(bot.heard_since(at + 0.2)) / 8000,
                )

            found = dict(zip(OFFSETS, await asyncio.gather(*(one(offset) for offset in OFFSETS)), strict=True))
            for offset, (early, after, seconds) in found.items():
                assert early > 3000, (offset, found)
                assert after > 6000, (offset, found)
                assert seconds > 0.7, (offset, found)

    asyncio.run(main())


def test_early_media_reaches_the_bot_from_its_first_frames(asterisk: AsteriskInstance) -> None:
    """An announcement can be recognised while it plays: the bot hears it although nobody ever answers."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key = await line.dial(Script(404, early_s=1.0, early_hz=480.0))
            evidence = await line.ended(key)
            assert evidence.early_media
            assert not evidence.answered
            heard = line.bots[key].heard_since(0)
            tone_s = sum(level(heard[at : at + 160], 480.0) > 4000 for at in range(0, len(heard), 160)) * 0.02
            assert tone_s > 0.9

    asyncio.run(main())
