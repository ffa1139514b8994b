"""Who is on the line in one call, and what they say to each line of the bot. Words come from the bank, by the person's state."""

import random
from dataclasses import dataclass, field

from callbot.simulate.weeks.assumptions import Rates
from callbot.simulate.weeks.habits import Fate, Habits
from callbot.simulate.weeks.network import Met
from callbot.simulate.weeks.sayings import Bank, Saying

SURE, UNSURE, HARDLY = 0.9, 0.45, 0.3
"""Confidences of recognition: three, so that what was understood can be remembered."""


@dataclass(frozen=True)
class Reaction:
    """What is done when a line has been heard."""

    saying: Saying | None = None
    """None: silence, or a key."""
    key: str = ""
    garbled: bool = False
    """Spoken, but nothing can be made of it."""
    confidence: float = SURE
    hangs_up: bool = False


@dataclass
class Speaker:
    """One call with one person. Decides by its own dice alone."""

    met: Met
    who: Habits
    fate: Fate
    bank: Bank
    rates: Rates
    dice: random.Random
    presses_keys: bool = False
    """Recognition is down: keys are what is left."""
    _whim: str = field(init=False)
    _asked: int = 0

    def __post_init__(self) -> None:
        chance, self._whim = self.dice.random(), ""
        rates = self.rates
        for share, whim in (
            (rates.refuse_today, "refuse"), (rates.busy_now, "busy"), (rates.hang_up, "hang_up"),
        ):  # fmt: skip
            if chance < share:
                self._whim = whim
                break
            chance -= share
        if self.fate.wants_no_calls:
            self._whim = "do_not_call"

    @property
    def announcement(self) -> str:
        """What the network says instead of ringing."""
        texts = self.bank.no_such_number if self.met is Met.NO_SUCH_NUMBER else self.bank.announcement
        return self.dice.choice(texts)

    def pickup(self) -> str:
        """First words; empty: none."""
        if self.met is Met.VOICEMAIL:
            return self.dice.choice(self.bank.voicemail)
        return "" if self.met is Met.SILENT else self.dice.choice(self.bank.pickup)

    def reacts(self, line_id: str) -> Reaction:
        """To a line that waits for an answer."""
        self._asked += 1
        if self.met in {Met.SILENT, Met.VOICEMAIL}:
            return Reaction()
        if self.met is not Met.PERSON:
            return self._somebody_else()
        if self._whim == "hang_up" and self._asked > self.dice.randrange(1, 9):
            return Reaction(hangs_up=True)
        if line_id.endswith(".keys"):
            return Reaction(key="1" if line_id.startswith("opening") or self.dice.random() < self.who.health else "2")
        if self.presses_keys or self.dice.random() < self.who.misheard:
            return Reaction(Saying("(잡음)", "unclear"), garbled=True)
        confidence = self.dice.choices((SURE, UNSURE, HARDLY), (0.93, 0.05, 0.02))[0]
        return Reaction(self._words(line_id), confidence=confidence)

    def over(self, line_id: str) -> Reaction | None:
        """While a line is spoken that asks nothing; hardly ever."""
        if self.met is Met.PERSON and line_id.endswith(".ok") and self.dice.random() < OVERLAPS:
            return Reaction(Saying("네", "ok", "notice"))
        return None

    def _somebody_else(self) -> Reaction:
        if self.met is Met.STRANGER:
            return Reaction(Saying(self.dice.choice(self.bank.wrong_number)))
        if self.fate.dead:
            return Reaction(Saying(self.dice.choice(self.bank.dead), "reported"))
        if self.fate.hospital_until is not None:
            return Reaction(Saying(self.dice.choice(self.bank.in_hospital), "reported"))
        return Reaction(Saying(self.dice.choice(self.bank.other_person)))

    def _words(self, line_id: str) -> Saying:
        group, _, rest = line_id.partition(".")
        topic = rest.partition(".")[0] if group == "opening" else "confirm" if group == "crisis" else group
        if self._whim and self._asked > 1 and topic in {"good_time", "health", "meals"}:
            whim, self._whim = self._whim, "" if self._whim != "do_not_call" else self._whim
            if whim in {"busy", "refuse", "do_not_call"}:
                return Saying(self.dice.choice(getattr(self.bank, whim)), whim, topic)
        distress = self.fate.distress
        if distress is not None and distress["topic"] == topic:
            return Saying(str(distress["say"]), "distress", topic)
        if rest.endswith("bad.ask"):
            return Saying(self.dice.choice(self.bank.follow_up), "follow_up", topic)
        labels = self.bank.topics.get(topic) or self.bank.topics["notice"]
        label = self._label(topic, labels)
        return Saying(self.dice.choice(labels[label]).format(name=self.who.name), label, topic)

    def _label(self, topic: str, labels: dict[str, tuple[str, ...]]) -> str:
        if topic == "confirm":
            return "bad" if self.fate.distress is not None else "ok"
        if "bad" not in labels:
            return "unclear" if "unclear" in labels and self.dice.random() < VAGUE else "ok"
        bad = self.rates.request if topic == "needs" else (1 - self.who.health) * BAD_SHARE
        chance = self.dice.random()
        return "bad" if chance < bad else "unclear" if chance < bad + VAGUE else "ok"


OVERLAPS = 0.03
VAGUE = 0.05
BAD_SHARE = 0.6
"""Of the answers of the frailest; a robust person hardly ever complains."""
