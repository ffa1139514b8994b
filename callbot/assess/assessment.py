"""The judgement of a whole call: the worst finding decides, never a mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callbot.assess.whole_call import not_understood, too_little_understood, whole_call_signals
from callbot.converse.transcript import Turn
from callbot.understand.meaning import (
    CHECK_IN_TOPICS,
    SPECIAL_TOPICS,
    AnswerValue,
    Category,
    Level,
    Request,
    Signal,
    Topic,
)

ASSESSMENT_VERSION = "1"
"""Of the rules in this package; those of the lexicon have their own."""


@dataclass(frozen=True)
class Assessment:
    """What a call came to. The same input and versions give the same value, in the same order."""

    level: Level
    """The worst category, `unassessable` where nothing was found and too little was understood."""
    categories: dict[Category, Level]
    """Only those at watch or above, in the order of Category."""
    answers: dict[Topic, AnswerValue]
    """Every check-in topic, in the order of the script."""
    requests: tuple[Request, ...] = ()
    signals: tuple[Signal, ...] = ()
    """Worst first; those that guards brought down to `none` are kept, last."""
    reasons: tuple[str, ...] = ()
    """One Korean sentence for each signal at watch or above, worst first."""
    unassessable: bool = False
    """Too little was understood to rely on; may be true beside a level that was found."""
    versions: dict[str, str] = field(default_factory=dict)


def assess(
    turns: Sequence[Turn],
    signals: Sequence[Signal],
    answers: Mapping[Topic, AnswerValue],
    requests: Sequence[Request],
    *,
    versions: Mapping[str, str] | None = None,
) -> Assessment:
    """`signals` of every utterance; this adds those that only the whole call shows. `versions`: e.g. lexicon digest."""
    known = {topic: answers.get(topic, AnswerValue.NOT_ASKED) for topic in CHECK_IN_TOPICS}
    known |= {topic: value for topic, value in answers.items() if topic in SPECIAL_TOPICS}
    everything = sorted([*signals, *whole_call_signals(signals, known), *not_understood(turns, known)], key=_order)
    categories = _by_category(everything)
    level = max(categories.values(), key=lambda each: each.rank, default=Level.NONE)
    unassessable = too_little_understood(turns, known)
    return Assessment(
        level=Level.UNASSESSABLE if unassessable and level is Level.NONE else level,
        categories=categories,
        answers=known,
        requests=_once(requests),
        signals=tuple(everything),
        reasons=tuple(dict.fromkeys(signal.reason for signal in everything if signal.level.rank > 0)),
        unassessable=unassessable,
        versions={"assessment": ASSESSMENT_VERSION, **dict(sorted((versions or {}).items()))},
    )


def _order(signal: Signal) -> tuple[int, int, str, str]:
    return (-signal.level.rank, signal.turn, signal.rule, signal.quote)


def _by_category(signals: Sequence[Signal]) -> dict[Category, Level]:
    worst: dict[Category, Level] = {}
    for category in Category:
        levels = [signal.level for signal in signals if signal.category is category and signal.level.rank > 0]
        if levels:
            worst[category] = max(levels, key=lambda each: each.rank)
    return worst


def _once(requests: Sequence[Request]) -> tuple[Request, ...]:
    """The first of each kind, in the order of the call."""
    first: dict[str, Request] = {}
    for request in sorted(requests, key=lambda each: (each.turn, each.kind, each.quote)):
        first.setdefault(request.kind, request)
    return tuple(first.values())
