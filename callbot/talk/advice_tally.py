"""How often the model was asked, failed, and was blocked by which guard, over all calls of this machine. Counts only."""

import json
import threading
from collections import Counter
from pathlib import Path

FILE = "model-tally.json"


class AdviceTally:
    """Kept in a small file beside the database, for `callbot doctor`; without a path only in memory. Safe in any thread."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.counts: Counter[str] = read_tally(path) if path else Counter()

    def add(self, counts: Counter[str]) -> None:
        """One call's. A file that cannot be written is no reason to end a call."""
        with self._lock:
            self.counts.update(counts)
            if self._path is None:
                return
            half = self._path.with_suffix(".part")
            try:
                half.write_text(json.dumps(dict(sorted(self.counts.items()))), "utf-8")
                half.replace(self._path)
            except OSError:
                half.unlink(missing_ok=True)


def read_tally(path: Path) -> Counter[str]:
    """Empty where there is none, or where it cannot be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return Counter()
    return Counter({str(name): int(count) for name, count in found.items()}) if isinstance(found, dict) else Counter()
