"""A language model beside the live calls: asked while the script speaks, masked, checked, voiced; never waited for."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Protocol

import structlog

from callbot.converse.advice import Advice, AdviceFailure, AdviceUnavailable, Proposal, Situation
from callbot.converse.advice_check import AdviceCheck
from callbot.converse.commands import Line
from callbot.converse.events import Advised
from callbot.converse.masking import Masking
from callbot.converse.sentence_guards import SentenceGuards
from callbot.talk.advice_tally import AdviceTally
from callbot.talk.circuit import Circuit
from callbot.talk.faults import place_of
from callbot.talk.ports import Voice
from callbot.understand.morphemes import MorphemeAnalyser

VOICE_S = 2.0
"""A sentence that takes longer to make than this is not spoken; it would come when the talk is elsewhere."""
PROBE_AGAIN_S = 300.0

log = structlog.get_logger()


class Adviser(Protocol):
    """A model. Both methods end by themselves, in seconds."""

    @property
    def ready(self) -> bool:
        """It was found to give structured output."""

    async def look(self) -> str:
        """Find out what it can do; one word for the log. Never raises."""

    async def advise(self, situation: Situation) -> Proposal:
        """Raises AdviceUnavailable."""

    async def close(self) -> None:
        """Close the connections."""


class SpeakNow(Protocol):
    """A voice that makes one sentence at once."""

    async def speak(self, text: str) -> bytes:
        """G.711 alaw at 8 kHz, kept nowhere: it may hold what somebody said. Raises whatever goes wrong."""


class FreshVoice:
    """The rendered lines, and the sentences made in this call."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self.fresh: dict[str, bytes] = {}

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:
        """See talk.ports.Voice."""
        return self.fresh.get(text) or self._voice.clip(text, slow=slow)


class Advising:
    """One for all calls of a process."""

    def __init__(
        self,
        adviser: Adviser,
        analyser: MorphemeAnalyser,
        voice: Voice,
        speak_now: SpeakNow | None,
        tally: AdviceTally | None = None,
    ) -> None:
        """`speak_now` None: sentences are spoken only where their clip is there already."""
        self.adviser = adviser
        self.analyser = analyser
        self.guards = SentenceGuards(analyser)
        self.voice = voice
        self.speak_now = speak_now
        self.model_circuit = Circuit()
        self.voice_circuit = Circuit(failures=2, rest_s=300.0)
        self.tally = tally or AdviceTally()
        self._looking: asyncio.Task[None] | None = None
        self._looked_at: float | None = None

    def look(self) -> None:
        """Find out in the background what the server can do, unless that is known, or was tried in the last minutes."""
        now = asyncio.get_running_loop().time()
        recently = self._looked_at is not None and now - self._looked_at < PROBE_AGAIN_S
        if self.adviser.ready or recently:
            return
        self._looked_at = now
        self._looking = asyncio.create_task(self._look(), name="model_probe")

    async def _look(self) -> None:
        found = await self.adviser.look()
        log.info("model_probed", found=found, ready=self.adviser.ready)

    async def close(self) -> None:
        """The service ends."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self.adviser.close()

    def for_call(self, name: str) -> "CallAdvice":
        """`name`: the person's, which is never sent nor spoken."""
        self.look()
        return CallAdvice(self, name)


