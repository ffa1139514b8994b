"""What a language model is told about one reply, what it may propose, and how its failures are called. The script decides."""

from dataclasses import dataclass, field
from enum import StrEnum

from callbot.converse.commands import Line
from callbot.converse.memory_candidate import MemoryCandidate
from callbot.understand.meaning import AnswerValue, Request, Topic


class AdviceFailure(StrEnum):
    """Why there is no advice. Whatever it is, the script goes on with its own words."""

    TIMEOUT = "timeout"  # nothing complete within our own deadline, whoever was slow
    UNREACHABLE = "unreachable"  # no connection, or it broke
    LIMITED = "limited"  # 429
    SERVER = "server"  # 5xx
    REQUEST = "request"  # another 4xx: the server does not take what we send
    TRUNCATED = "truncated"  # it stopped early: `length`, or no finish_reason at all
    CORRUPT = "corrupt"  # no JSON, or no stream of events
    SCHEMA = "schema"  # JSON, but not what was asked for
    EMPTY = "empty"
    REFUSED = "refused"  # a refusal, or a content filter
    BABBLE = "babble"  # more text than any advice has
    OFF = "off"  # the breaker is open, or the server can give no structured output


class AdviceUnavailable(Exception):
    """The only outcome of everything that can go wrong with a model."""

    def __init__(self, failure: AdviceFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True)
class Situation:
    """One reply of the person, as a model sees it. Only this call, and only as much of it as is needed."""

    topic: Topic
    question: str
    """The bot's own words."""
    said: str
    """The person's words."""
    turn: int
    by_rules: AnswerValue
    """What the rules made of it; `unsure` is all that a model can change."""
    earlier: tuple[str, ...] = ()
    """The person's last replies before this one, oldest first."""
    may_ask: bool = True
    """A question more is welcome."""


@dataclass(frozen=True)
class Proposal:
    """What a model answered, well-formed but not believed yet: see advice_check.py."""

    answer: AnswerValue = AnswerValue.UNSURE
    quote: str = ""
    """The words of the person that `answer` rests on."""
    empathy: str = ""
    question: str = ""
    requests: tuple[tuple[str, str], ...] = ()
    """(kind, quote)"""
    memories: tuple[tuple[str, str, str], ...] = ()
    """(kind, about, quote)"""


@dataclass(frozen=True)
class Advice:
    """What is left of a proposal after all checks; safe to act on and to speak."""

    topic: Topic
    turn: int
    bad: str | None = None
    """Words of the person that are a worrying answer, where the rules were unsure. A model makes nothing fine."""
    say: Line | None = None
    """One sentence of empathy."""
    ask: Line | None = None
    """One question."""
    requests: tuple[Request, ...] = ()
    memories: tuple[MemoryCandidate, ...] = ()
    blocked: tuple[str, ...] = field(default=(), compare=False)
    """Guards that took something out: `relief`, `promise`, `ungrounded`, ..."""
