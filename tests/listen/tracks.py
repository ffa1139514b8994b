"""Voice tracks written as drawings: one character is 20 ms x `STEPS`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callbot.listen.decisions import Decision
from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import ListenFor
from callbot.listen.turn import STEP_S, TurnReducer
from callbot.listen.turn_policy import Pauses, TurnPolicy

STEPS = 5
"""100 ms a character."""


def voice(drawing: str) -> list[float]:
    """`=` voice, `~` half a voice (0.42), anything else silence."""
    return [{"=": 0.9, "~": 0.42}.get(char, 0.02) for char in drawing for _ in range(STEPS)]


def line(drawing: str) -> list[bool]:
    """`#` where a line is playing."""
    return [char == "#" for char in drawing for _ in range(STEPS)]


SHORT = TurnPolicy(
    closed=Pauses(final=0.42, plain=0.42, bare=0.6, unknown=0.6, connective=1.4),
    open=Pauses(final=0.63, plain=0.63, bare=0.9, unknown=0.9, connective=1.7),
    decode_after_s=0.28,
)
"""Pauses that fit into a drawing; those of calls are long, and change with every measurement."""


@dataclass
class Call:
    """A reducer with its clock."""

    policy: TurnPolicy = SHORT
    text_after_s: float | None = None
    """Recognition takes this long; None: text never comes."""
    ending: SentenceEnding = SentenceEnding.UNKNOWN

    def __post_init__(self) -> None:
        self.reducer = TurnReducer(self.policy)
        self.at = 0.0
        self.log: list[tuple[float, Decision]] = []
        self._asked_at: float | None = None
        self._playing = True

    def listen(self, wanted: ListenFor | None, *, interruptible: bool = True) -> "Call":
        self.reducer.listen(wanted, self.at, interruptible=interruptible)
        self._playing = True
        return self

    def run(
        self, speech: Iterable[float], playing: Iterable[bool] = (), *, on: Callable[[Decision], None] = lambda _: None
    ) -> "Call":
        """Step through the track; a flushed line is silent from the next step."""
        lines = list(playing)
        for index, probability in enumerate(speech):
            self.at = round(self.at + STEP_S, 3)
            is_playing = self._playing and index < len(lines) and lines[index]
            for decision in self.reducer.step(self.at, probability, is_playing, self._text()):
                self.log.append((self.at, decision))
                name = type(decision).__name__
                if name == "DecodeNow":
                    self._asked_at = self.at
                if name in {"DropDecode", "TurnOver"}:
                    self._asked_at = None
                if name == "FlushPlayback":
                    self._playing = False
                on(decision)
        return self

    def _text(self) -> SentenceEnding | None:
        if self._asked_at is None or self.text_after_s is None or self.at - self._asked_at < self.text_after_s:
            return None
        return self.ending

    @property
    def names(self) -> list[str]:
        return [type(decision).__name__ for _, decision in self.log]

    def when(self, name: str) -> float:
        """Time of the only decision of this name."""
        (found,) = (at for at, decision in self.log if type(decision).__name__ == name)
        return found

    def the(self, name: str) -> Decision:
        (found,) = (decision for _, decision in self.log if type(decision).__name__ == name)
        return found
