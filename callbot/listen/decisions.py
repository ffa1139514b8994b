"""What the turn reducer decides; performed by callbot.line. Times: seconds on the call's clock (frames heard x 0.02)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DecodeNow:
    """Start recognising start_s..end_s; more may follow, then this is dropped."""

    id: int
    """Counts up from 1 within a call; a later decode replaces an earlier one."""
    start_s: float
    end_s: float


@dataclass(frozen=True)
class DropDecode:
    """Speech resumed: the decode's text is of half a sentence. Cancel it; forget its sentence ending."""

    id: int


@dataclass(frozen=True)
class FlushPlayback:
    """The person took the turn while the line was playing: stop it now."""

    onset_s: float
    """When the person began to speak, corrected for the detector's delay."""


@dataclass(frozen=True)
class TurnOver:
    """The person has finished. `decode_id` was announced by DecodeNow, at the latest in the same step."""

    start_s: float
    end_s: float
    decode_id: int
    cut: bool = False
    """True: longer than at_most_s, and still speaking."""
    pause_s: float = 0.0
    """The pause that was waited for; end of speech + pause_s is the endpoint from which our own delay counts."""
    pauses: tuple[float, ...] = ()
    """Silences inside the turn, seconds: how this person speaks (pause_model.py)."""
    voice_end_s: float = 0.0
    """The last voice; `end_s` is a little later."""


@dataclass(frozen=True)
class SilenceOver:
    """Nobody spoke for as long as was asked after the end of the line."""

    seconds: float


@dataclass(frozen=True)
class Overheard:
    """Speech that did not take the turn (a backchannel, or talk during a line): worth decoding, not an answer."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Resumed:
    """Speech again after TurnOver and before anything was said: `TurnReducer.reopen` joins it to the turn."""

    onset_s: float


@dataclass(frozen=True)
class Acknowledge:
    """The answer has been thought about too long: say "네" rather than nothing."""


Decision = DecodeNow | DropDecode | FlushPlayback | TurnOver | SilenceOver | Overheard | Resumed | Acknowledge
