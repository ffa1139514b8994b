"""G.711 A-law to linear PCM and back, by table. (The standard library's audioop is gone in Python 3.13.)"""

import numpy as np
from numpy.typing import NDArray

ALAW_SILENCE = 0xD5
"""The A-law byte of the smallest positive level."""


def _decode_one(byte: int) -> int:
    """ITU-T G.711 table 1, scaled to 16 bits."""
    value = byte ^ 0x55
    exponent, mantissa = (value >> 4) & 0x07, value & 0x0F
    magnitude = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return magnitude if value & 0x80 else -magnitude


_TO_PCM: NDArray[np.int16] = np.array([_decode_one(byte) for byte in range(256)], dtype=np.int16)
_ORDER = np.argsort(_TO_PCM, kind="stable")
_LEVELS = _TO_PCM[_ORDER].astype(np.int32)
# Halfway between neighbours: every 16-bit sample goes to the nearest level.
_EDGES = (_LEVELS[:-1] + _LEVELS[1:] + 1) // 2
_TO_ALAW: NDArray[np.uint8] = _ORDER[
    np.searchsorted(_EDGES, np.arange(-32768, 32768, dtype=np.int32), side="right")
].astype(np.uint8)


def alaw_to_pcm(alaw: bytes) -> NDArray[np.int16]:
    """Samples of A-law bytes, one each."""
    return _TO_PCM[np.frombuffer(alaw, dtype=np.uint8)]


def pcm_to_alaw(pcm: NDArray[np.int16]) -> bytes:
    """A-law bytes of samples, to the nearest level."""
    return _TO_ALAW[pcm.astype(np.int32) + 32768].tobytes()