class CallAdvice:
    """One call's conversation with the model."""

    def __init__(self, advising: Advising, name: str) -> None:
        self._all = advising
        self._masking = Masking(advising.analyser, name)
        self._check = AdviceCheck(advising.guards, self._masking, name)
        self.voice = FreshVoice(advising.voice)
        self.counts: Counter[str] = Counter()
        self._thinking: asyncio.Task[Advice | None] | None = None
        self._checked: Advice | None = None
        """Of the thought under way, before its sentences have a voice."""
        self._late: set[asyncio.Task[Advice | None]] = set()

    def consult(self, situation: Situation) -> bool:
        """Begin to think about this reply; False: the model is away or resting."""
        self._set_aside()
        if not self._all.adviser.ready or not self._all.model_circuit.allows(_now()):
            self.counts["not_asked"] += 1
            return False
        self.counts["asked"] += 1
        self._thinking = asyncio.create_task(self._think(situation), name="advice")
        return True

    async def take(self, wait_s: float) -> Advised:
        """What was thought, waiting at most so long. Sentences whose voice is not ready by then are left out."""
        late = self._take_late()
        task = self._thinking
        if task is None:
            return Advised(None, late)
        await asyncio.wait({task}, timeout=wait_s)
        if task.done():
            self._thinking = None
            return Advised(task.result(), late)
        if self._checked is None:
            self.counts["late"] += 1
            self._set_aside()
            return Advised(None, late)
        self._thinking = None
        self._voice_was_late()
        task.cancel()
        return Advised(replace(self._checked, say=None, ask=None), late)

    async def close(self) -> None:
        """The call is over: nothing is thought about any more. The counts go to the log and the tally."""
        self._set_aside()
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        if self.counts:
            log.info("advice_in_call", **dict(sorted(self.counts.items())))
            await asyncio.to_thread(self._all.tally.add, self.counts)

    # -- thinking ------------------------------------------------------------------------------------------------------

    async def _think(self, situation: Situation) -> Advice | None:
        self._checked = None
        try:
            masked = await asyncio.to_thread(self._masked, situation)
            proposal = await self._all.adviser.advise(masked)
            self._all.model_circuit.worked()
            advice = await asyncio.to_thread(self._check.check, proposal, situation)
            self.counts.update(f"blocked_{guard}" for guard in advice.blocked)
            self._checked = advice
            return replace(advice, say=await self._voiced(advice.say), ask=await self._voiced(advice.ask))
        except AdviceUnavailable as unavailable:
            self._failed(unavailable.failure)
        except Exception as error:  # noqa: BLE001 - the boundary of one thought: the call goes on without it
            self._failed(AdviceFailure.CORRUPT)
            log.error("advice_broken", error=type(error).__name__, at=place_of(error))
        return None

    def _failed(self, failure: AdviceFailure) -> None:
        self.counts[f"failed_{failure.value}"] += 1
        self._all.model_circuit.failed(_now())

    def _masked(self, situation: Situation) -> Situation:
        mask = self._masking.mask
        return replace(situation, said=mask(situation.said), earlier=tuple(map(mask, situation.earlier)))

    async def _voiced(self, line: Line | None) -> Line | None:
        """The line, once there is a clip of it; None where there will be none in time."""
        if line is None or self.voice.clip(line.text) is not None:
            return line
        voice = self._all.speak_now
        if voice is None or not self._all.voice_circuit.allows(_now()):
            self.counts["unvoiced"] += 1
            return None
        try:
            async with asyncio.timeout(VOICE_S):
                self.voice.fresh[line.text] = await voice.speak(line.text)
        except Exception as error:  # noqa: BLE001 - the boundary of one sentence: the script's own is rendered already
            self._voice_was_late()
            log.info("sentence_not_voiced", error=type(error).__name__)
            return None
        self._all.voice_circuit.worked()
        self.counts["voiced"] += 1
        return line

    def _voice_was_late(self) -> None:
        self.counts["voice_late"] += 1
        self._all.voice_circuit.failed(_now())

    def _set_aside(self) -> None:
        """The talk goes on; what comes of the thought is still noted."""
        if self._thinking is not None:
            self._late.add(self._thinking)
            self._thinking = None

    def _take_late(self) -> tuple[Advice, ...]:
        done = {task for task in self._late if task.done()}
        self._late -= done
        found = (task.result() for task in done if not task.cancelled())
        return tuple(replace(advice, say=None, ask=None) for advice in found if advice is not None)


def _now() -> float:
    return asyncio.get_running_loop().time()
