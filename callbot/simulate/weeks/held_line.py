"""An answered line without sound: what `line.live_line` is to `talk.hold_call`, with people who hear the bot's very words."""

import asyncio
from collections.abc import Callable

from callbot.line.happenings import Answered, LineClosed, Said, Utterance
from callbot.line.ports import EarsDown
from callbot.listen.listen_for import ListenFor
from callbot.listen.utterance import Transcript
from callbot.people.hearing_aid import HearingAid
from callbot.simulate.weeks.evidence import Evidence
from callbot.simulate.weeks.sayings import Saying
from callbot.simulate.weeks.speaker import SURE, Reaction, Speaker

SYLLABLES_PER_S = 6.0
ANSWER_S = 2.5
"""From the end of a question to the end of its answer."""
QUICK_S = 18.0
"""What a quick call takes in all; shorter than `talk.dialler.RENEW_S`, so that its lease needs no renewing."""


class TextVoice:
    """Every line is its own clip: the person on a simulated line reads it."""

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:  # noqa: ARG002 - as the port says
        return text.encode()


def as_read(alaw: bytes, aid: HearingAid, *, slow: bool = False) -> bytes:  # noqa: ARG001 - talk.aided_clip.Adjust
    """Words are neither slow nor loud."""
    return alaw


class HeldLine:
    """One conversation. `quick`: no time passes between its turns, all of it at the end."""

    def __init__(
        self,
        speaker: Speaker,
        line_ids: dict[str, str],
        evidence: Evidence,
        hang_up: Callable[[], None],
        *,
        quick: bool,
        ears_down: bool = False,
    ) -> None:
        """`line_ids`: the words of every line of this call -> its id."""
        self._speaker = speaker
        self._line_ids = line_ids
        self._evidence = evidence
        self._hang_up = hang_up
        self._quick = quick
        self._ears_down = ears_down
        self._at = 0.0
        self._closed = False
        self._pending: list[Utterance] = []
        self._last: Saying | None = None
        """What was said last to a question; being glad about anything but a fine answer breaks a promise."""

    def seconds(self) -> float:
        return round(self._at, 2)

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """The leg is gone."""
        self._closed = True

    async def await_pickup(self, silence_s: float) -> bool:
        self._mind_closed()
        words = self._speaker.pickup()
        await self._pass(1.0 if words else silence_s)
        if words:
            self._pending.append(self._utterance(Reaction(Saying(words, "pickup"))))
        return bool(words)

    async def say(self, clip: bytes, *, interruptible: bool = True) -> Said:
        began, line_id, seconds = self._at, *self._read(clip)
        self._judge(line_id)
        await self._pass(seconds)
        reaction = self._speaker.over(line_id) if interruptible else None
        overheard = self.take_overheard()
        if reaction is None:
            return Said(began, overheard)
        return Said(began, overheard, took_turn=self._utterance(reaction), said_until_s=round(seconds / 2, 2))

    async def ask(self, clip: bytes, listen: ListenFor) -> Answered:
        began, line_id, seconds = self._at, *self._read(clip)
        await self._pass(seconds)
        reaction = self._speaker.reacts(line_id)
        overheard = self.take_overheard()
        if reaction.hangs_up:
            self._hang_up()
            self._mind_closed()
        if reaction.key:
            await self._pass(ANSWER_S)
            return Answered(began, overheard, digit=reaction.key)
        if reaction.saying is None:
            await self._pass(listen.silence_s)
            return Answered(began, overheard, silence_s=listen.silence_s)
        await self._pass(ANSWER_S)
        self._last = reaction.saying
        return Answered(began, overheard, utterance=self._utterance(reaction))

    def take_overheard(self) -> tuple[Utterance, ...]:
        taken, self._pending = tuple(self._pending), []
        return taken

    async def hang_up(self) -> None:
        if self._quick and not self._closed:
            await asyncio.sleep(QUICK_S)
        self._closed = True
        self._hang_up()

    # -- the person's side ---------------------------------------------------------------------------------------------

    def _read(self, clip: bytes) -> tuple[str, float]:
        self._mind_closed()
        text = clip.decode()
        return self._line_ids[text], len(text) / SYLLABLES_PER_S

    def _judge(self, line_id: str) -> None:
        last = self._last
        if (
            line_id.endswith(".ok")
            and last is not None
            and last.topic == line_id.removesuffix(".ok")
            and last.label != "ok"
        ):
            self._evidence.said[f"glad_about_{last.label}"] += 1

    def _utterance(self, reaction: Reaction) -> Utterance:
        words: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
        saying = reaction.saying or Saying("")
        if self._ears_down:
            words.set_exception(EarsDown("simulated"))
            words.exception()  # looked at: whether the dialogue asks for it is its own affair
        elif reaction.garbled or (reaction.confidence < SURE and not saying.text):
            words.set_result(Transcript("", 0.0, rejected="unlikely"))
        else:
            words.set_result(Transcript(saying.text, reaction.confidence))
            self._evidence.said[saying.label] += 1
        return Utterance(max(self._at - 1.5, 0.0), self._at, words)

    async def _pass(self, seconds: float) -> None:
        self._at += seconds
        if not self._quick:
            await asyncio.sleep(seconds)
        self._mind_closed()

    def _mind_closed(self) -> None:
        if self._closed:
            raise LineClosed
