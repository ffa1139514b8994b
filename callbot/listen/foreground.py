"""Who speaks into the telephone, and what only plays in the room: a television is far weaker than the voice at the mouthpiece.

The person's own loudness is learned from their first answers. Speech that stays well below it is background: it takes no turn,
stops no line and is no answer, but it is still worth decoding, because the person may have dropped the telephone.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
STEP_S = 0.02
VOICE = 0.5
BELOW_DB = 18.0
"""This far under the person's own loudness speech is background. People vary by 5 to 8 dB within a call."""
TAIL_DB, TAIL_S = 6.0, 0.3
"""And so much farther right after their voice: sentences trail off."""
RELAX_DB = 9.0
"""Once, where nobody has spoken loudly for long: the telephone may lie on the table now."""
RELAX_AFTER_S = 10.0
KNOWN_AFTER_S = 1.5
"""Seconds of voice from which a person's loudness is known; before, everything counts."""
_SPAN = 10
"""Steps of which the loudest counts, for learning and for holding against it: a voice has soft consonants."""
_FULL_POWER = 32768.0**2
_RISE, _FALL = 0.08, 0.004
"""How fast the known loudness follows a louder and a softer step."""
_STRETCH_S, _MOST_S = 0.6, 6.0
_EVERY_S = 8.0
"""A stretch of background of at least 0.6 s ("살려줘") is handed over, at most 6 s long and once in 8 s: a television never stops."""


@dataclass
class Foreground:
    """One per call; `step` for every 20 ms."""

    loudness_db: float | None = None
    """Of the person's voice, dBFS; None: nobody has spoken."""
    _voiced_s: float = 0.0
    _powers: deque[float] = field(default_factory=lambda: deque(maxlen=_SPAN))
    _behind_s: float = 0.0
    """Since the person was heard at the mouthpiece."""
    _behind_voice_s: float = 0.0
    _relaxed: bool = False
    _since: float | None = None
    _told_at: float = -_EVERY_S

    def step(self, pcm: Pcm, speech: float) -> float:
        """The voice probability, or 0 where it is only background."""
        if speech < VOICE:
            if self._powers:
                self._powers.popleft()
            return speech
        self._powers.append(float(np.mean(pcm.astype(np.float64) ** 2)))
        level = float(10 * np.log10(max(1.0, *self._powers) / _FULL_POWER))
        if self.loudness_db is None or self._voiced_s < KNOWN_AFTER_S:
            self._learn(level)
            return speech
        limit = self.loudness_db - BELOW_DB - (RELAX_DB if self._relaxed else 0.0)
        limit -= TAIL_DB if self._behind_s < TAIL_S else 0.0
        if level < limit:
            self._behind_voice_s += STEP_S
            return 0.0
        self._learn(level)
        self._behind_s = self._behind_voice_s = 0.0
        return speech

    def background(self, at: float, speech: float, counted: float) -> tuple[float, float] | None:
        """A stretch of background speech to be decoded, (start, end) seconds. Called after each step with what went in and came out."""
        self._behind_s += STEP_S
        if self._behind_s >= RELAX_AFTER_S and self._behind_voice_s >= _STRETCH_S:
            self._relaxed = True
        if speech < VOICE:
            return self._stretch(at)
        if counted > 0.0:
            self._since = None
            return None
        if self._since is None:
            self._since = at - STEP_S
        return self._stretch(at) if at - self._since >= _MOST_S else None

    def _stretch(self, at: float) -> tuple[float, float] | None:
        since, self._since = self._since, None
        if since is None or at - since < _STRETCH_S or at - self._told_at < _EVERY_S:
            return None
        self._told_at = at
        return since, at

    def _learn(self, level: float) -> None:
        self._voiced_s += STEP_S
        if self.loudness_db is None:
            self.loudness_db = level
            return
        pace = _RISE if level > self.loudness_db else _FALL
        self.loudness_db += pace * (level - self.loudness_db)
