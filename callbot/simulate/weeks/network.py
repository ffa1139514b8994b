"""The invented telephone network: every number has a person, and every ring is written down before anything else happens."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from callbot.schedule.window import SEOUL
from callbot.simulate.weeks.assumptions import Rates
from callbot.simulate.weeks.evidence import Evidence
from callbot.simulate.weeks.habits import Fate, Habits


class Met(StrEnum):
    """What a ring meets."""

    PERSON = "person"
    SILENT = "silent"
    FAMILY = "family"
    STRANGER = "stranger"  # the number has a new owner
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    OFF = "off"
    NO_SUCH_NUMBER = "no_such_number"
    TRUNK_DOWN = "trunk_down"


@dataclass
class Network:
    """Telephones and the people behind them, as they are, whatever the ledger believes."""

    seed: int
    people: list[Habits]
    fates: list[Fate]
    evidence: Evidence
    rates: Rates
    start: datetime
    trunk_down_until: dict[str, float] = field(default_factory=dict)
    """Trunk -> simulated seconds; "": where no trunk is used."""
    by_number: dict[str, int] = field(init=False)
    on_the_phone: set[str] = field(default_factory=set)
    """Numbers whose people have called us and are on the line."""
    missed: Callable[[int, str], None] = lambda _person, _e164: None
    """Somebody's telephone shows a call that they did not hear."""
    _rings_of: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_number = {e164: one.number for one in self.people for e164 in one.numbers}

    def now(self) -> datetime:
        """True time: nobody's clock is wrong here."""
        return self.start + timedelta(seconds=asyncio.get_running_loop().time())

    def dice(self, person: int, what: str, count: int) -> random.Random:
        """The same person in the same situation does the same, whatever happened to others."""
        return random.Random(f"{self.seed}/{what}/{person}/{count}")

    def meet(self, e164: str, trunk: str = "") -> tuple[Met, random.Random, int]:
        """What a call to this number finds, now: (what, the person's dice, person)."""
        person = self.by_number[e164]
        if asyncio.get_running_loop().time() < self.trunk_down_until.get(trunk, 0.0):
            return Met.TRUNK_DOWN, self.dice(person, "trunk", 0), person
        if e164 in self.on_the_phone:
            return Met.BUSY, self.dice(person, "engaged", 0), person
        count = self._rings_of[person] = self._rings_of.get(person, 0) + 1
        dice = self.dice(person, "ring", count)
        return self._met(self.people[person], self.fates[person], e164, dice), dice, person

    def _met(self, who: Habits, fate: Fate, e164: str, dice: random.Random) -> Met:
        at = self.now().astimezone(SEOUL)
        if fate.moved:
            return Met.STRANGER if who.number % 2 else Met.NO_SUCH_NUMBER
        if fate.dead or fate.in_hospital(at):
            # Somebody clears the flat and answers, or the telephone lies switched off.
            return dice.choices((Met.FAMILY, Met.OFF, Met.NO_ANSWER), (0.4, 0.3, 0.3))[0]
        chance = dice.random()
        for share, met in (
            (who.off, Met.OFF),
            (who.busy, Met.BUSY),
            (who.voicemail, Met.VOICEMAIL),
            (0.004, Met.REJECTED),
        ):
            if chance < share:
                return met
            chance -= share
        hears = who.hears_it * (who.answers_outside if self._is_out(who, at) else 1.0)
        if len(who.numbers) > 1 and e164 != who.numbers[0]:
            hears *= 0.6  # the second number is a landline, or somebody's old mobile
        if dice.random() < hears:
            return Met.SILENT if dice.random() < self.rates.says_nothing else Met.PERSON
        return Met.FAMILY if dice.random() < who.family else Met.NO_ANSWER

    def can_ring_back(self, person: int, e164: str) -> bool:
        """They live, are at home, and their telephone is free."""
        fate = self.fates[person]
        gone = fate.dead or fate.moved or fate.in_hospital(self.now())
        return not gone and e164 not in self.evidence.busy and e164 not in self.on_the_phone

    def _is_out(self, who: Habits, at: datetime) -> bool:
        day = self.dice(who.number, "day", at.toordinal())
        if day.random() >= who.goes_out:
            return False
        begins, hours = day.uniform(8.5, 16.0), day.uniform(1.0, 5.0)
        return begins <= at.hour + at.minute / 60 < begins + hours
