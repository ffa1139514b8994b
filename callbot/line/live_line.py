"""One live call in frames: hears, decides turns every 20 ms, plays lines. Asyncio; nothing here is slow.

The bot's leg is up before the person's phone rings, so a line begins in early media (컬러링, an announcement); `answered`
starts the call's clock, its recording and its turns.
"""

import asyncio
from typing import Any

import structlog

from callbot.line.decoding import Decoding, no_words
from callbot.line.early_media import EarlyMedia
from callbot.line.g711 import alaw_to_pcm
from callbot.line.happenings import Answered, Closed, Happening, Happenings, Overhearing, Said, Utterance
from callbot.line.hearing import Hearing
from callbot.line.in_time import FINISH_S, MARK_SLACK_S, NO_MEDIA_S, InTime
from callbot.line.pauses_heard import PausesHeard
from callbot.line.ports import Digit, Leg, MarkReached, NoRecorder, Pcm, Recorder, VoiceActivity
from callbot.listen.decisions import (
    Acknowledge,
    Decision,
    DecodeNow,
    DropDecode,
    FlushPlayback,
    Overheard,
    Resumed,
    SilenceOver,
    TurnOver,
)
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.listen.turn import STEP_S, TurnReducer
from callbot.listen.utterance import Transcript

log = structlog.get_logger()


