"""The invented people: when they are at home, how long they let it ring, how often they answer. Assumptions in one place."""

import random
from dataclasses import dataclass, field
from datetime import datetime, time

from callbot.people.enrolment import Enrolment
from callbot.people.numbers import VIRTUAL_PREFIX
from callbot.people.person import AddressForm

NAMES = tuple(
    family + given for family in "김이박" for given in ("순자", "영수", "말순", "철수", "복희", "갑수", "옥분", "덕배")
)
"""Few, because what is said to one of a name is understood only once."""
VIRTUAL_PEOPLE = 4000
"""Virtual numbers 0000-3999 are first numbers, 4000-7999 second ones; workers have 9000 and above."""
SECOND = 4000


@dataclass(frozen=True)
class Habits:
    """One person. Probabilities are per ring."""

    number: int
    """Counts from 0; the reference in the ledger is `sim-<number>`."""
    name: str
    numbers: tuple[str, ...]
    weekdays: tuple[int, ...]
    preferred: str
    window: tuple[str, str] | None
    hears_it: float
    """Answers while at home and able to."""
    goes_out: float
    """Is out for some hours on a day."""
    answers_outside: float
    """A mobile telephone is heard outside, too, but less."""
    busy: float
    off: float
    voicemail: float
    family: float
    """Somebody else answers."""
    patience_s: float
    """Takes so long to reach the telephone."""
    misheard: float
    """Share of answers that recognition can make nothing of."""
    health: float
    """0 frail .. 1 robust: how often answers are bad."""
    guardian: bool

    @property
    def reference(self) -> str:
        return f"sim-{self.number}"

    def enrolment(self, worker: str) -> Enrolment:
        """As the import takes it."""
        return Enrolment(
            name=self.name,
            numbers=self.numbers,
            reference=self.reference,
            address=f"광주 동구 모의로 {self.number}",
            birth_year=1936 + self.number % 40,
            address_form=AddressForm.ELDER if self.number % 40 < 30 else AddressForm.NEUTRAL,  # noqa: PLR2004
            weekdays=self.weekdays,
            preferred_time=self.preferred,
            window=self.window,
            consent=True,
            guardian_number=f"+8210{30000000 + self.number}" if self.guardian else None,
            guardian_name="보호자" if self.guardian else None,
            worker=worker,
        )

    def may_ring(self, at: datetime) -> bool:
        """`at` in Seoul lies in the hours this person was promised; known without asking the ledger."""
        opens, closes = self.window or ("09:00", "18:00")
        return time.fromisoformat(opens) <= at.time() < time.fromisoformat(closes)


def number_of(person: int, *, second: bool = False, real: bool = False) -> str:
    """E.164. Up to 4,000 people may have numbers that no subscriber has; `real` ones need a (simulated) trunk."""
    if not real:
        return f"{VIRTUAL_PREFIX}{person + (SECOND if second else 0):04}"
    return f"+8210{(20000000 if not second else 40000000) + person:08}"


def draw(person: int, rng: random.Random, *, real: bool = False) -> Habits:
    """One in twenty hardly ever answers; a tenth want the morning or the afternoon only; a tenth are called twice a week."""
    hard_to_reach = rng.random() < HARD_TO_REACH
    days = rng.sample(range(1, 6), 2 if rng.random() < TWICE_A_WEEK else 1)
    window = rng.choice((("09:00", "12:00"), ("13:00", "18:00"))) if rng.random() < OWN_HOURS else None
    first_hour, last_hour = (int(text[:2]) for text in window or ("09:00", "17:00"))
    preferred = f"{rng.randrange(first_hour, max(last_hour - 1, first_hour + 1)):02}:{rng.choice(('00', '10', '20', '30', '40', '50'))}"
    return Habits(
        number=person,
        name=rng.choice(NAMES),
        numbers=(number_of(person, real=real), number_of(person, second=True, real=real))
        if rng.random() < TWO_NUMBERS
        else (number_of(person, real=real),),
        weekdays=tuple(sorted(days)),
        preferred=preferred,
        window=window,
        hears_it=rng.uniform(0.25, 0.55) if hard_to_reach else rng.uniform(0.75, 0.97),
        goes_out=rng.uniform(0.1, 0.5),
        answers_outside=rng.uniform(0.3, 0.7),
        busy=rng.uniform(0.0, 0.04),
        off=rng.uniform(0.0, 0.03),
        voicemail=rng.uniform(0.0, 0.02),
        family=rng.uniform(0.0, 0.03),
        patience_s=rng.uniform(3.0, 22.0),
        misheard=rng.uniform(0.01, 0.1),
        health=rng.betavariate(4, 1.3),
        guardian=rng.random() < GUARDIANS,
    )


HARD_TO_REACH = 0.05
TWICE_A_WEEK = 0.1
OWN_HOURS = 0.1
TWO_NUMBERS = 0.15
GUARDIANS = 0.3


@dataclass
class Fate:
    """What has become of somebody, as the world knows it. The ledger learns it only from calls and caseworkers."""

    dead: bool = False
    moved: bool = False
    hospital_until: datetime | None = None
    wants_no_calls: bool = False
    withdrawn: bool = False
    """Consent was withdrawn, and the withdrawal is committed."""
    distress: dict[str, object] | None = None
    """What is to be said in this week's call, if anything."""
    reported: bool = field(default=False)
    """Somebody has told us."""
    may_not_ring: str | None = None
    """A hold that the ledger has confirmed: the line must stay silent."""

    def in_hospital(self, at: datetime) -> bool:
        return self.hospital_until is not None and at < self.hospital_until
