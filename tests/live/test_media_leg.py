"""The bot's leg through a real Asterisk: who hears what, how fast it stops, what happens when a side dies."""

import asyncio
import time

import pytest
from line_fixtures import live_lines
from sip_peer import PeerCall, Script
from tones import level, tone

from callbot.adapters.asterisk_instance import AsteriskInstance
from callbot.adapters.asterisk_media import Digit, Drained, MarkReached
from callbot.dial.attempt_end import AttemptEnd
from callbot.dial.causes import attempt_end
from callbot.dial.progress import ProgressKind
from callbot.line.g711 import alaw_to_pcm


def loud_frames(phone: PeerCall, hertz: float) -> list[float]:
    """When (monotonic) the phone received frames of that tone."""
    return [at for at, alaw in phone.heard if level(alaw, hertz) > 4000]


def test_both_directions(asterisk: AsteriskInstance) -> None:
    """The bot hears the phone's tone and not its own; the phone hears the bot's and not its own; a clip arrives whole."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, bot, phone = await line.answered(Script(hz=700.0))
            assert bot.leg is not None
            begin = asyncio.get_running_loop().time()
            bot.leg.play(tone(440.0, 1.013), "hello")  # no whole number of frames
            reached = await bot.item(MarkReached("hello"))
            assert reached - begin == pytest.approx(1.02, abs=0.15)
            assert bot.leg.played_s("hello") == pytest.approx(1.013)
            await bot.item(Drained())
            await asyncio.sleep(0.2)
            heard = bot.heard_since(begin + 0.1)
            assert level(heard, 700.0) == pytest.approx(8000, rel=0.05)
            assert level(heard, 440.0) < 50
            frames = loud_frames(phone, 440.0)
            assert len(frames) == 51  # 50 whole frames, and one of tone and padding
            whole = b"".join(alaw for at, alaw in phone.heard if frames[0] <= at <= frames[-1])
            assert level(whole, 440.0) == pytest.approx(8000, rel=0.05)
            assert level(whole, 700.0) < 50
            await line.switchboard.hang_up(key)

    asyncio.run(main())


def test_a_flush_is_heard_at_once(asterisk: AsteriskInstance) -> None:
    """Barge-in: the phone goes quiet within 100 ms, the mark of the flushed clip never comes, a new clip plays at once."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, bot, phone = await line.answered(Script())
            assert bot.leg is not None
            late = []
            for number in range(5):
                bot.leg.play(tone(440.0, 10.0), f"long{number}")
                bot.leg.play(tone(880.0, 1.0), f"behind{number}")
                await asyncio.sleep(0.5)
                flushed = time.monotonic()
                bot.leg.flush()
                played = bot.leg.played_s(f"long{number}")
                await asyncio.sleep(0.3)
                frames = [at for at in loud_frames(phone, 440.0) if at > flushed - 0.5]
                late.append(frames[-1] - flushed)
                assert played == pytest.approx(len(frames) * 0.02, abs=0.06), "played_s is what the phone received"
                assert bot.leg.played_s(f"behind{number}") == 0.0
            print(f"flush at the phone, ms: {[round(x * 1000) for x in late]}")
            assert max(late) < 0.1
            assert not loud_frames(phone, 880.0)
            bot.leg.play(tone(440.0, 0.2), "again")
            await bot.item(MarkReached("again"))
            assert [item for _, item in bot.items if isinstance(item, MarkReached)] == [MarkReached("again")]
            await line.switchboard.hang_up(key)

    asyncio.run(main())


def test_a_clip_longer_than_asterisks_queue(asterisk: AsteriskInstance) -> None:
    """22 s given at once arrive whole: Asterisk holds 20 s and silently drops what is more."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, bot, phone = await line.answered(Script())
            assert bot.leg is not None
            bot.leg.play(tone(440.0, 22.0), "long")
            await bot.item(MarkReached("long"), 25.0)
            await asyncio.sleep(0.1)
            assert len(loud_frames(phone, 440.0)) == 1100
            await line.switchboard.hang_up(key)

    asyncio.run(main())


def test_digits(asterisk: AsteriskInstance) -> None:
    """A key pressed on the phone arrives once."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, bot, phone = await line.answered(Script())
            await asyncio.sleep(0.1)
            await line.peer.press(phone, "5")
            await bot.item(Digit("5"))
            await asyncio.sleep(0.2)
            assert [item for _, item in bot.items if isinstance(item, Digit)] == [Digit("5")]
            await line.switchboard.hang_up(key)

    asyncio.run(main())


def test_the_person_hangs_up(asterisk: AsteriskInstance) -> None:
    """The leg closes, the call has ended by itself, and within half a second."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, bot, phone = await line.answered(Script())
            line.peer.bye(phone)
            await asyncio.wait_for(bot.gone.wait(), 0.5)
            evidence = await line.ended(key)
            assert attempt_end(evidence) is None
            assert not evidence.bot_died
            assert not evidence.hung_up_by_us

    asyncio.run(main())


@pytest.mark.parametrize("by", ["leg", "switchboard"])
def test_we_hang_up(asterisk: AsteriskInstance, by: str) -> None:
    """Either way of hanging up: BYE at the phone within half a second, no apology, not counted as our failure."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, bot, phone = await line.answered(Script())
            assert bot.leg is not None
            at = time.monotonic()
            if by == "leg":
                await bot.leg.hang_up()
            else:
                await line.switchboard.hang_up(key)
            await asyncio.wait_for(phone.ended.wait(), 2.0)
            print(f"BYE at the phone {(phone.ended_at - at) * 1000:.0f} ms after hang-up by {by}")
            assert phone.ended_at - at < 0.5
            assert phone.ended_by == "bye"
            assert not [alaw for when, alaw in phone.heard if when > at + 0.05 and _loud(alaw)]
            evidence = await line.ended(key)
            assert attempt_end(evidence) is None
            assert evidence.hung_up_by_us
            assert not evidence.bot_died

    asyncio.run(main())


def test_without_a_bot_no_phone_rings(asterisk: AsteriskInstance) -> None:
    """Our media server is down: the attempt ends as a system failure, and no INVITE reaches anybody."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            await line.media.stop()
            key = await line.dial(Script(ring=True))
            evidence = await line.ended(key)
            assert attempt_end(evidence) is AttemptEnd.SYSTEM_FAILURE
            assert line.kinds(key) == ["bot_leg_failed", "ended"]
            assert line.peer.invites == 0
            line.media = line.new_media()
            await line.media.start()
            again = await line.dial(Script(bye_after=0.1))
            assert attempt_end(await line.ended(again)) is None

    asyncio.run(main())


def test_the_bot_dies_in_the_call(asterisk: AsteriskInstance) -> None:
    """The person hears the apology, then the line closes; the attempt is a system failure and no contact."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, bot, phone = await line.answered(Script())
            await asyncio.sleep(0.3)
            assert bot.leg is not None
            at = time.monotonic()
            bot.leg.abort()
            await asyncio.wait_for(phone.ended.wait(), 30.0)
            spoken = [when for when, alaw in phone.heard if when > at and _loud(alaw)]
            print(
                f"apology: first word {(spoken[0] - at) * 1000:.0f} ms after the death, {len(spoken) * 0.02:.1f} s of it, "
                f"BYE {(phone.ended_at - at):.1f} s after"
            )
            assert spoken[0] - at < 1.5
            assert len(spoken) * 0.02 > 1.0
            assert phone.ended_by == "bye"
            evidence = await line.ended(key)
            assert evidence.bot_died
            assert attempt_end(evidence) is AttemptEnd.SYSTEM_FAILURE

    asyncio.run(main())


def test_the_bot_dies_while_it_rings(asterisk: AsteriskInstance) -> None:
    """The phone stops ringing at once, and the attempt is our failure, not the network's."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key = await line.dial(Script(None, ring=True), ring_s=20)
            await line.step(key, ProgressKind.RINGING)
            leg = line.bots[key].leg
            assert leg is not None
            leg.abort()
            phone = await line.phone(key)
            await asyncio.wait_for(phone.ended.wait(), 1.0)
            assert phone.ended_by == "cancel"
            evidence = await line.ended(key)
            assert attempt_end(evidence) is AttemptEnd.SYSTEM_FAILURE, evidence

    asyncio.run(main())


def test_our_restart(asterisk: AsteriskInstance) -> None:
    """The media server is stopped in a call and another started on the port: the old call apologises, a new one is served."""

    async def main() -> None:
        async with live_lines(asterisk) as line:
            key, _, phone = await line.answered(Script())
            await line.media.stop()
            line.media = line.new_media()
            await line.media.start()
            new, bot, new_phone = await line.answered(Script(hz=700.0))
            assert bot.leg is not None
            bot.leg.play(tone(440.0, 0.5), "m")
            await bot.item(MarkReached("m"))
            assert loud_frames(new_phone, 440.0)
            await line.switchboard.hang_up(new)
            line.peer.bye(phone)  # the apology is 13 s; this person does not wait for its end
            assert (await line.ended(key)).bot_died

    asyncio.run(main())


def _loud(alaw: bytes) -> bool:
    """Anything but silence."""
    return bool(abs(alaw_to_pcm(alaw).astype(int)).max() > 500)