class LiveLine:
    """One per answered call. `run` in a task of its own, then the operations, one at a time."""

    def __init__(
        self,
        leg: Leg,
        decoding: Decoding,
        voice_activity: VoiceActivity,
        *,
        reducer: TurnReducer | None = None,
        acknowledgement: bytes | None = None,
        no_media_s: float = NO_MEDIA_S,
    ) -> None:
        self._leg = leg
        self._decoding = decoding
        self._vad = voice_activity
        self._hearing = Hearing(voice_activity)
        self._recorder: Recorder = NoRecorder()
        self._reducer = reducer or TurnReducer()
        self._acknowledgement = acknowledgement
        self._happenings = Happenings()
        self._overhearing = Overhearing()
        self._heard = bytearray()
        self._frames = 0
        self._playing: str | None = None
        self._marks = 0
        self._pressed: str | None = None
        """A key pressed while the words of a turn were on their way."""
        self._early: EarlyMedia | None = EarlyMedia(decoding, voice_activity)
        self._in_time = InTime(self._happenings.put_nowait, no_media_s=no_media_s)
        self.pauses = PausesHeard()
        self.closed = False

    def seconds(self) -> float:
        """Now, on the call's clock: seconds of recording."""
        return self._frames * STEP_S

    @property
    def early_media(self) -> EarlyMedia | None:
        """What the network played, while nobody has answered."""
        return self._early

    def take_overheard(self) -> tuple[Utterance, ...]:
        """What was said and has not been part of a reply yet; asked for once the line is closed."""
        return self._overhearing.take()

    def answered(self, recorder: Recorder) -> EarlyMedia:
        """The person's phone was picked up: from here on it is a call. What was heard before is handed over."""
        self._recorder = recorder
        self._in_time.answered = True
        early, self._early = self._early or EarlyMedia(self._decoding, self._vad), None
        return early

    async def run(self) -> None:
        """Consume the leg until it closes."""
        try:
            async for frame in self._in_time.frames(self._leg.items()):
                self._hear(frame)
        finally:
            self._finish_sentence()
            self.closed = True
            self._happenings.put_nowait(Closed())

    def _finish_sentence(self) -> None:
        """What was being said when the line closed still counts: "가슴이 아파" and then a hang-up."""
        self._playing = None
        if self._early is not None:
            self._early.finish()
            return
        for decision in self._reducer.finish(self.seconds(), FINISH_S):
            if isinstance(decision, DecodeNow | DropDecode | Overheard | TurnOver):
                self._perform(decision)

    def _hear(self, alaw: bytes) -> None:
        if self._early is not None:
            self._early.hear(alaw)
            return
        self._heard += alaw
        self._frames += 1
        self._recorder.person(alaw)
        pcm = alaw_to_pcm(alaw)
        at = self.seconds()
        step = self._hearing.step(pcm, at)
        if step.tone is not None:
            self._overhearing.pending.append(Utterance(at, at, no_words(f"tone_{step.tone}")))
        if step.background is not None:
            self._overhear(*step.background, faint=True)
        for decision in self._reducer.step(at, step.speech, self._playing is not None, self._decoding.ending()):
            self._perform(decision)

    def _perform(self, decision: Decision) -> None:
        match decision:
            case DecodeNow(id=number, start_s=start, end_s=end):
                self._decoding.start(number, self._audio(start, end))
            case DropDecode(id=number):
                self._decoding.drop(number)
            case Overheard(start_s=start, end_s=end):
                self._overhear(start, end)
            case FlushPlayback():
                self._leg.flush()
                log.info("barge_in", leg=self._leg.key)
                self._happenings.put_nowait(decision)
            case _:
                if isinstance(decision, TurnOver):
                    log.info("turn_over", leg=self._leg.key, pause_s=round(decision.pause_s, 2))
                self._happenings.put_nowait(decision)

    def _overhear(self, start_s: float, end_s: float, *, faint: bool = False) -> None:
        words = self._decoding.aside(self._audio(start_s, end_s), faint=faint)
        self._overhearing.pending.append(Utterance(start_s, end_s, words))

    def _audio(self, start_s: float, end_s: float) -> Pcm:
        """8 samples a millisecond, one byte a sample."""
        return alaw_to_pcm(bytes(self._heard[int(start_s * 8000) : int(end_s * 8000)]))

    def _play(self, clip: bytes) -> str:
        self._marks += 1
        mark = f"m{self._marks}"
        self._playing = mark
        self._leg.play(clip, mark)
        self._hearing.played(clip, self.seconds())
        self._recorder.bot(clip, mark)
        return mark

    def _stop(self, mark: str) -> float:
        """The line was cut short; seconds that were heard of it."""
        played = self._leg.played_s(mark)
        self._recorder.bot_stopped(mark, played)
        self._hearing.played(b"", self.seconds())
        self._playing = None
        return played

    async def await_pickup(self, silence_s: float) -> bool:
        """Wait for "여보세요" or silence; True: something was said (its words come as overheard)."""
        self._happenings.forget_old()
        wanted = ListenFor(QuestionKind.OPENING, silence_s=silence_s, at_most_s=4.0)
        self._reducer.listen(wanted, self.seconds())
        while True:
            match await self._happenings.next():
                case TurnOver(start_s=start, end_s=end, decode_id=number, pause_s=pause):
                    self._overhearing.pending.append(Utterance(start, end, self._decoding.take(number), pause))
                    return True
                case SilenceOver():
                    return False
                case _:
                    continue

    async def say(self, clip: bytes, *, interruptible: bool = True) -> Said:
        """Play to the end, or until the person takes the turn."""
        self._happenings.forget_old()
        began = self.seconds()
        self._decoding.expect("")
        self._reducer.listen(None, began, interruptible=interruptible)
        mark, deadline = self._play(clip), _over_by(clip)
        while True:
            match await self._happenings.next(deadline):
                case MarkReached(mark=reached) if reached == mark:
                    break
                case FlushPlayback() as flush:
                    until = self._stop(mark)
                    self.pauses.interrupted(flush, began)
                    utterance = await self._turn()
                    return Said(began, self._overhearing.take(), utterance, until)
                case None:
                    break
                case _:
                    continue
        self._playing = None
        return Said(began, self._overhearing.take())

    async def ask(self, clip: bytes, listen: ListenFor) -> Answered:
        """Play, then listen; the person may take the turn while it plays."""
        self._happenings.forget_old()
        began = self.seconds()
        self._decoding.expect(listen.topic)
        self._reducer.listen(listen, began)
        mark = self._play(clip)
        deadline: float | None = _over_by(clip)
        until: float | None = None
        while True:
            match await self._happenings.next(deadline):
                case None:
                    self._playing, deadline = None, None
                case MarkReached(mark=reached) if reached == mark:
                    self._playing, deadline = None, None
                case FlushPlayback() as flush:
                    until, deadline = self._stop(mark), None
                    self.pauses.interrupted(flush, began)
                case TurnOver() as over:
                    utterance = await self._turn(over)
                    overheard = self._overhearing.take()
                    if self._pressed is not None:  # the key is the answer; the words are not lost
                        return Answered(began, (*overheard, utterance), digit=self._pressed, said_until_s=until)
                    return Answered(began, overheard, utterance, said_until_s=until)
                case SilenceOver(seconds=seconds):
                    return Answered(began, self._overhearing.take(), silence_s=seconds)
                case Digit(digit=digit):
                    if self._playing is not None:
                        self._leg.flush()
                        until = self._stop(mark)
                    return Answered(began, self._overhearing.take(), digit=digit, said_until_s=until)
                case _:
                    continue

    async def _turn(self, over: TurnOver | None = None) -> Utterance:
        """The utterance that took the turn, with its words; joined to what follows if the person goes on meanwhile."""
        self._pressed = None
        while True:
            if over is None:
                match await self._happenings.next():
                    case TurnOver() as over:
                        pass
                    case Digit(digit=digit):
                        self._pressed = digit
                        continue
                    case _:
                        continue
            words = self._decoding.take(over.decode_id)
            if await self._words_or_more(words):
                self.pauses.turn(over)
                return Utterance(over.start_s, over.end_s, words, over.pause_s)
            self._reducer.reopen()
            over = None

    async def _words_or_more(self, words: asyncio.Future[Transcript]) -> bool:
        """True: the words are there (or will never be). False: the person went on speaking first."""
        while not words.done():
            getting: asyncio.Future[Happening] = asyncio.ensure_future(self._happenings.get())
            either: list[asyncio.Future[Any]] = [getting, words]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                getting.cancel()
                continue
            match getting.result():
                case Closed() as closed:
                    self._happenings.put_nowait(closed)
                    await asyncio.wait({words})
                    return True
                case Resumed():
                    return False
                case Digit(digit=digit):
                    self._pressed = digit
                case Acknowledge():
                    self._acknowledge()
                case _:
                    continue
        return True

    def _acknowledge(self) -> None:
        """Cover thinking with a short sound; it is no line of the dialogue."""
        if self._acknowledgement is not None:
            self._leg.play(self._acknowledgement, "ack")
            self._hearing.played(self._acknowledgement, self.seconds())
            self._recorder.bot(self._acknowledgement, "ack")

    async def hang_up(self) -> None:
        """End the call."""
        await self._leg.hang_up()


def _over_by(clip: bytes) -> float:
    """Loop time by which the mark of a clip that begins now has come, or never will."""
    return asyncio.get_running_loop().time() + len(clip) / 8000 + MARK_SLACK_S
