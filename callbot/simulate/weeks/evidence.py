"""What the world saw, written down beside the ledger and never read from it: rings, words, hand-overs. It convicts the ledger."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from callbot.schedule.window import SEOUL
from callbot.simulate.weeks.habits import Fate, Habits

MOST_RINGS_A_DAY = 8
"""No ladder in use rings anybody more often; somebody rung all day would be a broken promise, too."""
PAGE_WITHIN = timedelta(seconds=1)


@dataclass(frozen=True)
class AlarmingWords:
    """Somebody said it, and it was understood as grave."""

    person: int
    call_id: int
    at: datetime
    saved_by: datetime | None
    """When case and page were committed."""


@dataclass
class Evidence:
    """The line's own log. Every broken promise that it sees is counted by name."""

    violations: Counter[str] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)
    rings: Counter[str] = field(default_factory=Counter)
    """Telephones that rang, by attempt."""
    busy: set[str] = field(default_factory=set)
    """Numbers with a telephone that rings, or a call, of ours."""
    rung_today: Counter[tuple[int, date]] = field(default_factory=Counter)
    spoke: set[tuple[int, date]] = field(default_factory=set)
    """(person, day) on which the person themselves said something to us."""
    heard_back: set[tuple[int, date]] = field(default_factory=set)
    """(person, day) on which they called us, were heard, and nothing more was owed to them."""
    pressed: set[tuple[int, date]] = field(default_factory=set)
    handed_over: Counter[str] = field(default_factory=Counter)
    """What the provider accepted, by our reference."""
    received: Counter[str] = field(default_factory=Counter)
    """How often each page reached a telephone; twice only where the provider could not say that it had it."""
    grave: list[tuple[int, datetime]] = field(default_factory=list)
    """(person, moment) of words understood as high or emergency in a call, not yet looked up in the ledger."""
    said: Counter[str] = field(default_factory=Counter)
    """Labels of what was said and heard."""
    distress_said: list[tuple[int, datetime, str]] = field(default_factory=list)
    """(person, moment, labelled level) of every distress that a living telephone carried."""
    by_end: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def break_promise(self, name: str, what: str) -> None:
        """Count it; the first of each are kept in words (numbers of invented people only)."""
        self.violations[name] += 1
        if self.violations[name] <= KEPT:
            self.details.append(f"{name}: {what}")

    def ring(
        self, key: str, e164: str, person: Habits | None, fate: Fate | None, at: datetime, slack: timedelta
    ) -> None:
        """A telephone is about to ring. `at`: true time; `slack`: how wrong our clock is at this moment."""
        local = at.astimezone(SEOUL)
        where = f"{key} {local:%F %T}"
        attempt = key.partition(".")[0]  # the same attempt by another trunk has a key of its own
        self.rings[attempt] += 1
        if self.rings[attempt] > 1:
            self.break_promise("line: the same attempt rang twice", where)
        if e164 in self.busy:
            self.break_promise("line: rung while on the line with us", where)
        if person is None or fate is None:
            self.break_promise("line: a number of nobody was rung", where)
            return
        if not any(person.may_ring(local + by) for by in (timedelta(0), slack, -slack)):
            self.break_promise("line: rung outside the person's hours", where)
        if fate.withdrawn:
            self.break_promise("line: rung without consent", where)
        if fate.may_not_ring is not None:
            self.break_promise("line: rung during a hold", f"{where} {fate.may_not_ring}")
        today = (person.number, local.date())
        if today in self.heard_back:
            self.break_promise("line: rung after they had called us and were heard", where)
        self.rung_today[today] += 1
        if self.rung_today[today] == MOST_RINGS_A_DAY + 1:
            self.break_promise("line: rung too often on one day", where)

    def paged(self, recognised: datetime, committed: datetime, *, excused: bool) -> None:
        """An emergency's page was committed."""
        if committed - recognised > PAGE_WITHIN and not excused:
            self.break_promise("line: an emergency's page took more than a second", f"{recognised} {committed}")


KEPT = 5
