"""The hours in which a person may be called. Always Asia/Seoul; fails closed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
EARLIEST = time(8, 0)
LATEST = time(21, 0)
"""Nobody is called from 21:00 to 08:00, whatever a window says (facts/korea.md, section 5: night limits)."""


class BadWindow(ValueError):
    """A window that cannot be read; whoever asks treats it as closed."""


@dataclass(frozen=True)
class Window:
    """Open from `opens` up to, not including, `closes`."""

    opens: time = time(9, 0)
    closes: time = time(18, 0)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise BadWindow(f"통화 시간대가 거꾸로입니다: {self.opens:%H:%M}-{self.closes:%H:%M}")

    def within_hard_stop(self) -> "Window | None":
        """This window less the night; None: nothing of it is left."""
        return self.overlap(EARLIEST, LATEST)

    def overlap(self, opens: time, closes: time) -> "Window | None":
        """What both have in common; None: nothing."""
        first, last = max(self.opens, opens), min(self.closes, closes)
        return Window(first, last) if first < last else None

    def is_open(self, now: datetime) -> bool:
        """At this instant, in Seoul."""
        inside = self.within_hard_stop()
        return inside is not None and inside.opens <= now.astimezone(SEOUL).time() < inside.closes

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing instants on a day in Seoul; None: closed all day."""
        inside = self.within_hard_stop()
        if inside is None:
            return None
        return (datetime.combine(day, inside.opens, SEOUL), datetime.combine(day, inside.closes, SEOUL))

    def next_open(self, at: datetime) -> datetime | None:
        """`at` itself while open, else the next opening; None: it never opens."""
        day = at.astimezone(SEOUL).date()
        for candidate in (day, day + timedelta(days=1)):
            hours = self.on(candidate)
            if hours is not None and at < hours[1]:
                return max(at, hours[0])
        return None


@lru_cache(maxsize=2000)
def read_time(text: str) -> time:
    """HH:MM and nothing else: `18:00-09:00` would be a time with a zone to the library. Raises BadWindow."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError as error:
        raise BadWindow(f"시각을 읽을 수 없습니다: {text!r} (예: 09:30)") from error


def read_window(opens: str | None, closes: str | None) -> Window | None:
    """The window, or None (closed) where either end is missing or unreadable, or they are the wrong way round."""
    if not opens or not closes:
        return None
    try:
        return Window(read_time(opens), read_time(closes))
    except BadWindow:
        return None


def narrowed(programme: Window | None, person: Window | None) -> Window | None:
    """A person's window inside the programme's; None: closed."""
    if programme is None:
        return None
    return programme if person is None else programme.overlap(person.opens, person.closes)
