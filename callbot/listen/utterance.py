"""What the recogniser made of one utterance."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Transcript:
    """Words, or the reason why there are none."""

    text: str
    """Empty where `rejected`."""
    confidence: float
    """0..1, from the mean log probability of the tokens."""
    rejected: str | None = None
    """`no_speech`, `loop`, `phrase`, `prompt_echo`, `too_short`, `too_fast`, `unlikely`; None: accepted."""
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    seconds: float = 0.0
    """Length of the audio."""
    cpu_seconds: float = 0.0
    alternatives: tuple[str, ...] = ()
    """Other hypotheses of the beam, best first, without `text`."""
