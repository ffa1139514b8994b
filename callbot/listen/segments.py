"""Recorded audio cut into utterances by the same reducer that listens to a live call."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from callbot.listen.decisions import TurnOver
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.listen.turn import STEP_S, TurnPolicy, TurnReducer


@dataclass(frozen=True)
class Segment:
    """Seconds from the start of the recording."""

    start_s: float
    end_s: float


def segments(speech: Iterable[float], policy: TurnPolicy | None = None, *, at_most_s: float = 20.0) -> list[Segment]:
    """Utterances of a recording. `speech`: one voice probability a 20 ms step."""
    policy = replace(policy or TurnPolicy(), text_wait_s=0.0)
    wanted = ListenFor(QuestionKind.OPEN, silence_s=float("inf"), at_most_s=at_most_s)
    reducer = TurnReducer(policy)
    reducer.listen(wanted, 0.0)
    found: list[Segment] = []
    steps = list(speech)
    end = len(steps) * STEP_S
    steps += [0.0] * round((policy.pause(wanted, None) + 1.0) / STEP_S)
    for index, probability in enumerate(steps, 1):
        at = round(index * STEP_S, 3)
        for decision in reducer.step(at, probability, playing=False):
            if isinstance(decision, TurnOver):
                found.append(Segment(decision.start_s, min(decision.end_s, end)))
                reducer.listen(wanted, at)
    return found
