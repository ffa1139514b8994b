"""What every figure is published with: machine, date, load; and percentiles."""

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_CPUINFO = Path("/proc/cpuinfo")


def circumstances() -> dict[str, Any]:
    """Of a measurement that begins now. `load_1m`: what else the machine was doing; latencies above 1 or 2 are suspect."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": {"cpu": _processor(), "cores": os.cpu_count(), "memory_gb": _memory_gb(), "os": platform.platform()},
        "python": platform.python_version(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def percentile(values: Iterable[float], percent: float) -> float:
    """Nearest rank. Raises IndexError without values.

    >>> percentile([3, 1, 2], 50), percentile([1, 2, 3, 4], 95)
    (2, 4)
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


def spread(values: list[float]) -> dict[str, Any]:
    """Count, median, 95th percentile, maximum in seconds; only the count where there is nothing.

    >>> spread([0.5, 1.0, 0.7])
    {'n': 3, 'p50_s': 0.7, 'p95_s': 1.0, 'max_s': 1.0}
    """
    if not values:
        return {"n": 0}
    return {
        "n": len(values),
        "p50_s": round(percentile(values, 50), 3),
        "p95_s": round(percentile(values, 95), 3),
        "max_s": round(max(values), 3),
    }


def _processor() -> str:
    try:
        lines = _CPUINFO.read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)
