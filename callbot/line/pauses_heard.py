"""Pauses inside the turns of one call, also the one that we took for an end and spoke into."""

from dataclasses import dataclass, field

from callbot.listen.decisions import FlushPlayback, TurnOver

CUT_IN_S = 0.6
"""Who speaks again so soon after our reply began had not finished: nobody has heard enough of it to answer."""


@dataclass
class PausesHeard:
    """Seconds, in order."""

    pauses_s: list[float] = field(default_factory=list)
    cut_ins: int = 0
    _ended_s: float | None = None

    def turn(self, over: TurnOver) -> None:
        """A turn that was answered."""
        self.pauses_s += over.pauses
        self._ended_s = None if over.cut else over.voice_end_s

    def interrupted(self, flush: FlushPlayback, began_s: float) -> None:
        """Our line, which began at `began_s`, was broken off."""
        if self._ended_s is not None and flush.onset_s - began_s <= CUT_IN_S:
            self.cut_ins += 1
            self.pauses_s.append(round(flush.onset_s - self._ended_s, 2))
        self._ended_s = None
