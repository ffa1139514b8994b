"""One live line, with the real media server, voice activity and recognition adapter; only the exchange is ours."""

import asyncio
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conversations import LONGEST_S, Call, Decorator, Options, call, conversation, conversations  # noqa: F401 - a fixture
from exchange import FRAME_S
from known_words import KnownWords

from callbot.adapters.kokoro import KokoroVoice
from callbot.adapters.model_files import join_whisper
from callbot.adapters.whisper import WhisperEars
from callbot.line.g711 import alaw_to_pcm, pcm_to_alaw
from callbot.line.happenings import LineClosed, Utterance
from callbot.line.in_time import GAP_S
from callbot.line.ports import EarsDown, NoRecorder
from callbot.line.recording import HEADER_BYTES, CallRecording
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.settings import ROOT
from callbot.talk.voice_cache import VOICE_PACK, VoiceCache

VOICE = VoiceCache(VOICE_PACK, KokoroVoice(ROOT / ".models"))
HELLO, YES, OKAY, NO_PAIN, MARKET = "여보세요.", "네.", "네, 좋아요.", "아픈 데 없어요.", "어제 시장에 다녀왔어요."
CLOSED = ListenFor(QuestionKind.CLOSED, silence_s=0.6)
OPEN = ListenFor(QuestionKind.OPEN, silence_s=0.6)


def spoken(text: str) -> bytes:
    """A person's clip of the voice pack."""
    found = VOICE.clip(text)
    assert found is not None, f"{text} is not in prompts/voice-pack: run scripts/render-voice-pack.py"
    return found


def tone(seconds: float, hertz: float = 400.0) -> bytes:
    """A line of the bot: no two frames of it are alike."""
    t = np.arange(int(seconds * 8000)) / 8000
    sweep = 6000 * np.sin(2 * np.pi * (hertz + 40 * t) * t)
    return pcm_to_alaw(sweep.astype(np.int16))


CLIPS = {text: spoken(text) for text in (HELLO, OKAY, NO_PAIN, MARKET)} | {YES: spoken(YES)[:2400]}
"""A backchannel "네" is short; the clip's is an answer's."""


def held(*, delay_s: float = 0.0, broken: bool = False, **options: Any) -> Decorator:
    """A conversation whose recogniser knows CLIPS."""
    return conversation(words=KnownWords(CLIPS, delay_s, broken), **options)


async def text(utterance: Utterance | None) -> str:
    """Its words."""
    assert utterance is not None
    return (await asyncio.wait_for(asyncio.shield(utterance.words), 5)).text


async def texts(utterances: tuple[Utterance, ...]) -> list[str]:
    """Words of all, in order."""
    return [await text(one) for one in utterances]


@held()
async def test_hello_ends_the_wait(one: Call) -> None:
    """The greeting waits for "여보세요" and goes out within a second of its end; the words come with the next reply."""
    one.person.say(spoken(HELLO))
    assert await one.line.await_pickup(silence_s=1.2) is True
    assert one.line.seconds() - len(spoken(HELLO)) / 8000 < 1.0
    said = await one.line.say(tone(0.3))
    assert await texts(said.overheard) == [HELLO]
    assert said.overheard[0].start_s < 0.15


@held()
async def test_silence_ends_the_wait(one: Call) -> None:
    """Nobody says anything: after the silence asked for, no later."""
    assert await one.line.await_pickup(silence_s=0.8) is False
    assert 0.8 <= one.line.seconds() < 1.0


@held()
async def test_an_answer_after_the_line(one: Call) -> None:
    """The person hears the whole line; the answer is timed, whole, and attributed to this question."""
    line = tone(0.6)
    asking = asyncio.create_task(one.line.ask(line, CLOSED))
    await asyncio.sleep(0.9)
    began = one.person.seconds
    one.person.say(spoken(NO_PAIN))
    ended = await one.person.has_said()
    answered = await asking
    assert await text(answered.utterance) == NO_PAIN
    assert answered.utterance is not None
    assert answered.utterance.start_s == pytest.approx(began, abs=0.45)
    assert one.person.seconds - ended < 1.6, "a closed answer is known to be over in well under two seconds"
    assert one.person.heard_s(line) == pytest.approx(0.6)
    assert (answered.said_until_s, answered.silence_s, answered.digit, answered.overheard) == (None, None, None, ())


