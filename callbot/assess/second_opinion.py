"""A language model as second opinion: it may raise, with words that were said; it can lower nothing, whatever it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from callbot.converse.transcript import Turn
from callbot.understand.meaning import Category, Level, Signal
from callbot.understand.sounds import likeness

QUOTE_ALIKE = 90.0
"""Of 100: a quote must sound like something the person said at least this much."""
SHORTEST_QUOTE = 2
"""Syllables; a shorter quote is found in anything."""
MOST = Level.HIGH
"""A model alone raises no higher: an emergency of its finding needs a human's confirmation."""
RULE = "model.opinion"


@dataclass(frozen=True)
class Suspicion:
    """One thing that a model found."""

    category: Category
    level: Level
    quote: str
    """Words of the person, verbatim."""


@dataclass(frozen=True)
class Opinion:
    """What a model made of a call."""

    model: str
    suspicions: tuple[Suspicion, ...] = ()


class OpinionUnavailable(RuntimeError):
    """No opinion was to be had; the message is a short word for the log: timeout, refused, not_json, ..."""


class SecondOpinion(Protocol):
    """A model that reads a transcript."""

    def judge(self, turns: Sequence[Turn]) -> Opinion:
        """Raises OpinionUnavailable, within a time of its own."""


def opinion_signals(
    turns: Sequence[Turn], opinion: Opinion, known: Sequence[Signal], most: Level = MOST
) -> list[Signal]:
    """Signals for what the model found beyond `known`, each resting on words of the person; never more than `most`."""
    worst: dict[Category, Level] = {}
    for signal in known:
        before = worst.get(signal.category, Level.NONE)
        worst[signal.category] = max(before, signal.level, key=lambda level: level.rank)
    found = []
    for suspicion in opinion.suspicions:
        level = min(suspicion.level, most, key=lambda each: each.rank)
        turn = _said(turns, suspicion.quote)
        if turn is None or level.rank <= worst.get(suspicion.category, Level.NONE).rank:
            continue
        worst[suspicion.category] = level
        found.append(
            Signal(
                category=suspicion.category,
                level=level,
                rule=RULE,
                quote=suspicion.quote.strip(),
                reason=f"'{suspicion.quote.strip()}'라는 말씀을 인공지능 모형이 살펴볼 만하다고 보아, 사람의 확인을 청합니다.",
                detector="model",
                rule_version=opinion.model,
                turn=turn.index,
                audio_offset_s=turn.audio_offset_s,
                unconfirmed=True,
            )
        )
    return found


def _said(turns: Sequence[Turn], quote: str) -> Turn | None:
    """The person's turn that holds the quote."""
    if sum("가" <= character <= "힣" for character in quote) < SHORTEST_QUOTE:
        return None
    spoken = [turn for turn in turns if turn.who == "person" and not turn.rejected]
    literal = next((turn for turn in spoken if quote.strip() in turn.text), None)
    return literal or next((turn for turn in spoken if _alike(quote, turn.text)), None)


def _alike(quote: str, text: str) -> bool:
    shorter = sum(map(str.isalnum, text)) < sum(map(str.isalnum, quote))
    return not shorter and likeness(quote, text, QUOTE_ALIKE) is not None
