"""The watch's own copy of today: sealed on the local disk, readable when service and database are dead."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from callbot.store.keys import CannotOpen, Keyring
from callbot.watch.missing import NotCalled

PLACE = "watch.today"
VERSION = 1


@dataclass(frozen=True)
class ListReader:
    """An account that may read the list."""

    login: str
    password_hash: str
    programme_id: int | None
    """None: every programme."""


@dataclass(frozen=True)
class Today:
    """Everything that the watch needs when nothing else answers."""

    made_at: datetime
    """By the ledger's clock: how old the list is."""
    people: tuple[NotCalled, ...]
    numbers: tuple[str, ...]
    """E.164 of those whom the watch pages."""
    readers: tuple[ListReader, ...]
    district: str
    clock_offset_s: float = 0.0
    """The demo's clock, so that a watch without a database still knows what day it is there."""


def as_json(today: Today) -> dict[str, Any]:
    """Plain values."""
    return {
        "version": VERSION,
        "made_at": today.made_at.isoformat(),
        "people": [one.as_json() for one in today.people],
        "numbers": list(today.numbers),
        "readers": [asdict(reader) for reader in today.readers],
        "district": today.district,
        "clock_offset_s": today.clock_offset_s,
    }


def from_json(raw: dict[str, Any]) -> Today:
    """Raises KeyError, TypeError or ValueError for what is no copy of ours."""
    if raw["version"] != VERSION:
        raise ValueError(f"copy of version {raw['version']}")
    return Today(
        made_at=datetime.fromisoformat(raw["made_at"]),
        people=tuple(NotCalled.from_json(one) for one in raw["people"]),
        numbers=tuple(raw["numbers"]),
        readers=tuple(ListReader(**one) for one in raw["readers"]),
        district=raw["district"],
        clock_offset_s=raw["clock_offset_s"],
    )


REWRITE = timedelta(seconds=60)
"""An unchanged copy is written again after so long, so that its age says when the ledger last answered."""


class SealedCopy:
    """One file, AES-256-GCM under the installation's key, readable by its owner only."""

    def __init__(self, path: Path, keys: Keyring) -> None:
        self.path = path
        self._keys = keys
        self._kept: Today | None = None

    def keep(self, today: Today) -> None:
        """Write it, where it has changed or is a minute old. Raises OSError (a full disk): the old copy stays."""
        before = self._kept
        if before is not None and today.made_at - before.made_at < REWRITE and _same(before, today):
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        sealed = self._keys.seal(json.dumps(as_json(today), ensure_ascii=False).encode(), PLACE)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        self._kept = today

    def read(self) -> Today | None:
        """The last copy; None: there is none yet. Raises CannotOpen for one that was altered or is another key's."""
        if self._kept is not None:
            return self._kept
        try:
            plain = self._keys.open(self.path.read_bytes(), PLACE)
        except FileNotFoundError:
            return None
        try:
            self._kept = from_json(json.loads(plain))
        except (KeyError, TypeError, ValueError) as error:
            raise CannotOpen(f"{self.path.name}: not a copy of ours ({type(error).__name__})") from error
        return self._kept


def _same(one: Today, other: Today) -> bool:
    return (one.people, one.numbers, one.readers) == (other.people, other.numbers, other.readers)
