"""Which alarms are paged now: news at once, what lasts again and again, an end with one word. Pure; kept as JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from callbot.schedule.window import EARLIEST, LATEST, SEOUL
from callbot.watch.alarms import Alarm

REPEAT = timedelta(minutes=30)
"""While it lasts it is paged again: whoever got the first page may be asleep."""
FLAPPING = timedelta(minutes=5)
"""An alarm that comes back so soon after it ended is the same one, and is not paged as news."""


@dataclass(frozen=True)
class Open:
    """An alarm that was there in the last round, or has just ended."""

    words: str
    since: datetime
    paged_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Journal:
    """Everything that is open, by the alarm's name."""

    open: dict[str, Open] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Times in ISO 8601."""
        return {
            name: {
                "words": one.words,
                "since": one.since.isoformat(),
                "paged_at": one.paged_at.isoformat() if one.paged_at else None,
                "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            }
            for name, one in self.open.items()
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Journal":
        """Raises KeyError, TypeError or ValueError for what is no journal."""
        return cls(
            {
                name: Open(one["words"], _time(one["since"]), _maybe(one["paged_at"]), _maybe(one["ended_at"]))
                for name, one in raw.items()
            }
        )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return _time(text) if text else None


@dataclass(frozen=True)
class News:
    """What to tell whom now."""

    journal: Journal
    to_page: tuple[Alarm, ...]
    """One message names them all."""
    over: tuple[str, ...]
    """Words of alarms that were paged and have ended."""


def follow(journal: Journal, alarms: Iterable[Alarm], now: datetime) -> News:
    """The journal after this round, and what is to be said."""
    present = {alarm.name: alarm for alarm in alarms}
    after: dict[str, Open] = {}
    to_page: list[Alarm] = []
    for name, alarm in present.items():
        known = journal.open.get(name)
        one = replace(known, words=alarm.words, ended_at=None) if known else Open(alarm.words, alarm.since)
        if _is_due(one, alarm, now):
            to_page.append(alarm)
            one = replace(one, paged_at=now)
        after[name] = one
    over: list[str] = []
    for name, one in journal.open.items():
        if name in present:
            continue
        if one.ended_at is None:
            one = replace(one, ended_at=now)  # noqa: PLW2901 - the same alarm, one step on
        if now - (one.ended_at or now) < FLAPPING:
            after[name] = one
        elif one.paged_at is not None:
            over.append(one.words)
    return News(Journal(after), tuple(to_page), tuple(over))


def _is_due(one: Open, alarm: Alarm, now: datetime) -> bool:
    if not alarm.urgent and not _daytime(now):
        return False
    return one.paged_at is None or now - one.paged_at >= REPEAT


def _daytime(now: datetime) -> bool:
    return EARLIEST <= now.astimezone(SEOUL).time() < LATEST
