"""What 20 ms of a call are: the person's voice, our own echo, a room behind them, a tone of the network."""

from dataclasses import dataclass

from callbot.line.g711 import alaw_to_pcm
from callbot.line.ports import Pcm, VoiceActivity
from callbot.listen.echo import EchoGate
from callbot.listen.foreground import Foreground
from callbot.listen.tones import LISTEN_S, TELLING, Tone, ToneListener
from callbot.listen.turn import STEP_S, TurnPolicy

FRAME = 160


@dataclass(frozen=True)
class Step:
    """20 ms."""

    speech: float
    """Probability that the person speaks to us: 0 where it is our echo or the room."""
    tone: Tone | None = None
    background: tuple[float, float] | None = None
    """A stretch of the room's speech that ends here, seconds: no answer, but worth decoding."""


class Hearing:
    """One per call."""

    def __init__(self, voice_activity: VoiceActivity) -> None:
        self._vad = voice_activity
        self._tones = ToneListener()
        self._echo = EchoGate()
        self._room = Foreground()
        self._clip = b""
        self._began = 0

    def played(self, clip: bytes, at_s: float) -> None:
        """A clip began to be played at `at_s`; empty: it was stopped."""
        self._clip, self._began = clip, round(at_s / STEP_S)

    def step(self, pcm: Pcm, at_s: float) -> Step:
        """After the 20 ms that ended at `at_s`."""
        probability = self._vad.step(pcm)
        self._echo.step(pcm, self._playing(round(at_s / STEP_S) - 1))
        tone = self._tones.step(pcm) if at_s < LISTEN_S else None
        if probability >= TurnPolicy.release and self._echo.is_echo:
            return Step(0.0, tone if tone in TELLING else None)
        speech = self._room.step(pcm, probability)
        background = self._room.background(at_s, probability, speech)
        return Step(speech, tone if tone in TELLING else None, background)

    def _playing(self, step: int) -> Pcm | None:
        at = (step - self._began) * FRAME
        return alaw_to_pcm(self._clip[at : at + FRAME]) if 0 <= at < len(self._clip) else None
