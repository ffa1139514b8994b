"""Three parties through a real Asterisk: bot (alaw WebSocket leg), person, worker. Who hears whom, and who is left."""

import asyncio
import time

import pytest
from line_fixtures import BotCall, LiveLines, live_lines
from sip_peer import PeerCall, Script
from tones import level, tone

from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.dial.progress import ProgressKind

BOT, PERSON, WORKER = 440.0, 700.0, 1100.0
LOUD, NOTHING = 7000, 400


async def both(line: LiveLines, person: Script) -> tuple[str, BotCall, PeerCall, str, PeerCall]:
    """The person's call and the worker's, each with its own bot leg."""
    key, bot, phone = await line.answered(person)
    worker_key, _, worker = await line.answered(Script(hz=WORKER))
    return key, bot, phone, worker_key, worker


def heard(alaw: bytes) -> set[float]:
    return {hertz for hertz in (BOT, PERSON, WORKER) if level(alaw, hertz) > LOUD}


@pytest.mark.parametrize("answer_seq", [40_020, 1_000, 30_000])
def test_a_worker_joins_and_the_bot_may_leave(asterisk: AsteriskInstance, answer_seq: int) -> None:
    """Each hears the two others and not itself, also where the person's audio changed its source after early media; when the
    bot has gone the two go on talking, and the person's attempt has not ended."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            person = Script(early_s=0.6, early_seq=40_000, answer_seq=answer_seq, hz=PERSON)
            key, bot, phone, worker_key, worker = await both(line, person)
            assert bot.leg is not None
            await line.switchboard.into_room(key)
            await line.switchboard.join_room(worker_key, key)
            await asyncio.sleep(0.8)
            began, at = asyncio.get_running_loop().time(), time.monotonic()
            bot.leg.play(tone(BOT, 3.0), "three")
            await asyncio.sleep(1.2)
            assert heard(bot.heard_since(began + 0.3)) == {PERSON, WORKER}
            assert heard(phone.heard_since(at + 0.3)) == {BOT, WORKER}
            assert heard(worker.heard_since(at + 0.3)) == {BOT, PERSON}

            await bot.leg.hang_up()
            await asyncio.sleep(0.5)
            at = time.monotonic()
            await asyncio.sleep(0.8)
            assert heard(phone.heard_since(at)) == {WORKER}
            assert heard(worker.heard_since(at)) == {PERSON}
            assert level(phone.heard_since(at), BOT) < NOTHING
            assert ProgressKind.ENDED not in [step.kind for step in line.progress if step.attempt_key == key]
            await line.switchboard.hang_up(key)
            evidence = await line.ended(key)
            assert not evidence.bot_died
            await line.switchboard.hang_up(worker_key)

    asyncio.run(main())


def test_in_the_room_alone_with_the_bot_the_call_goes_on(asterisk: AsteriskInstance) -> None:
    """While the worker's phone still rings nothing changes for the person: bot and person hear each other; a hang-up ends it."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, bot, phone = await line.answered(Script(hz=PERSON, bye_after=3.5))
            assert bot.leg is not None
            await line.switchboard.into_room(key)
            await asyncio.sleep(0.5)
            began, at = asyncio.get_running_loop().time(), time.monotonic()
            bot.leg.play(tone(BOT, 1.5), "two")
            await asyncio.sleep(1.0)
            assert heard(bot.heard_since(began + 0.3)) == {PERSON}
            assert heard(phone.heard_since(at + 0.3)) == {BOT}
            await asyncio.wait_for(bot.gone.wait(), 8)
            evidence = await line.ended(key)
            assert evidence.answered
            assert not evidence.bot_died

    asyncio.run(main())