@held()
async def test_a_backchannel_does_not_take_the_turn(one: Call) -> None:
    """A short "네" into a line: the line goes on to its end, and the "네" is handed over as overheard."""
    line = tone(2.4)
    saying = asyncio.create_task(one.line.say(line))
    await asyncio.sleep(0.5)
    one.person.say(CLIPS[YES])
    said = await saying
    assert said.took_turn is None
    assert said.said_until_s is None
    assert one.person.heard_s(line) == pytest.approx(2.4)
    assert len(said.overheard) == 1
    assert await texts(said.overheard) == [YES]


@held()
async def test_barge_in_stops_the_line(one: Call) -> None:
    """Sustained speech: the line stops within 0.9 s of its onset, we know what was heard of it, and the words are the reply."""
    line = tone(6.0)
    saying = asyncio.create_task(one.line.say(line))
    await asyncio.sleep(0.6)
    began = one.person.seconds
    one.person.say(spoken(MARKET))
    said = await saying
    assert await text(said.took_turn) == MARKET
    assert said.said_until_s is not None
    heard = one.person.heard_s(line)
    assert said.said_until_s == pytest.approx(heard, abs=0.15), "exact figures: tests/live/test_media_leg.py"
    assert began - 0.1 < heard < began + 0.9
    later = len(one.person.heard)
    await asyncio.sleep(0.2)
    assert set(one.person.heard[later:]) == {0xD5}, "after a flush there is silence"


@held()
async def test_a_line_that_may_not_be_interrupted(one: Call) -> None:
    """The recording notice is said to its end whoever speaks; what was said over it is not lost."""
    line = tone(2.8)
    saying = asyncio.create_task(one.line.say(line, interruptible=False))
    await asyncio.sleep(0.2)
    one.person.say(spoken(OKAY))
    said = await saying
    assert said.took_turn is None
    assert one.person.heard_s(line) == pytest.approx(2.8)
    assert await texts(said.overheard) == [OKAY]


@held()
async def test_nothing_is_answered(one: Call) -> None:
    """Silence is reported after the wait, which begins when the line is over."""
    answered = await one.line.ask(tone(0.5), CLOSED)
    assert answered.silence_s == pytest.approx(0.6, abs=0.05)
    assert answered.utterance is None
    assert one.line.seconds() == pytest.approx(1.15, abs=0.25)


@held()
async def test_a_key_is_an_answer(one: Call) -> None:
    """After the line, and during it: then the line stops at once, and what was heard of it is known."""
    asking = asyncio.create_task(one.line.ask(tone(0.2), OPEN))
    await asyncio.sleep(0.4)
    await one.person.press("1")
    answered = await asking
    assert (answered.digit, answered.utterance, answered.said_until_s) == ("1", None, None)
    line = tone(5.0)
    asking = asyncio.create_task(one.line.ask(line, OPEN))
    await asyncio.sleep(0.4)
    await one.person.press("9")
    answered = await asking
    assert answered.digit == "9"
    assert answered.said_until_s == pytest.approx(one.person.heard_s(line), abs=0.15)
    assert one.person.heard_s(line) < 0.8


@held()
async def test_a_key_in_the_middle_of_a_sentence(one: Call) -> None:
    """Somebody who is speaking and presses a key: the key is the answer, the words come with the next reply."""
    asking = asyncio.create_task(one.line.ask(tone(0.1), CLOSED))
    one.person.say(spoken(NO_PAIN))
    await asyncio.sleep(0.8)
    await one.person.press("1")
    assert (await asking).digit == "1"
    said = await one.line.say(tone(2.5))
    words = said.overheard if said.took_turn is None else (*said.overheard, said.took_turn)
    assert await texts(words) == [NO_PAIN]


