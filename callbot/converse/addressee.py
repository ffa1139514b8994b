"""The person a call is for, as far as the conversation may know them."""

from dataclasses import dataclass, field

from callbot.converse.background import NOTHING, Background
from callbot.people.hearing_aid import NO_AID, HearingAid
from callbot.people.person import AddressForm

__all__ = ["AddressForm", "Addressee"]


@dataclass(frozen=True)
class Addressee:
    """Name and form of address, and who is calling."""

    name: str
    """Family and given name, e.g. `김순자`."""
    form: AddressForm = AddressForm.ELDER
    district: str = "광주광역시 동구청"
    """Who calls, as said in the first sentence."""
    callback: str = "062-000-0000"
    """The number to call back, as written (the voice reads it digit by digit)."""
    aid: HearingAid = NO_AID
    """How the call begins to speak to them."""
    unnamed: bool = False
    """Lines with their name cannot be spoken (no voice): they are asked for without it."""
    before: Background = field(default=NOTHING, hash=False)
    """What is known from earlier calls."""

    @property
    def call_name(self) -> str:
        """`김순자 어르신`, `박정호 님`."""
        return f"{self.name} {self.form}"
