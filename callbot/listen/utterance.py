"""What the recogniser made of one utterance."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weighed:
    """Another sentence, held against the same sound."""

    text: str
    against: float
    """Its log likelihood less that of the recognised text: 0 is as likely, -5 is 150 times less likely."""


@dataclass(frozen=True)
class Transcript:
    """Words, or the reason why there are none."""

    text: str
    """Empty where `rejected`."""
    confidence: float
    """0..1, from the mean log probability of the tokens."""
    rejected: str | None = None
    """`no_speech`, `loop`, `phrase`, `too_short`, `too_fast`, `unlikely`; None: accepted."""
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    seconds: float = 0.0
    """Length of the audio."""
    cpu_seconds: float = 0.0
    alternatives: tuple[str, ...] = ()
    """Other hypotheses of the beam, best first, without `text`."""
    weighed: tuple[Weighed, ...] = ()
    """Other hypotheses, expected answers and denials of `text`, where the recogniser can weigh them."""
