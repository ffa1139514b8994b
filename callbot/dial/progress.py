"""What is asked of the switchboard and what it reports back, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class CallOrder:
    """One call to place. The same `attempt_key` is never placed twice."""

    attempt_key: str
    """1..64 of A-Z a-z 0-9 _ . - ; it becomes the channel id `bot-<attempt_key>`."""
    dial_string: str
    """What Asterisk's Dial() takes: PJSIP/phones/sip:NUMBER@127.0.0.1:PORT, or PJSIP/NUMBER@TRUNK."""
    caller_number: str
    """Shown to the person; digits."""
    caller_name: str = ""
    ring_s: float = 30.0
    variables: Mapping[str, str] = field(default_factory=dict)
    """Further channel variables of the dialplan."""


class ProgressKind(StrEnum):
    """Steps of a call, in the order in which they can come."""

    BOT_LEG_FAILED = "bot_leg_failed"  # our media server did not answer: nobody's phone rang
    PREDIAL = "predial"  # the bot is on the line, the person's phone is about to be called
    RINGING = "ringing"
    PROGRESS = "progress"  # early media: 컬러링 or an announcement, before any answer
    ANSWERED = "answered"
    TALKING = "talking"  # in a room, after the answer: this call's other end begins to speak ...
    QUIET = "quiet"  # ... and has stopped; both may come many times
    ENDED = "ended"  # exactly one per originate, always the last


@dataclass(frozen=True)
class CallEvidence:
    """All that is known of a call when it is over; what `causes.attempt_end` judges."""

    cause: int | None = None
    """Q.850 cause of the person's leg; None: there was no such leg, or we never learnt it."""
    tech_cause: int | None = None
    """SIP status of the person's leg; None: no SIP answer ended it."""
    ringing_seen: bool = False
    early_media: bool = False
    answered: bool = False
    dial_status: str | None = None
    """DIALSTATUS of the dialplan: NOANSWER with no SIP answer is our own ring timeout."""
    bot_leg_failed: bool = False
    bot_died: bool = False
    """The bot's leg broke; a person who was on the line heard the apology."""
    dial_refused: bool = False
    """The dialplan's guard would not dial this."""
    hung_up_by_us: bool = False
    lost: bool = False
    """Asterisk restarted, or its events were missed: the call is gone and nobody said how."""


@dataclass(frozen=True)
class CallProgress:
    """One step of one call."""

    attempt_key: str
    kind: ProgressKind
    at: float
    """Monotonic seconds of our clock when it was read."""
    cause: int | None = None
    tech_cause: int | None = None
    evidence: CallEvidence | None = None
    """With `ended` only."""