@held(delay_s=2.4)
async def test_a_key_while_the_words_are_recognised(one: Call) -> None:
    """Somebody who has spoken and presses a key: the key is the answer, and the words are not lost."""
    asking = asyncio.create_task(one.line.ask(tone(0.1), CLOSED))
    one.person.say(spoken(NO_PAIN))
    await one.person.has_said()
    await asyncio.sleep(2.0)
    await one.person.press("1")
    answered = await asking
    assert answered.digit == "1"
    assert await texts(answered.overheard) == [NO_PAIN]


@held()
async def test_the_last_words_before_a_hang_up(one: Call) -> None:
    """A sentence, then at once the hang-up: the words still arrive, then the line is closed for good."""
    asking = asyncio.create_task(one.line.ask(tone(0.1), CLOSED))
    one.person.say(spoken(NO_PAIN))
    await one.person.has_said()
    await one.person.hang_up()
    answered = await asking
    assert await text(answered.utterance) == NO_PAIN
    with pytest.raises(LineClosed):
        await one.line.ask(tone(0.1), CLOSED)
    with pytest.raises(LineClosed):
        await one.line.say(tone(0.1))
    assert one.line.closed


@held()
async def test_words_over_a_line_and_a_hang_up(one: Call) -> None:
    """Said into a line that is not interrupted, then hung up: handed over as overheard when the line is closed."""
    saying = asyncio.create_task(one.line.say(tone(9.0), interruptible=False))
    one.person.say(spoken(NO_PAIN))
    await one.person.has_said()
    await one.person.hang_up()
    with pytest.raises(LineClosed):
        await saying
    assert await texts(one.line.take_overheard()) == [NO_PAIN]
    assert one.line.take_overheard() == ()


@held()
async def test_lost_packets_do_not_stop_the_clock(one: Call) -> None:
    """Without the person's packets the call's time goes on: silence is noticed, and what comes later is placed rightly."""
    one.person.rtp = False
    answered = await one.line.ask(tone(0.2), ListenFor(silence_s=1.0))
    assert answered.silence_s == pytest.approx(1.0, abs=0.1)
    assert one.line.seconds() == pytest.approx(one.person.seconds, abs=GAP_S + 0.2)
    one.person.rtp = True
    asking = asyncio.create_task(one.line.ask(tone(0.1), CLOSED))
    one.person.say(spoken(OKAY))
    assert await text((await asking).utterance) == OKAY
    assert one.line.seconds() == pytest.approx(one.person.seconds, abs=GAP_S + 0.2)


@held(no_media_s=1.0)
async def test_a_dead_line_ends(one: Call) -> None:
    """Without one packet for NO_MEDIA_S the line is taken for dead: nobody waits for ever."""
    one.person.rtp = False
    began = one.person.seconds
    with pytest.raises(LineClosed):
        await one.line.ask(tone(0.1), ListenFor(silence_s=30))
    assert one.person.seconds - began == pytest.approx(1.0, abs=0.35)


@held(delay_s=1.8)
async def test_who_goes_on_after_the_pause_is_joined(one: Call) -> None:
    """A pause long enough to end the turn, then more, before the words are there: one utterance, with all of it."""
    asking = asyncio.create_task(one.line.ask(tone(0.1), ListenFor(pause_s=0.4, silence_s=2.0)))
    one.person.say(spoken(NO_PAIN))
    await one.person.has_said()
    await asyncio.sleep(1.75)
    one.person.say(spoken(MARKET))
    answered = await asking
    assert await text(answered.utterance) == f"{NO_PAIN} {MARKET}"
    assert answered.overheard == ()


@held(delay_s=2.6, acknowledgement=tone(0.4, 900.0))
async def test_long_thinking_is_covered(one: Call) -> None:
    """Words that take long: a short sound of ours says that somebody is still there."""
    asking = asyncio.create_task(one.line.ask(tone(0.1), ListenFor(pause_s=0.4, silence_s=2.0)))
    one.person.say(spoken(OKAY))
    assert await text((await asking).utterance) == OKAY
    assert one.person.heard_s(tone(0.4, 900.0)) > 0.3


