"""How a call can end from our side: the closing line, the reason of the hang-up, what it came to. One table."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from callbot.converse.outcome import ContactResult
from callbot.understand.meaning import Intent, Reported, Signal

Reason = Literal["done", "refused", "busy", "not_the_person", "machine", "silent", "too_long"]


@dataclass(frozen=True)
class _Ending:
    line: str | None
    reason: Reason
    result: ContactResult | None = None
    """Decides alone, whatever was said before."""
    otherwise: ContactResult = ContactResult.NO_CONTACT
    """Decides where there was no contact before."""


class Ending(Enum):
    """Every ending but the planned goodbye."""

    MACHINE = _Ending(None, "machine", ContactResult.NO_CONTACT)
    SILENT = _Ending("closing.silent", "silent")
    UNHEARD = _Ending("closing.unheard", "silent")
    NOT_HERE = _Ending("closing.not_here", "not_the_person")
    WRONG_NUMBER = _Ending("closing.wrong_number", "not_the_person", ContactResult.NO_CONTACT)
    BUSY = _Ending("closing.busy", "busy", otherwise=ContactResult.CALL_AGAIN)
    CUT_SHORT = _Ending("closing.cut_short", "busy")
    REFUSED = _Ending("closing.refused", "refused", otherwise=ContactResult.REFUSED)
    DO_NOT_CALL = _Ending("closing.do_not_call", "refused", ContactResult.DO_NOT_CALL)
    DEAD = _Ending("closing.reported.dead", "not_the_person", ContactResult.REPORTED)
    IN_HOSPITAL = _Ending("closing.reported.in_hospital", "not_the_person", ContactResult.REPORTED)
    MOVED = _Ending("closing.reported.moved", "not_the_person", ContactResult.REPORTED)
    TOO_LONG = _Ending("closing.too_long", "too_long")


REPORTED = {Reported.DEAD: Ending.DEAD, Reported.IN_HOSPITAL: Ending.IN_HOSPITAL, Reported.MOVED: Ending.MOVED}
WISHES = {Intent.DO_NOT_CALL: Ending.DO_NOT_CALL, Intent.REFUSE: Ending.REFUSED}
"""What ends a call whenever it is said; the stronger wish first."""


class Over(Exception):
    """The conversation ends here, with this ending."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.name)
        self.ending = ending


class EmergencyHeard(Exception):
    """Whatever we were talking about, an emergency changes the subject, and it is not changed back."""

    def __init__(self, signals: tuple[Signal, ...], *, confirmed: bool = False) -> None:
        super().__init__()
        self.signals = signals
        self.confirmed = confirmed
        """The clarifying question has been asked."""
