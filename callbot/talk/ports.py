"""What talk and line need of the outside; adapters implement these, bootstrap hands them in."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from callbot.listen.utterance import Transcript

Pcm = NDArray[np.int16]
"""Mono, 8 kHz."""


class Ears(Protocol):
    """Speech recognition."""

    async def transcribe(self, pcm: Pcm, *, words: tuple[str, ...] = ()) -> Transcript:
        """Words of one utterance, or a rejection. `words`: expected answers, a weak bias. Raises EarsDown."""

    def backlog(self) -> int:
        """Decodes waiting or running; admission control places no call while this is high."""


class EarsDown(RuntimeError):
    """Recognition is not available; the call goes on degraded."""


class Voice(Protocol):
    """Lines ready to be spoken."""

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:
        """G.711 alaw at 8 kHz, or None where the line has not been rendered. Never renders."""
