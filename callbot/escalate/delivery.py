"""Who is handed a message next, and when: the rules of delivery. docs/adr/0017 argues for the one about ambiguity.

The one promise behind all of it: a provider is handed a message again only when it is certain that it did not take it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from callbot.escalate.page_state import PageState
from callbot.escalate.policy import Severity
from callbot.schedule.window import SEOUL

PATIENCE = timedelta(seconds=60)
"""Accepted but not delivered for so long: the next channel."""
SETTLE = timedelta(seconds=15)
"""A provider that says "never got it" may still be working on a request that we gave up; after this it is believed."""
FIRST_QUESTION = timedelta(seconds=1)
"""After an ambiguous answer, until the provider is asked."""
NIGHT_FROM, NIGHT_UNTIL = 21, 8
"""Hours in Seoul at which a care recipient gets no SMS."""
LONGEST_PAUSE_S = {Severity.CRITICAL: 5.0}
PAUSE_S = 30.0


class Channel(StrEnum):
    """How a message reaches a human."""

    SMS = "sms"
    ALIMTALK = "alimtalk"
    VOICE = "voice"
    EMAIL = "email"
    INBOX = "inbox"  # no provider is configured: it stands on the console's page


WRITTEN = frozenset({Channel.SMS, Channel.ALIMTALK, Channel.INBOX})
CALLS_FOR = frozenset({Severity.CRITICAL, Severity.HIGH})
"""A worker is called by telephone only about these."""


@dataclass(frozen=True)
class Route:
    """One provider of this installation."""

    provider: str
    channel: Channel


@dataclass(frozen=True)
class Handed:
    """One earlier hand-over of the message. `pending`: it certainly was not taken."""

    provider: str
    state: PageState


class Doubt(StrEnum):
    """What to do about a message that may or may not have been taken."""

    WAIT = "wait"
    RESEND = "resend"  # to the same provider, which certainly has not got it
    NEXT = "next"


def order_for(routes: Sequence[Route], channel: str, severity: Severity, *, notice: bool = False) -> tuple[str, ...]:
    """The providers that may carry this message, in the order in which they are tried."""
    written = [route.provider for route in routes if route.channel in WRITTEN]
    if notice:
        return tuple(route.provider for route in routes if route.channel in {Channel.SMS, Channel.INBOX})
    if channel == Channel.EMAIL:
        return tuple(route.provider for route in routes if route.channel in {Channel.EMAIL, Channel.INBOX})
    spoken = [route.provider for route in routes if route.channel is Channel.VOICE]
    if channel == Channel.VOICE:
        return (*spoken, *written)
    return (*written, *spoken) if severity in CALLS_FOR else tuple(written)


def next_provider(order: Sequence[str], history: Sequence[Handed]) -> str | None:
    """The next to be handed the message; None: each has taken it, may have taken it, or refuses it."""
    not_again = {one.provider for one in history if one.state is not PageState.PENDING}
    tries = Counter(one.provider for one in history)
    free = [provider for provider in order if provider not in not_again]
    return min(free, key=lambda provider: tries[provider], default=None)


def pause_before(order: Sequence[str], history: Sequence[Handed], severity: Severity) -> timedelta:
    """Until the next hand-over, after one that was certainly not taken: none while another provider is untried."""
    following = next_provider(order, history)
    rounds = sum(one.provider == following for one in history)
    if following is None or rounds == 0:
        return timedelta()
    return timedelta(seconds=min(0.5 * 2**rounds, LONGEST_PAUSE_S.get(severity, PAUSE_S)))


def in_doubt(severity: Severity, age: timedelta, *, never_got: bool, another: bool, notice: bool = False) -> Doubt:
    """After the provider was asked about an ambiguous hand-over. `never_got` False: it cannot say, or cannot be asked.

    `another`: a provider that has not been handed the message is left. A critical page does not wait for certainty: a second
    SMS is better than a late one. A notice to a care recipient is never repeated on a doubt.
    """
    if never_got and age >= SETTLE:
        return Doubt.RESEND
    if notice or not another:
        return Doubt.WAIT
    urgent = severity is Severity.CRITICAL
    return Doubt.NEXT if urgent or (age >= PATIENCE and not never_got) else Doubt.WAIT


def left_over(history: Sequence[Handed]) -> PageState:
    """The state of a message that nobody is left to be handed: the best that is known of it."""
    states = {one.state for one in history}
    best = (PageState.DELIVERED, PageState.SENT, PageState.UNKNOWN, PageState.UNSENT)
    return next((state for state in best if state in states), PageState.FAILED)


def at_night(now: datetime) -> bool:
    """Whether a care recipient is left in peace."""
    hour = now.astimezone(SEOUL).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL
