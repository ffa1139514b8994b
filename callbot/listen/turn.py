r"""Whose turn it is, decided every 20 ms from voice probability, playback and the text so far. Pure: no clock of its own.

An answer (closed question, pause 0.6 s, text arrives 0.5 s after it was asked for):

    line     ##########
    voice              ______====___======______________
    decides                     D1  x1    D2      T(D2)         D decode, x drop, T turn over
    pause                       .28       .28  .6

A backchannel, then a barge-in:

    line     ##########################|  stopped
    voice    ______==________________=====================______
    decides               O          F                       D T   O overheard, F flush playback
                          .8 s later .4 s after the onset

Nothing said, and dead air:

    line     ########                        voice ====______________________
    decides          ................S       decides       D   T ......... A     S silence over, A acknowledge
                     silence_s                                 1.2 s
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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
from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.listen.turn_policy import TurnPolicy

__all__ = ["STEP_S", "Decision", "TurnPolicy", "TurnReducer"]

STEP_S = 0.02
EPSILON = 1e-6
"""Times are multiples of 0.02 in floating point."""


@dataclass
class _Utterance:
    """Speech in progress, with the pauses inside it."""

    onset: float
    end: float
    """End of the last voice that counted."""
    run_start: float
    last_voice: float
    voiced_s: float = 0.0
    pauses: list[float] = field(default_factory=list)
    """Silences inside it so far."""
    decode: DecodeNow | None = None
    stale: bool = False
    """What was left speaking after a cut: stops no line."""


@dataclass
class _Ended:
    """After TurnOver, until the next line or wait."""

    endpoint: float
    utterance: _Utterance
    wanted: ListenFor | None
    acknowledged: bool = False
    resumed: bool = False


@dataclass
class TurnReducer:
    """One per call. `listen` when a line begins (or a wait without one), then `step` for every 20 ms heard."""

    policy: TurnPolicy = field(default_factory=TurnPolicy)

    def __post_init__(self) -> None:
        self._wanted: ListenFor | None = None
        self._interruptible = True
        self._line_since: float | None = None
        self._silent_since = 0.0
        self._voiced = False
        self._flushed = False
        self._utterance: _Utterance | None = None
        self._ended: _Ended | None = None
        self._not_before = 0.0
        self._decodes = 0

    @property
    def speaking(self) -> bool:
        """Somebody is speaking, or is in a pause too short to be called an end."""
        return self._utterance is not None and self._utterance.voiced_s >= self.policy.min_speech_s - EPSILON

    def listen(self, wanted: ListenFor | None, at: float, *, interruptible: bool = True) -> None:
        """A new wait for an answer begins, with the line still to be played, playing or over.

        None: a line after which no answer is awaited; speech in it is Overheard, or takes the turn by barge-in. Speech
        already going on is kept: it belongs to the new wait.
        """
        self._wanted, self._interruptible = wanted, interruptible
        self._silent_since = at
        self._flushed = False
        self._ended = None

    def reopen(self) -> None:
        """Take back the last TurnOver (after Resumed): what is being said belongs to the same turn."""
        ended, self._ended = self._ended, None
        if ended is None:
            return
        before, now = ended.utterance, self._utterance
        if now is not None:
            now.pauses = [*before.pauses, max(0.0, now.onset - before.end), *now.pauses]
            now.onset, now.voiced_s = before.onset, before.voiced_s + now.voiced_s
        self._utterance = now or before
        self._wanted = ended.wanted or ListenFor()
        self._not_before = 0.0

    def step(
        self, at: float, speech: float, playing: bool, ending: SentenceEnding | None = None
    ) -> tuple[Decision, ...]:
        """Decide after the 20 ms that ended at `at`.

        `speech`: voice probability 0..1. `playing`: a line is being played. `ending`: of the text of the decode in force;
        None while it is not there yet, UNKNOWN when it came without words (the turn then ends without waiting more).
        """
        playing = playing and not self._flushed
        self._note_line(at, playing)
        resumed = self._hear(at, speech, playing)
        out: list[Decision] = [*resumed]
        if self._utterance is not None:
            out += self._judge_utterance(at, playing, ending)
        elif self._wanted is not None and not playing:
            out += self._judge_silence(at)
        if self._ended is not None:
            out += self._judge_wait_for_reply(at, playing)
        return tuple(out)

    def finish(self, at: float, within_s: float) -> Iterator[Decision]:
        """The line has closed: silence until what was being said is over, at most so long."""
        for step in range(1, int(within_s / STEP_S)):
            yield from self.step(at + step * STEP_S, 0.0, playing=False)
            if not self.speaking:
                return

    def _note_line(self, at: float, playing: bool) -> None:
        if playing:
            self._silent_since = at
            if self._line_since is None:
                self._line_since = at - STEP_S
        elif self._line_since is not None:
            self._line_since = None
            if self._utterance is not None and self._utterance.stale:
                self._utterance.stale = False
                self._utterance.onset = at

    def _hear(self, at: float, speech: float, playing: bool) -> list[Decision]:
        """Keep the utterance up to date; drop its decode when speech has plainly resumed."""
        policy = self.policy
        begin = policy.playing_threshold if playing else policy.threshold
        self._voiced = speech >= (policy.release if self._voiced else begin)
        utterance = self._utterance
        if not self._voiced:
            return []
        if utterance is None:
            onset = max(self._not_before, at - STEP_S - policy.vad_lag_s)
            utterance = self._utterance = _Utterance(onset, at, at - STEP_S, at)
        elif at - utterance.last_voice - STEP_S > policy.bridge_s + EPSILON:
            utterance.run_start = at - STEP_S
        utterance.last_voice = at
        utterance.voiced_s += STEP_S
        if at - utterance.run_start < policy.resume_s - EPSILON:
            return []
        if utterance.run_start - utterance.end > self.policy.bridge_s:
            utterance.pauses.append(utterance.run_start - utterance.end)
        utterance.end = at
        decode, utterance.decode = utterance.decode, None
        return [] if decode is None else [DropDecode(decode.id)]

    def _judge_utterance(self, at: float, playing: bool, ending: SentenceEnding | None) -> list[Decision]:
        utterance = self._utterance
        if utterance is None:
            return []
        silence = 0.0 if self._voiced else at - utterance.end
        if not self.speaking:
            if silence >= self.policy.click_s - EPSILON:
                self._utterance = None
            return []
        if playing or (self._wanted is None and not self._flushed):
            return self._judge_during_line(at, playing, silence, utterance)
        return self._judge_turn(at, silence, utterance, ending)

    def _judge_during_line(self, at: float, playing: bool, silence: float, utterance: _Utterance) -> list[Decision]:
        out: list[Decision] = []
        if utterance.decode is not None:  # the next line began over a decode of what came before it
            out.append(DropDecode(utterance.decode.id))
            utterance.decode = None
        since = max(utterance.run_start - self.policy.vad_lag_s, self._line_since or 0.0)
        sustained = self._voiced and at - since >= self.policy.barge_in_s - EPSILON
        if playing and self._interruptible and sustained and not utterance.stale:
            self._flushed = True
            return [*out, FlushPlayback(utterance.run_start - self.policy.vad_lag_s)]
        if silence >= self.policy.overheard_after_s - EPSILON:
            self._utterance = None
            out.append(Overheard(*self._span(at, utterance)))
        return out

    def _judge_turn(
        self, at: float, silence: float, utterance: _Utterance, ending: SentenceEnding | None
    ) -> list[Decision]:
        wanted = self._wanted or ListenFor()
        if at - utterance.onset >= wanted.at_most_s - EPSILON:
            return self._end_turn(at, utterance, 0.0, cut=self._voiced)
        if self._voiced or silence < self.policy.decode_after_s - EPSILON:
            return []
        out: list[Decision] = []
        if utterance.decode is None:
            ending = None
            out.append(self._decode(at, utterance))
        pause = self.policy.pause(wanted, ending)
        if self._flushed and ending is SentenceEnding.BARE:  # said into a line: it may be no turn at all
            pause = self.policy.pause(ListenFor(QuestionKind.CLOSED), ending)
        patience = self.policy.text_wait(wanted) if ending is None else 0.0
        if silence >= pause + patience - EPSILON:
            out += self._end_turn(at, utterance, pause, cut=False)
        return out

    def _end_turn(self, at: float, utterance: _Utterance, pause: float, *, cut: bool) -> list[Decision]:
        out: list[Decision] = []
        if cut and utterance.decode is not None:
            out.append(DropDecode(utterance.decode.id))
            utterance.decode = None
        decode = utterance.decode
        if decode is None:
            decode = self._decode(at, utterance)
            out.append(decode)
        over = TurnOver(decode.start_s, decode.end_s, decode.id, cut=cut, pause_s=pause)
        pauses = tuple(round(each, 2) for each in utterance.pauses)
        out.append(replace(over, pauses=pauses, voice_end_s=round(utterance.end, 2)))
        self._ended = _Ended(at if cut else utterance.end + pause, utterance, self._wanted)
        self._utterance = _Utterance(at, at, at, at, utterance.voiced_s, stale=True) if cut else None
        self._wanted, self._flushed, self._not_before = None, False, decode.end_s
        return out

    def _decode(self, at: float, utterance: _Utterance) -> DecodeNow:
        self._decodes += 1
        utterance.decode = DecodeNow(self._decodes, *self._span(at, utterance))
        return utterance.decode

    def _span(self, at: float, utterance: _Utterance) -> tuple[float, float]:
        start = max(self._not_before, utterance.onset - self.policy.preroll_s, 0.0)
        return round(start, 3), round(min(at, utterance.end + self.policy.tail_s), 3)

    def _judge_silence(self, at: float) -> list[Decision]:
        if self._wanted is None or at - self._silent_since < self._wanted.silence_s - EPSILON:
            return []
        self._wanted = None
        return [SilenceOver(round(at - self._silent_since, 3))]

    def _judge_wait_for_reply(self, at: float, playing: bool) -> list[Decision]:
        ended = self._ended
        if ended is None or playing:
            self._ended = None
            return []
        utterance = self._utterance
        if self.speaking and utterance is not None and not utterance.stale and not ended.resumed:
            ended.resumed = True
            return [Resumed(utterance.onset)]
        if not ended.acknowledged and at - ended.endpoint >= self.policy.acknowledge_after_s - EPSILON:
            ended.acknowledged = True
            return [Acknowledge()]
        return []
