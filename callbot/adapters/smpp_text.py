"""What travels in an SMPP message: text in parts, and the text of a delivery receipt."""

import re
from dataclasses import dataclass

UCS2, KSC5601 = 0x08, 0x0E
SINGLE, PART = 140, 134
"""Octets of a message on its own, and of a part after its six octets of header."""
RECEIPT, KIND = 0x04, 0x3C
"""esm_class: a delivery receipt, and the bits that say so."""
_FIELD = re.compile(rb"(?:^|\s)(id|stat|err):(\S*)", re.IGNORECASE)
_STATES = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD"}
_NEVER = frozenset({"EXPIRED", "DELETED", "UNDELIV", "REJECTD"})


class TooLong(ValueError):
    """More than 255 parts."""


@dataclass(frozen=True)
class Encoded:
    """Ready for submit_sm."""

    data_coding: int
    parts: tuple[bytes, ...]
    """With their concatenation headers where there are several."""

    @property
    def headed(self) -> bool:
        """Whether the parts begin with a user data header."""
        return len(self.parts) > 1


def encode(text: str, encoding: str, mark: int) -> Encoded:
    """`encoding`: ucs2, or cp949 where the carrier takes KS C 5601. `mark`: 0..255, the same in all parts of one message."""
    codec, coding = ("cp949", KSC5601) if encoding == "cp949" else ("utf-16-be", UCS2)
    whole = text.encode(codec)
    if len(whole) <= SINGLE:
        return Encoded(coding, (whole,))
    pieces = _pieces(text, codec)
    if len(pieces) > 255:  # noqa: PLR2004 - the header has one octet for it
        raise TooLong(f"{len(pieces)} parts")
    head = bytes((5, 0, 3, mark % 256, len(pieces)))
    return Encoded(coding, tuple(head + bytes((number,)) + piece for number, piece in enumerate(pieces, 1)))


def _pieces(text: str, codec: str) -> list[bytes]:
    """Cut between characters: half a syllable is no letter."""
    pieces = [b""]
    for character in text:
        octets = character.encode(codec)
        if len(pieces[-1]) + len(octets) > PART:
            pieces.append(b"")
        pieces[-1] += octets
    return pieces


@dataclass(frozen=True)
class SmppReceipt:
    """What an SMSC reports about one part."""

    message_id: str
    delivered: bool
    final: bool


def read_receipt(text: bytes, message_id: str | None, state: int | None) -> SmppReceipt | None:
    """From the optional parameters where they are there, else from the text `id:... stat:...`; None: no receipt."""
    fields = {name.decode().lower(): value.decode("ascii", "replace") for name, value in _FIELD.findall(text)}
    found = message_id or fields.get("id")
    stat = _STATES.get(state or 0) or fields.get("stat", "")[:7].upper()
    if not found or not stat:
        return None
    return SmppReceipt(found, stat == "DELIVRD", stat == "DELIVRD" or stat in _NEVER)


def decode(text: bytes, data_coding: int) -> str:
    """Of an SMS that somebody sent us."""
    if data_coding == UCS2:
        return text.decode("utf-16-be", "replace")
    return text.decode("cp949", "replace")