@held(broken=True)
async def test_recognition_that_fails(one: Call) -> None:
    """The answer is an utterance whose words raise EarsDown; the call goes on."""
    asking = asyncio.create_task(one.line.ask(tone(0.1), CLOSED))
    one.person.say(spoken(OKAY))
    answered = await asking
    with pytest.raises(EarsDown):
        await text(answered.utterance)
    assert (await one.line.say(tone(0.1))).took_turn is None


@held(answered=False)
async def test_what_the_network_says_before_the_answer(one: Call) -> None:
    """Early media is transcribed apart from the call; a hang-up in the middle of a sentence loses nothing of it."""
    one.person.say(spoken(MARKET))
    await one.person.has_said()
    await one.person.hang_up()
    await asyncio.wait_for(one.hearing, 5)
    early = one.line.early_media
    assert early is not None
    assert [(await words).text for words in early.words] == [MARKET]
    assert one.line.seconds() == 0.0


@held(answered=False)
async def test_the_call_begins_at_the_answer(one: Call) -> None:
    """Ringing for a while, words before the answer: the call's clock starts at the answer and its turns know nothing of them."""
    one.person.say(spoken(MARKET))
    await one.person.has_said()
    await asyncio.sleep(1.0)
    early = one.line.answered(NoRecorder())
    assert len(early.words) == 1
    assert one.line.early_media is None
    one.person.say(spoken(HELLO))
    assert await one.line.await_pickup(silence_s=1.2)
    assert one.line.seconds() < 2.5
    assert await texts(one.line.take_overheard()) == [HELLO]


class Memory(io.BytesIO):
    """A sink whose content survives its closing."""

    def close(self) -> None:
        """Keep it."""


SINK = Memory()
RECORDING = CallRecording(lambda: SINK, Path("call.wav"), attempt="k1")


@held(recorder=RECORDING)
async def test_the_recording_and_its_offsets(one: Call) -> None:
    """Left the person, right the bot, each sound where the offsets say it is, a line that was cut ends where it was cut."""
    asking = asyncio.create_task(one.line.ask(tone(6.0), CLOSED))
    await asyncio.sleep(0.5)
    one.person.say(spoken(MARKET))
    answered = await asking
    await one.person.hang_up()
    await one.hearing
    kept = RECORDING.close()
    stereo = np.frombuffer(SINK.getvalue()[HEADER_BYTES:], "<i2").reshape(-1, 2)
    assert kept.complete
    assert len(stereo) / 8000 == pytest.approx(kept.seconds)
    assert answered.utterance is not None
    start, end = (int(at * 8000) for at in (answered.utterance.start_s, answered.utterance.end_s))
    wanted = alaw_to_pcm(spoken(MARKET)).astype("<i2")
    middle = wanted[len(wanted) // 3 : len(wanted) // 3 + 800].tobytes()
    assert middle in stereo[start:end, 0].tobytes()
    assert answered.said_until_s is not None
    bot = np.flatnonzero(np.abs(stereo[:, 1].astype(int)) > 200)
    assert bot[0] / 8000 == pytest.approx(answered.began_s, abs=2 * FRAME_S)
    assert bot[-1] / 8000 == pytest.approx(answered.began_s + answered.said_until_s, abs=2 * FRAME_S)


def test_real_words() -> None:
    """The same line with Whisper itself behind it."""

    async def main() -> None:
        ears = WhisperEars(join_whisper(ROOT / ".models"), workers=1, threads=2)
        await ears.start()
        try:
            async with asyncio.timeout(LONGEST_S), call(Options(ears=ears)) as one:
                asking = asyncio.create_task(one.line.ask(tone(0.2), ListenFor(silence_s=3.0)))
                await asyncio.sleep(0.4)
                one.person.say(spoken(NO_PAIN))
                assert "없어요" in await text((await asking).utterance)
        finally:
            await ears.close()

    asyncio.run(main())
