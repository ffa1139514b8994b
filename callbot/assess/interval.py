"""Shares with their 95 % intervals: a figure without one says nothing about a hundred calls."""

from math import sqrt

_Z = 1.959964
"""Two-sided 95 %."""


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval of a share; (0, 1) of nothing. Raises ValueError.

    >>> [round(bound, 3) for bound in wilson(94, 100)]
    [0.875, 0.972]
    """
    if not 0 <= part <= whole:
        raise ValueError(f"part must lie between 0 and {whole}, got {part}")
    if whole == 0:
        return 0.0, 1.0
    seen = part / whole
    middle = seen + _Z * _Z / (2 * whole)
    spread = _Z * sqrt(seen * (1 - seen) / whole + _Z * _Z / (4 * whole * whole))
    scale = 1 + _Z * _Z / whole
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def share(part: int, whole: int) -> dict[str, float | int | list[float] | None]:
    """As reported: the counts, the share, its interval."""
    low, high = wilson(part, whole)
    return {
        "part": part,
        "of": whole,
        "share": round(part / whole, 4) if whole else None,
        "interval": [round(low, 4), round(high, 4)],
    }
