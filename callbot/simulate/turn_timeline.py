"""Turns of people who pause inside their sentences, heard by the real turn reducer: who is cut off, and how long others wait.

Voice probabilities are of real speech (Silero on rendered answers through G.711), the text in each pause is what the recogniser
made of the beginning so far, and its delay what the decode cost. Pauses are drawn; nothing else is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from callbot.listen.decisions import DecodeNow, DropDecode, Resumed, TurnOver
from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.listen.pause_model import KEPT, policy_for, usable
from callbot.listen.turn import STEP_S, TurnReducer
from callbot.listen.turn_policy import TurnPolicy
from callbot.listen.utterance import Transcript

QUIET = 0.02
"""Voice probability of a silent line."""
LONGEST_PAUSE_S = 2.5
SHORTEST_PAUSE_S = 0.2
GAP_S = (0.3, 1.2)
"""Before an answer begins."""
REPLY_S = 0.1
"""From the end of a turn, its words there, to the first sound of the reply: who speaks again before it is not cut off."""


@dataclass(frozen=True)
class SpokenAnswer:
    """One answer in parts. `heard[i]`, `delays_s[i]`: what the beginning up to and including part i was heard as, and after how long."""

    kind: QuestionKind
    speech: tuple[tuple[float, ...], ...]
    """Voice probabilities of each part, one a 20 ms step."""
    heard: tuple[Transcript, ...]
    delays_s: tuple[float, ...]
    inside: tuple[bool, ...] = ()
    """Of each pause: it lies inside a sentence. False: after "네" or "글쎄요", which may be all."""


@dataclass(frozen=True)
class Turned:
    """What came of one turn. Seconds."""

    kind: QuestionKind
    cut_in: bool
    """The reply began before the person had said their last part."""
    inside: bool
    """And that was inside a sentence."""
    delay_s: float
    """From the last voice to the end of the turn; of a turn that was cut off: 0."""
    cut_pause_s: float = 0.0
    """The pause that was taken for the end."""
    cut_ending: SentenceEnding | None = None
    pauses_s: tuple[float, ...] = ()
    """As drawn."""
    seen_s: tuple[float, ...] = ()
    """As the reducer saw them."""


@dataclass(frozen=True)
class PauseHabit:
    """How a person pauses inside sentences: log-normal, cut at LONGEST_PAUSE_S."""

    median_s: float = 0.6
    spread: float = 0.55
    """Standard deviation of the logarithm."""

    def draw(self, random: Random) -> float:
        """Seconds; what would be longer than the longest is drawn again."""
        while True:
            pause = random.lognormvariate(0.0, self.spread) * self.median_s
            if pause <= LONGEST_PAUSE_S:
                return max(SHORTEST_PAUSE_S, pause)


@dataclass
class _Ears:
    """Hands over the ending of a beginning when its decode would be done."""

    answer: SpokenAnswer
    endings: Sequence[SentenceEnding]
    said: int = 0
    """Parts that have begun."""
    decoded: int = 0
    """Parts in the decode in force."""
    ready_at: float | None = None
    ending: SentenceEnding | None = None

    def start(self, at: float) -> None:
        self.decoded = max(1, self.said)
        index = self.decoded - 1
        self.ready_at, self.ending = at + self.answer.delays_s[index], self.endings[index]

    def drop(self) -> None:
        self.ready_at = None

    def heard(self, at: float) -> SentenceEnding | None:
        return self.ending if self.ready_at is not None and at >= self.ready_at else None


def hold_turn(
    answer: SpokenAnswer,
    pauses_s: Sequence[float],
    policy: TurnPolicy,
    ending_of: Callable[[Transcript], SentenceEnding],
    gap_s: float = 0.5,
) -> Turned:
    """One answer to one question."""
    ears = _Ears(answer, [ending_of(heard) for heard in answer.heard])
    reducer = TurnReducer(policy)
    reducer.listen(ListenFor(answer.kind), 0.0)
    track = list(_track(answer, pauses_s, gap_s))
    last_voice = max(index for index, (speech, _) in enumerate(track) if speech >= policy.release) * STEP_S + STEP_S
    over: TurnOver | None = None
    for index, (speech, said) in enumerate(track):
        at = round((index + 1) * STEP_S, 3)
        ears.said = said
        for decision in reducer.step(at, speech, playing=False, ending=ears.heard(at)):
            match decision:
                case DecodeNow():
                    ears.start(at)
                case DropDecode():
                    ears.drop()
                case TurnOver():
                    over = decision
                case Resumed() if over is not None:
                    reducer.reopen()
                    over = None
                case _:
                    pass
        if over is not None and ears.heard(at) is not None and at >= (ears.ready_at or 0.0) + REPLY_S:
            ended = at - REPLY_S
            number = ears.decoded
            cut = number < len(answer.speech)
            return Turned(
                answer.kind,
                cut,
                cut and answer.inside[number - 1],
                0.0 if cut else round(ended - last_voice, 3),
                cut_pause_s=pauses_s[number - 1] if cut else 0.0,
                cut_ending=ears.ending if cut else None,
                pauses_s=tuple(pauses_s),
                seen_s=over.pauses,
            )
    raise AssertionError("four seconds of silence end every turn")


def _track(answer: SpokenAnswer, pauses_s: Sequence[float], gap_s: float) -> Iterator[tuple[float, int]]:
    """(voice probability, parts that have begun) step by step."""
    yield from [(QUIET, 0)] * round(gap_s / STEP_S)
    for index, (part, pause) in enumerate(zip(answer.speech, [*pauses_s, 6.0], strict=True), 1):
        yield from ((speech, index) for speech in part)
        yield from [(QUIET, index)] * round(pause / STEP_S)


HABITS = (PauseHabit(0.35, 0.5), PauseHabit(0.5), PauseHabit(0.65), PauseHabit(0.85, 0.5))
"""Quick, usual, slow, very slow: 2, 10, 22 and 37 % of their pauses are longer than a second."""


@dataclass(frozen=True)
class Talk:
    """So many people, each called so often."""

    people: int = 25
    calls: int = 5
    turns: int = 10
    """A call."""
    seed: int = 4


def hold_talks(
    answers: Sequence[SpokenAnswer], ending_of: Callable[[Transcript], SentenceEnding], talk: Talk, policy: TurnPolicy
) -> Iterator[tuple[int, PauseHabit, Turned]]:
    """(call, habit, turn): pauses are learned between the calls of a person as they are in service."""
    ending = cache(ending_of)
    for person in range(talk.people):
        random = Random(f"{talk.seed}/{person}")  # noqa: S311 - a simulation
        habit, known = HABITS[person % len(HABITS)], list[float]()
        for call in range(talk.calls):
            own, seen = policy_for(known, policy), list[float]()
            for _ in range(talk.turns):
                answer = random.choice(answers)
                pauses = [habit.draw(random) for _ in answer.speech[1:]]
                turned = hold_turn(answer, pauses, own, ending, random.uniform(*GAP_S))
                seen += turned.seen_s
                seen += [turned.cut_pause_s] if turned.cut_in else []
                yield call, habit, turned
            known = [*known, *usable(seen)][-KEPT:]
