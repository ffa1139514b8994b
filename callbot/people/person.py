"""The person who is called."""

from dataclasses import dataclass
from enum import StrEnum

from callbot.people.hearing_aid import NO_AID, HearingAid


class AddressForm(StrEnum):
    """How the person is addressed; never assumed, chosen per person."""

    ELDER = "어르신"
    TEACHER = "선생님"
    NEUTRAL = "님"


@dataclass(frozen=True)
class Callee:
    """Whom an attempt calls: what dialling, voice and dialogue need to know of a person."""

    person_id: int
    name: str
    address_form: AddressForm
    voice: str | None = None
    """None: the programme's voice."""
    aid: HearingAid = NO_AID
    """How we speak to them."""
    pauses_s: tuple[float, ...] = ()
    """Pauses inside their own sentences in earlier calls, newest last."""
    script_name: str | None = None
    """Instead of the programme's; None: the programme's."""


SHORT_NAME = 2


def masked_name(name: str) -> str:
    """김순자 -> 김O자, 남궁민수 -> 남OO수, 허준 -> 허O: for anything that leaves the building."""
    name = name.strip()
    if len(name) < SHORT_NAME:
        return "O"
    if len(name) == SHORT_NAME:
        return name[0] + "O"
    return name[0] + "O" * (len(name) - 2) + name[-1]


def age_in(birth_year: int | None, year: int) -> int | None:
    """Korean official age (만 나이) at the end of that year; only the year of birth is kept."""
    return None if birth_year is None else year - birth_year
