"""One call at a virtual recipient's phone: pick up, listen, answer, hang up."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from callbot.line.g711 import alaw_to_pcm
from callbot.people.hearing_aid import STEPS
from callbot.simulate.answering import Answer, Answering, KnownLine
from callbot.simulate.hear_lines import Clip, Heard, LineBegan, LineEnded, LineListener, LineRecognised, known_clip
from callbot.simulate.persona import MACHINE_SPEED, MACHINE_VOICE, Persona, Pickup, Utterance, clip_name
from callbot.simulate.sounds import read_alaw, silence, tone
from callbot.talk.aided_clip import aided

Pcm = NDArray[np.int16]
Log = Callable[..., None]
"""log(event, **facts)"""

_TICK_S = 0.02
_PICKUP_S = 0.5
_RINGS_AT_MOST_S = 180.0
_VOICEMAIL_AT_MOST_S = 60.0


class Handset(Protocol):
    """The telephone under the call."""

    ended: asyncio.Event
    """Set when the call is over, whoever ended it."""

    def respond(self, code: int) -> None:
        """Send a SIP response: 180, 183, 200, 404, 480, 486, 603."""

    async def open(self) -> bool:
        """Wait until sound flows; False where the call ended first."""

    def hang_up(self) -> None:
        """End the call."""

    def say(self, pcm: Pcm) -> None:
        """Queue speech."""

    def press(self, keys: str) -> None:
        """Send telephone keys."""

    def take_heard(self) -> Pcm:
        """What arrived since the last time."""

    @property
    def now_s(self) -> float:
        """Seconds of sound since it began to flow."""

    @property
    def to_say_s(self) -> float:
        """Seconds of queued speech not yet sent."""


class PhoneCall:
    """Runs one call of a persona; `clips`: files by clip_name, `lines` are the bot's lines it may hear."""

    def __init__(
        self,
        handset: Handset,
        persona: Persona,
        number_of_call: int,
        *,
        lines: list[KnownLine],
        clips: dict[str, str],
        log: Log,
    ) -> None:
        self._phone = handset
        self._persona = persona
        self._pickup = persona.met_by(number_of_call)
        self._answering = Answering(persona, self._pickup)
        self._known = lines
        self._lines = {line.id: line for line in lines}  # one line may have several wordings, each a clip
        self._clips = clips
        self._log = log
        self._listener = LineListener([])
        self._due: tuple[float, Answer] | None = None
        self._hang_up_at: float | None = None
        self._spoke_over = False  # the line now playing was answered before its end
        self._goodbye = False  # hang up as soon as all is said

    async def run(self) -> None:
        """Until the call is over."""
        match self._pickup:
            case Pickup.BUSY:
                await self._refuse(486)
            case Pickup.REJECT:
                await self._ring_then(603)
            case Pickup.NO_SUCH_NUMBER:
                await self._refuse(404)
            case Pickup.NO_ANSWER:
                self._phone.respond(180)
                await self._over_within(_RINGS_AT_MOST_S)
            case Pickup.SWITCHED_OFF:
                await self._announce()
            case Pickup.VOICEMAIL:
                await self._voicemail()
            case Pickup.ANSWER | Pickup.OTHER_ANSWERS:
                await self._talk()

    async def run_outgoing(self) -> None:
        """The persona has called: from the moment the other side answers."""
        self._pickup = Pickup.ANSWER
        await self._talk(rings=False)

    async def _refuse(self, code: int) -> None:
        self._phone.respond(code)
        self._log("refused", code=code)
        await self._over_within(5)

    async def _ring_then(self, code: int) -> bool:
        """Ring for the persona's time, then respond; False where the caller gave up."""
        self._phone.respond(180)
        self._log("ringing")
        if await self._over_within(self._persona.answers_after_s):
            return False
        self._phone.respond(code)
        self._log("answered" if code == 200 else "refused", code=code)  # noqa: PLR2004 - SIP's OK
        return True

    async def _announce(self) -> None:
        self._phone.respond(183)
        if await self._phone.open():
            self._say_by_machine(self._persona.announcement)
            await self._all_said()
        self._phone.respond(480)
        await self._over_within(5)

    async def _voicemail(self) -> None:
        if not await self._ring_then(200) or not await self._phone.open():
            return
        machine = self._persona.voicemail
        self._phone.say(silence(_PICKUP_S))
        self._say_by_machine(machine.greeting)
        self._phone.say(np.concatenate([silence(0.3), tone(machine.beep_hz, machine.beep_s)]))
        await self._all_said()
        self._log("beeped")
        end = self._phone.now_s + _VOICEMAIL_AT_MOST_S
        while not self._phone.ended.is_set() and self._phone.now_s < end:
            self._listen()
            await asyncio.sleep(_TICK_S)
        self._phone.hang_up()

    async def _talk(self, *, rings: bool = True) -> None:
        self._listener = LineListener(known_clips(self._known, aided_too=self._persona.hears_badly))
        if (rings and not await self._ring_then(200)) or not await self._phone.open():
            return
        self._log("line_open")
        if self._answering.speaker.pickup:
            self._phone.say(silence(_PICKUP_S))
            self._say(Utterance(say=self._answering.speaker.pickup))
        if self._persona.hang_up.after_s is not None:
            self._hang_up_at = self._persona.hang_up.after_s
        while not self._phone.ended.is_set():
            for heard in self._listen():
                self._react(heard)
            self._act()
            await asyncio.sleep(_TICK_S)

    def _listen(self) -> list[Heard]:
        return self._listener.feed(self._phone.take_heard())

    def _react(self, heard: Heard) -> None:
        match heard:
            case LineBegan(at_s):
                self._log("bot_speaks", t=at_s)
                self._due = None  # the bot goes on: what was about to be said waits
            case LineRecognised(name, began_s):
                over = self._answering.over(self._lines[line_of(name)])
                if over is not None and over.utterance.barge_in_s is not None:
                    self._due = (began_s + over.utterance.barge_in_s, over)
            case LineEnded(clip, at_s, whole, played_s):
                line = line_of(clip) if clip else None
                self._log("bot_silent", t=at_s, line=line, clip=clip, whole=whole, played_s=round(played_s, 2))
                spoke_over, self._spoke_over = self._spoke_over, False
                if not spoke_over and (whole or not self._phone.to_say_s):  # broken off by our own words: no answer
                    answer = self._answering.plan(self._lines[line] if line else None)
                    self._due = (at_s + answer.wait_s, answer) if answer else None

    def _act(self) -> None:
        now = self._phone.now_s
        if self._due is not None and now >= self._due[0] and not self._phone.to_say_s:
            answer, self._due = self._due[1], None
            self._give(answer)
        if self._goodbye and not self._phone.to_say_s:
            self._hang_up_at = min(now + 0.3, self._hang_up_at or now + 0.3)
            self._goodbye = False
        if self._hang_up_at is not None and now >= self._hang_up_at:
            self._hang_up_at = None
            self._log("hangs_up")
            self._phone.hang_up()

    def _give(self, answer: Answer) -> None:
        self._answering.given(answer)
        self._spoke_over = answer.utterance.barge_in_s is not None
        if answer.utterance.press:
            self._phone.press(answer.utterance.press)
            self._log("pressed", keys=answer.utterance.press)
        if answer.utterance.say:
            self._say(answer.utterance, asked=answer.key)
        else:
            self._log("says_nothing", asked=answer.key)
        self._goodbye = self._answering.hangs_up_now(answer)

    def _say_by_machine(self, text: str) -> None:
        self._play([self._sound(MACHINE_VOICE, MACHINE_SPEED, text)], text)

    def _say(self, utterance: Utterance, **facts: Any) -> None:
        speaker = self._answering.speaker
        said = [text for text in (utterance.say, utterance.and_then) if text]
        sounds = [self._sound(speaker.voice, speaker.speed, text) for text in said]
        self._play(sounds, " ".join(said), pause_s=utterance.pause_s, **facts)

    def _sound(self, voice: str, speed: float, text: str) -> Pcm | None:
        path = Path(self._clips.get(clip_name(voice, speed, text), ""))
        return read_alaw(path) if path.is_file() else None

    def _play(self, sounds: list[Pcm | None], text: str, *, pause_s: float = 0.0, **facts: Any) -> None:
        """Without a clip the person stays silent, and the log says so."""
        known = [sound for sound in sounds if sound is not None]
        if len(known) < len(sounds):
            self._log("clip_missing", text=text)
            return
        pcm = np.concatenate([part for sound in known for part in (sound, silence(pause_s))][:-1])
        starts_s = self._phone.now_s + self._phone.to_say_s
        self._phone.say(pcm)
        self._log("says", t=starts_s, text=text, seconds=round(len(pcm) / 8000, 2), **facts)

    async def _all_said(self) -> None:
        while self._phone.to_say_s and not self._phone.ended.is_set():
            self._listen()
            await asyncio.sleep(_TICK_S)

    async def _over_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._phone.ended.wait(), seconds)
        except TimeoutError:
            return False
        return True


def known_clips(lines: Iterable[KnownLine], *, aided_too: bool) -> list[Clip]:
    """Those lines that have been rendered by now; `aided_too`: also as they sound slower and louder."""
    aids = STEPS if aided_too else STEPS[:1]
    found = []
    for wording, line in enumerate(lines):
        if Path(line.clip).exists():
            alaw = Path(line.clip).read_bytes()
            versions = dict.fromkeys(aided(alaw, aid, slow=line.slow) for aid in aids)
            for step, version in enumerate(versions):
                found.append(known_clip(f"{line.id}@{step}#{wording}", alaw_to_pcm(version)))
    return found


def line_of(clip: str) -> str:
    """The id of the line that a known clip is a version of."""
    return clip.partition("@")[0]
